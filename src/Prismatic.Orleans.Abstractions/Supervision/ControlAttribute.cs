namespace Prismatic.Supervision;

/// <summary>
/// Marks a grain interface, or one method of it, as control: it changes the tree, the rules or the lessons.
/// Silos sign such calls with the cluster's control key; without a fresh signature the grain refuses with
/// <see cref="ControlRefusedException"/>. An Orleans client holds no key, so it may read and never control.
/// </summary>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method)]
public sealed class ControlAttribute : Attribute;

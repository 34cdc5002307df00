using Prismatic.Storage;

namespace Prismatic.Tests.Storage;

/// <summary>A state that can tell when it makes no sense.</summary>
public sealed class Cases : ICheckedState
{
    public List<string> Open { get; set; } = [];

    public int Count { get; set; }

    public string? FindDamage() => Count == Open.Count ? null : $"it counts {Count} cases and lists {Open.Count}";

    public Cases Add(string name)
    {
        Open.Add(name);
        Count = Open.Count;
        return this;
    }
}

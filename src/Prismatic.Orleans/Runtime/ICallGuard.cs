namespace Prismatic.Runtime;

/// <summary>
/// Stands before all calls that come in, supervised or not. A part of <see cref="SupervisionCallFilter"/> and no filter of its own, since each
/// filter makes Orleans run one stage more for every call.
/// </summary>
internal interface ICallGuard
{
    /// <summary>
    /// Whether the call may go on; when it may not, its response says why. What it takes from the call's request context it takes before it
    /// returns: later, the rest of the call would not notice.
    /// </summary>
    Task<bool> Admits(IIncomingGrainCallContext context);
}

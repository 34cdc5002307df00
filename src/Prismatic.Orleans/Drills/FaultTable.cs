using Orleans.Runtime;
using Prismatic.Supervision;

namespace Prismatic.Drills;

/// <summary>A turn that a fault may strike.</summary>
/// <param name="Child">The child's path.</param>
/// <param name="Context">Its activation.</param>
/// <param name="Kind">What kind of turn.</param>
/// <param name="Request">The probe's argument, when the turn is a probe.</param>
/// <param name="Call">What the drill that made the call wrote onto it; null when it did not make it.</param>
internal readonly record struct StruckTurn(string Child, IGrainContext Context, CrashTriggerKind Kind, string? Request, DrilledCall? Call);

/// <summary>What a fault does to one turn or activation.</summary>
/// <param name="Target">The breaker that the turn goes through; null for none.</param>
/// <param name="Throw">Asked when the turn is reached, not when a breaker refuses it: what it throws, or null when it goes on after all.</param>
internal sealed record FaultStrike(string? Target, Func<ValueTask<Exception?>> Throw);

/// <summary>Decides which turns and activations fail. Asked on every turn of a supervised grain while it is set.</summary>
internal interface IFaultSource
{
    /// <summary>What happens to the turn; null when it goes on untouched.</summary>
    FaultStrike? InTurn(in StruckTurn turn);

    /// <summary>What happens to the activation; null when it goes on untouched.</summary>
    FaultStrike? InActivation(string child, IGrainContext context);
}

/// <summary>The faults of this silo; none while no drill runs.</summary>
internal sealed class FaultTable
{
    private volatile IFaultSource? _source;

    public IFaultSource? Source
    {
        get => _source;
        set => _source = value;
    }
}

/// <summary>What a drill writes onto each call that it makes, so that whether a fault strikes it depends on nothing else.</summary>
internal readonly record struct DrilledCall(string Child, long Ordinal, TimeSpan Due)
{
    /// <summary>The call in the request context of the running turn, when it was made for <paramref name="child"/>; it flows on into calls of others.</summary>
    public static DrilledCall? Current(string child)
    {
        if (RequestContext.Get(DrillMarks.Call) is not string text)
        {
            return null;
        }

        var parts = text.Split('\n');
        return parts.Length == 3 && parts[0] == child
            ? new DrilledCall(parts[0], long.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture), TimeSpan.FromTicks(long.Parse(parts[2], System.Globalization.CultureInfo.InvariantCulture)))
            : null;
    }

    public void Write() => RequestContext.Set(DrillMarks.Call, FormattableString.Invariant($"{Child}\n{Ordinal}\n{Due.Ticks}"));
}

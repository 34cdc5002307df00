using Orleans.Runtime;

namespace Prismatic.Runtime;

/// <summary>This silo's name in reports, and the sequence of what it reports. The generation is part of the name: a restarted silo is another.</summary>
internal sealed class SiloIdentity(ILocalSiloDetails silo)
{
    private readonly string _short = $"{(uint)silo.SiloAddress.GetConsistentHashCode():x8}";
    private long _sequence;

    public SiloAddress Address => silo.SiloAddress;

    public string Name { get; } = silo.SiloAddress.ToParsableString();

    public long NextSequence() => Interlocked.Increment(ref _sequence);

    /// <summary>An id for a crash: the trace of its call when there is one, made unique by silo and sequence.</summary>
    public string CrashId(long sequence)
    {
        var trace = System.Diagnostics.Activity.Current?.TraceId.ToHexString();
        return trace is null ? $"{_short}-{sequence:x}" : $"{trace}-{_short}-{sequence:x}";
    }
}

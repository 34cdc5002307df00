namespace Prismatic.Runtime;

/// <summary>Whether the hooks that supervision hangs on are alive: each has been seen to fire on this silo. Health names one that has not.</summary>
internal sealed class HookStatus
{
    private int _calls;
    private int _activations;
    private int _gates;

    /// <summary>Whether the silo is stopping; what ends then is not a crash.</summary>
    public bool Stopping { get; set; }

    /// <summary>Whether an activation should have been left behind and could not.</summary>
    public bool CannotAbandon { get; set; }

    public void CallSeen() => Seen(ref _calls);

    /// <summary>Whether Orleans tells this silo of the lives of its activations.</summary>
    public bool HearsActivations => Volatile.Read(ref _activations) != 0;

    public void ActivationSeen() => Seen(ref _activations);

    public void GateSeen() => Seen(ref _gates);

    /// <summary>The hooks that have not fired although the silo has live supervised activations.</summary>
    public IEnumerable<string> Silent()
    {
        if (Volatile.Read(ref _calls) == 0)
        {
            yield return "the call filter";
        }

        if (Volatile.Read(ref _activations) == 0)
        {
            yield return "the activation events of Orleans";
        }

        if (Volatile.Read(ref _gates) == 0)
        {
            yield return "the gate in the grain lifecycle";
        }

        if (CannotAbandon)
        {
            yield return "leaving behind activations whose turn does not end";
        }
    }

    /// <summary>Called with each call and each start: written once, so that the threads of the silo do not take the cache line from each other.</summary>
    private static void Seen(ref int hook)
    {
        if (Volatile.Read(ref hook) == 0)
        {
            Volatile.Write(ref hook, 1);
        }
    }
}

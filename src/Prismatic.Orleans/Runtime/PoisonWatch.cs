namespace Prismatic.Runtime;

/// <summary>What is known of a request that has just crashed a child.</summary>
internal enum Suspicion
{
    /// <summary>Nothing speaks against it yet.</summary>
    None,

    /// <summary>This crash proves it: it had crashed two clean incarnations while others were served.</summary>
    JustProven,

    /// <summary>It was proven before.</summary>
    Proven,
}

/// <summary>
/// Tells a poisonous request from a sick worker: a request, by method and arguments, that has crashed two clean incarnations while others
/// were served in between is at fault itself. Remembers the last few requests that crashed one child.
/// </summary>
internal sealed class PoisonWatch
{
    private const int Remembered = 8;

    /// <summary>Mostly one or none. In a storm thousands of gates hold such an array, which a list around it would make one object more.</summary>
    private Suspect[] _suspects = [];

    /// <summary>The request that crashed since anything was served, and whether others did as well.</summary>
    private (int Request, bool Others)? _lately;

    /// <summary>Whether no other request has crashed since something was served. When different requests crash, the worker is sick, whatever is known of its failure.</summary>
    public bool OnlyOneLately => _lately is null or { Others: false };

    /// <summary>A request was served: others that crashed did so while the worker was well, and this one is at fault no more.</summary>
    public void Served(int request)
    {
        _lately = null;
        var at = Find(request);
        if (at >= 0)
        {
            _suspects = [.. _suspects.AsSpan(..at), .. _suspects.AsSpan((at + 1)..)];
        }

        foreach (ref var suspect in _suspects.AsSpan())
        {
            suspect.OthersServed = true;
        }
    }

    /// <summary>A request crashed a fresh incarnation. It is at fault itself from the third crash on.</summary>
    public Suspicion Crashed(int request)
    {
        _lately = (request, _lately is { } before && (before.Others || before.Request != request));
        var at = Find(request);
        if (at < 0)
        {
            _suspects = [.. _suspects.AsSpan(_suspects.Length == Remembered ? 1 : 0), new Suspect { Request = request, Crashes = 1 }];
            return Suspicion.None;
        }

        ref var suspect = ref _suspects[at];
        var proven = suspect.Proven;
        suspect.Proven = suspect.Crashes >= 2 && suspect.OthersServed;
        suspect.Crashes++;
        return !suspect.Proven ? Suspicion.None : proven ? Suspicion.Proven : Suspicion.JustProven;
    }

    private int Find(int request)
    {
        var at = _suspects.Length - 1;
        while (at >= 0 && _suspects[at].Request != request)
        {
            at--;
        }

        return at;
    }

    private struct Suspect
    {
        public int Request;
        public int Crashes;
        public bool OthersServed;
        public bool Proven;
    }
}

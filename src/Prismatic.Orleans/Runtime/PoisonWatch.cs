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

    private readonly List<(int Request, int Crashes, bool OthersServed, bool Proven)> _suspects = new(1);

    /// <summary>The request that crashed since anything was served, and whether others did as well.</summary>
    private (int Request, bool Others)? _lately;

    /// <summary>Whether no other request has crashed since something was served. When different requests crash, the worker is sick, whatever is known of its failure.</summary>
    public bool OnlyOneLately => _lately is null or { Others: false };

    /// <summary>A call of another request was served.</summary>
    public void Served(int request)
    {
        _lately = null;
        for (var i = 0; i < _suspects.Count; i++)
        {
            if (_suspects[i].Request != request)
            {
                _suspects[i] = _suspects[i] with { OthersServed = true };
            }
            else
            {
                _suspects.RemoveAt(i--);
            }
        }
    }

    /// <summary>A request crashed a fresh incarnation. It is at fault itself from the third crash on.</summary>
    public Suspicion Crashed(int request)
    {
        _lately = (request, _lately is { } before && (before.Others || before.Request != request));
        var at = 0;
        while (at < _suspects.Count && _suspects[at].Request != request)
        {
            at++;
        }

        if (at == _suspects.Count)
        {
            _suspects.Add((request, 1, false, false));
            if (_suspects.Count > Remembered)
            {
                _suspects.RemoveAt(0);
            }

            return Suspicion.None;
        }

        var (_, crashes, othersServed, proven) = _suspects[at];
        var guilty = crashes >= 2 && othersServed;
        _suspects[at] = (request, crashes + 1, othersServed, guilty);
        return !guilty ? Suspicion.None : proven ? Suspicion.Proven : Suspicion.JustProven;
    }
}

namespace Prismatic.Peers;

/// <summary>One of those that are measured side by side.</summary>
internal interface IPeer : IAsyncDisposable
{
    /// <summary>The column's name.</summary>
    string Name { get; }

    /// <summary>Crash to next successful answer of one child, crash after crash, in microseconds.</summary>
    Task<IReadOnlyList<double>> Restarts(int count);

    /// <summary>All children crash; how long until all have been restarted and have answered again, once for each run.</summary>
    Task<IReadOnlyList<StormTime>> Storm(int supervisors, int children, int runs);

    /// <summary>Calls per second that so many clients make to a child each.</summary>
    Task<double> Calls(int clients, TimeSpan duration);
}

/// <summary>How long a storm took.</summary>
/// <param name="Answered">First crash until all have answered again, in milliseconds.</param>
/// <param name="Reported">First crash until all of it is counted, judged, stored and learned from, where somebody does that.</param>
/// <param name="Allocated">Bytes allocated in this process until all have answered again, by whoever works meanwhile.</param>
/// <param name="Paused">How long the garbage collector stopped the process meanwhile, in milliseconds.</param>
internal readonly record struct StormTime(double Answered, double? Reported = null, long Allocated = 0, double Paused = 0);

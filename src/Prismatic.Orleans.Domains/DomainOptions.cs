namespace Prismatic.Domains;

/// <summary>Where the workers keep files and what they may look at.</summary>
public sealed class DomainOptions
{
    /// <summary>
    /// The directory of the document journals; made when it is missing. Default <c>data/domains</c> below the program's directory.
    /// Not used where the host keeps documents in its database, as the platform's does in a cluster: there the storage coordinator may move.
    /// </summary>
    public string DataDirectory { get; set; } = Path.Combine(AppContext.BaseDirectory, "data", "domains");

    /// <summary>The directory that list files are read from; a path that leads out of it is refused. Default: the invented samples that ship with the program.</summary>
    public string ListDirectory { get; set; } = Path.Combine(AppContext.BaseDirectory, "Samples");

    /// <summary>Host names and addresses that the perimeter scanner may inspect besides loopback and private addresses. Default none.</summary>
    public ISet<string> AllowedTargets { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>The name server for mail inspections, as <c>ip:port</c>. Default none, which makes such inspections fail.</summary>
    public string? NameServer { get; set; }

    /// <summary>The most that the cache holds. Default 64 MB, at least 1 kB.</summary>
    public long CacheBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>The time that one source has to answer. Default 5 s, more than zero.</summary>
    public TimeSpan SourceTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a pipeline stage that crashed waits for its next attempt, when the activation survived. Default 2 s, at least 10 ms.</summary>
    public TimeSpan PipelineRetry { get; set; } = TimeSpan.FromSeconds(2);

    internal string ListPath(string path, string parameter)
    {
        var root = Path.GetFullPath(ListDirectory);
        var full = Path.GetFullPath(path, root);
        Demand.That(
            full.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal),
            parameter,
            $"'{path}' is not below the list directory, {root}.");
        return full;
    }
}

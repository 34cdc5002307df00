namespace Prismatic.Supervision;

/// <summary>When a child that ended is started again. The names and the rules are OTP's (<c>supervisor</c>, restart type).</summary>
[GenerateSerializer, Alias("prismatic.RestartType")]
public enum RestartType
{
    /// <summary>Always, also after a normal end. The default.</summary>
    Permanent,

    /// <summary>Only after an abnormal end: an exception, a kill, a lost silo. After <see cref="ExitReason.Normal"/> or <see cref="ExitReason.Shutdown"/> its specification stays and it can be started by hand.</summary>
    Transient,

    /// <summary>Never; its specification goes with it. It is also not started again when it was stopped because of a sibling.</summary>
    Temporary,
}

/// <summary>When a supervisor ends by itself because its significant children did. OTP 24's <c>auto_shutdown</c> (EEP 56).</summary>
[GenerateSerializer, Alias("prismatic.AutoShutdown")]
public enum AutoShutdown
{
    /// <summary>Never. The default; no child may be significant then.</summary>
    Never,

    /// <summary>When any significant child has ended by itself.</summary>
    AnySignificant,

    /// <summary>When the last significant child has ended by itself.</summary>
    AllSignificant,
}

/// <summary>How long a child may take to stop: a time, for ever, or none at all.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.Shutdown")]
public readonly record struct Shutdown
{
    private Shutdown(TimeSpan? limit) => Limit = limit;

    /// <summary>
    /// The time from the request to stop until the child is killed: its running turn can not be aborted in .NET, so it is fenced, which means that
    /// calls go to a new activation and that what the old one still writes is refused. Null: for ever. Zero: at once.
    /// </summary>
    [Id(0)]
    public TimeSpan? Limit { get; init; }

    /// <summary>Fenced at once, without being asked.</summary>
    public static Shutdown BrutalKill { get; } = new(TimeSpan.Zero);

    /// <summary>Waits for ever: for supervisors, whose children have limits of their own.</summary>
    public static Shutdown Infinity { get; } = new(null);

    /// <summary>Waits for <paramref name="limit"/>, from 0 to 1 day. OTP's default for workers is 5 s.</summary>
    public static Shutdown After(TimeSpan limit) => new(limit);

    /// <summary>As OTP writes it: <c>brutal_kill</c>, <c>infinity</c> or milliseconds.</summary>
    public override string ToString() => Limit switch
    {
        null => "infinity",
        { Ticks: 0 } => "brutal_kill",
        { } limit => $"{limit.TotalMilliseconds:0} ms",
    };
}

/// <summary>
/// A child as it is given to a supervisor at run time. The grain's type must have been declared for that supervisor
/// (<c>Accepts</c>, or the type of a dynamic supervisor), because every silo has to know at its start what it supervises.
/// </summary>
[GenerateSerializer, Immutable, Alias("prismatic.ChildSpec")]
public sealed record ChildSpec
{
    /// <summary>Unique among its siblings; 1 to 100 characters, no <c>/</c>. For a child of a dynamic supervisor: ignored, the grain's key is its id.</summary>
    [Id(0)] public required string Id { get; init; }

    /// <summary>The grain.</summary>
    [Id(1)] public required GrainId Grain { get; init; }

    /// <summary>When it is started again. Default <see cref="RestartType.Permanent"/>.</summary>
    [Id(2)] public RestartType Restart { get; init; }

    /// <summary>How long it may take to stop. Default 5 s, OTP's for workers.</summary>
    [Id(3)] public Shutdown Shutdown { get; init; } = Shutdown.After(TimeSpan.FromSeconds(5));

    /// <summary>Whether its end can end the supervisor: see <see cref="AutoShutdown"/>. Default false. Not for permanent children.</summary>
    [Id(4)] public bool Significant { get; init; }

    /// <summary>The specification of a grain with OTP's defaults, under its key as id.</summary>
    /// <param name="grain">A grain reference.</param>
    /// <param name="id">The child's id; default: the grain's key.</param>
    public static ChildSpec For(IAddressable grain, string? id = null)
    {
        ArgumentNullException.ThrowIfNull(grain);
        var known = grain.GetGrainId();
        return new ChildSpec { Id = id ?? known.Key.ToString()!, Grain = known };
    }
}

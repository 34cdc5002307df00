using System.Text.Json.Serialization;

namespace Prismatic.Remediation;

/// <summary>
/// What is done about a crash: one value of a closed set of five. Data can choose among them and set their
/// parameters; it can never name code to run.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(RestartWithBackoff), nameof(RestartWithBackoff))]
[JsonDerivedType(typeof(RestartWithStateReset), nameof(RestartWithStateReset))]
[JsonDerivedType(typeof(RedirectToFallback), nameof(RedirectToFallback))]
[JsonDerivedType(typeof(CircuitBreak), nameof(CircuitBreak))]
[JsonDerivedType(typeof(Escalate), nameof(Escalate))]
[GenerateSerializer, Immutable, Alias("prismatic.Remediation")]
public abstract record RemediationAction
{
    private protected RemediationAction()
    {
    }

    /// <summary>The action's name as the API, the metrics and the drills write it.</summary>
    public abstract string Name { get; }

    /// <summary>The action with its parameters, as a sentence for the person on call.</summary>
    public abstract string Describe();
}

/// <summary>End the activation; nobody may run until a delay has passed, which grows while the child keeps crashing.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.RestartWithBackoff")]
public sealed record RestartWithBackoff : RemediationAction
{
    /// <summary>The delay after the first crash of a stable run. Default zero: restart at once. Not negative.</summary>
    [Id(0)] public TimeSpan First { get; init; } = TimeSpan.Zero;

    /// <summary>The shortest delay after a repeated crash. Default 1 s. Not negative, at most <see cref="Max"/>.</summary>
    [Id(1)] public TimeSpan Initial { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest delay. Default 30 s.</summary>
    [Id(2)] public TimeSpan Max { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How much longer each delay can be than the one before. Default 3; from 1, which keeps it the same, to 100.
    /// </summary>
    [Id(3)] public double Factor { get; init; } = 3;

    /// <summary>How chance changes the delay. Default <see cref="BackoffJitter.Decorrelated"/>.</summary>
    [Id(4)] public BackoffJitter Jitter { get; init; } = BackoffJitter.Decorrelated;

    /// <summary>
    /// After how many restarts that did not help the rule's ladder goes on. Default 5; 0 never gives up; at most 1,000. Says nothing in a
    /// worker's own restart policy, which has no ladder.
    /// </summary>
    [Id(5)] public int GiveUpAfter { get; init; } = 5;

    /// <inheritdoc/>
    public override string Name => nameof(RestartWithBackoff);

    /// <inheritdoc/>
    public override string Describe() =>
        Max == TimeSpan.Zero ? "restart at once" : $"restart after {First.TotalSeconds:0.###} s, then {Initial.TotalSeconds:0.###}..{Max.TotalSeconds:0.###} s";
}

/// <summary>How chance changes a delay, so that children that crashed together do not return together.</summary>
[GenerateSerializer, Alias("prismatic.BackoffJitter")]
public enum BackoffJitter
{
    /// <summary>Drawn between the initial delay and the factor times the delay before.</summary>
    Decorrelated,

    /// <summary>Drawn between zero and the delay that the factor gives.</summary>
    Full,

    /// <summary>Drawn between half of the delay that the factor gives and all of it.</summary>
    Equal,

    /// <summary>The delay that the factor gives, without chance.</summary>
    None,
}

/// <summary>End the activation; its state facet puts back the last known-good state and keeps the replaced bytes. Only on evidence from the facet.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.RestartWithStateReset")]
public sealed record RestartWithStateReset : RemediationAction
{
    /// <inheritdoc/>
    public override string Name => nameof(RestartWithStateReset);

    /// <inheritdoc/>
    public override string Describe() => "restart with the last known-good state";
}

/// <summary>Send the child's calls to its declared fallback for a while. Without a fallback the target that the crash names is broken for as long, and without a target the child restarts with backoff.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.RedirectToFallback")]
public sealed record RedirectToFallback : RemediationAction
{
    /// <summary>How long, before the child itself is tried again. Default 30 s. Positive.</summary>
    [Id(0)] public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public override string Name => nameof(RedirectToFallback);

    /// <inheritdoc/>
    public override string Describe() => $"let the fallback answer for {Duration.TotalSeconds:0.###} s";
}

/// <summary>Open the breaker of the target that failed; calls to it are refused at once until the duration has passed.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.CircuitBreak")]
public sealed record CircuitBreak : RemediationAction
{
    /// <summary>The breaker's target, or null for the one that the crash names (its external target, else the child itself).</summary>
    [Id(0)] public string? Target { get; init; }

    /// <summary>How long it stays open before one probe. Default 30 s. Positive.</summary>
    [Id(1)] public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public override string Name => nameof(CircuitBreak);

    /// <inheritdoc/>
    public override string Describe() => $"break the circuit to {Target ?? "the failing target"} for {Duration.TotalSeconds:0.###} s";
}

/// <summary>Open a ticket for a person; the child meanwhile gets the default restart.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.Escalate")]
public sealed record Escalate : RemediationAction
{
    /// <summary>Why nothing else was done, such as <c>unknown failure pattern</c>.</summary>
    [Id(0)] public string Reason { get; init; } = "unknown failure pattern";

    /// <inheritdoc/>
    public override string Name => nameof(Escalate);

    /// <inheritdoc/>
    public override string Describe() => $"open a ticket: {Reason}";
}

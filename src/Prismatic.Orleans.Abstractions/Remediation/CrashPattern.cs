using System.Collections.Immutable;
using Prismatic.Lessons;
using Prismatic.Supervision;

namespace Prismatic.Remediation;

/// <summary>Which crashes a rule is for. Every part that is set must match; an empty pattern matches everything.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.CrashPattern")]
public sealed record CrashPattern
{
    /// <summary>A signature hash: exactly these crashes. What lessons use.</summary>
    [Id(0)] public string? Signature { get; init; }

    /// <summary>The full name of an exception type that stands, itself or as a base type, anywhere in the chain.</summary>
    [Id(1)] public string? ExceptionType { get; init; }

    /// <summary>A code of an exception in the chain, such as <c>socket</c>.</summary>
    [Id(2)] public string? Code { get; init; }

    /// <summary>The values that <see cref="Code"/> may have, such as <c>ConnectionRefused</c>; empty: any.</summary>
    [Id(3)] public ImmutableArray<string> CodeValues { get; init; } = [];

    /// <summary>Text that a message of the chain contains, ignoring case.</summary>
    [Id(4)] public string? MessageContains { get; init; }

    /// <summary>A namespace or method prefix of one of the stack's frames.</summary>
    [Id(5)] public string? FrameStartsWith { get; init; }

    /// <summary>A child, or a supervisor with all below it.</summary>
    [Id(6)] public string? Under { get; init; }

    /// <summary>The failure class.</summary>
    [Id(7)] public FailureClass? Class { get; init; }

    /// <summary>Only crashes that our own state facet raised.</summary>
    [Id(8)] public bool StateDamaged { get; init; }

    /// <summary>Only crashes that name the external target that was being called.</summary>
    [Id(9)] public bool TargetKnown { get; init; }

    /// <summary>The normalised message of an exception in the chain, whole, as lessons show it: ids, names and numbers are placeholders.</summary>
    [Id(10)] public string? MessageTemplate { get; init; }

    /// <summary>
    /// A regular expression that a message of the chain contains. At most 200 characters, tried on the first 2,000 of the message; run without
    /// backtracking, so that no text makes it slow: look-arounds and back references are refused. Culture-invariant; heeds case unless it
    /// begins with <c>(?i)</c>.
    /// </summary>
    [Id(11)] public string? MessageRegex { get; init; }

    /// <summary>The worker's type as crashes name it, such as <c>ISourceManagerGrain</c>.</summary>
    [Id(12)] public string? Worker { get; init; }

    /// <summary>
    /// Who is to blame. Rules are asked about a worker's own crashes; one that names <see cref="Supervision.Blame.Request"/> or
    /// <see cref="Supervision.Blame.Dependency"/> is asked about those, which restart nobody, and can only break a circuit.
    /// </summary>
    [Id(13)] public Blame? Blame { get; init; }

    /// <summary>Only crashes of a start: the constructor, the read of the state, or OnActivateAsync.</summary>
    [Id(14)] public bool FailedStart { get; init; }

    /// <summary>The pattern as the second part of a sentence that begins with "when".</summary>
    public string Describe()
    {
        var parts = Parts().ToList();
        return parts.Count == 0 ? "nothing else matches" : string.Join(" and ", parts);
    }

    private IEnumerable<string> Parts()
    {
        if (Signature is not null)
        {
            yield return $"the crash has the signature {Signature}";
        }

        if (StateDamaged)
        {
            yield return "the worker's stored state was found damaged";
        }

        if (ExceptionType is not null)
        {
            yield return $"a {ExceptionType} is in the chain";
        }

        if (Code is not null)
        {
            yield return CodeValues.IsDefaultOrEmpty
                ? $"there is a {Code} code"
                : $"the {Code} code is {string.Join(" or ", CodeValues)}";
        }

        if (MessageTemplate is not null)
        {
            yield return $"a message reads '{MessageTemplate}'";
        }

        if (MessageContains is not null)
        {
            yield return $"a message contains '{MessageContains}'";
        }

        if (MessageRegex is not null)
        {
            yield return $"a message matches /{MessageRegex}/";
        }

        if (FrameStartsWith is not null)
        {
            yield return $"a frame starts with {FrameStartsWith}";
        }

        if (FailedStart)
        {
            yield return "the worker failed to start";
        }

        if (TargetKnown)
        {
            yield return "the external target is known";
        }

        if (Class is not null)
        {
            yield return $"the failure class is {Class}";
        }

        if (Blame is not null)
        {
            yield return $"the blame is on the {Blame.Value.ToString().ToLowerInvariant()}";
        }

        if (Worker is not null)
        {
            yield return $"the worker is {Worker}";
        }

        if (Under is not null)
        {
            yield return $"the child is {Under} or below it";
        }
    }
}

using System.Collections.Immutable;
using Prismatic.Lessons;
using Prismatic.Remediation;
using Prismatic.Supervision;

namespace Prismatic.Tests.Remediation;

/// <summary>Makes crash facts, rules and the match that a test is about; only what matters to the test is named.</summary>
internal static class Crash
{
    public static CrashFacts Facts(params ExceptionFact[] chain) => new() { Exceptions = [.. chain], Child = "prismatic/osint/source-manager" };

    public static CrashFacts Of(string type, string message = "", string[]? baseTypes = null, (string Name, string Value)? code = null) =>
        Facts(Fact(type, message, baseTypes, code));

    public static ExceptionFact Fact(string type, string message = "", string[]? baseTypes = null, (string Name, string Value)? code = null) => new()
    {
        Type = type,
        Message = message,
        BaseTypes = [.. baseTypes ?? []],
        Codes = code is { } known ? ImmutableDictionary<string, string>.Empty.Add(known.Name, known.Value) : ImmutableDictionary<string, string>.Empty,
    };

    public static RemediationRule Rule(string id, CrashPattern pattern, RemediationAction? action = null, int priority = 0, RuleOrigin origin = RuleOrigin.Registered) =>
        new() { Id = id, Pattern = pattern, Action = action ?? new RestartWithBackoff(), Priority = priority, Origin = origin };

    public static RuleSnapshot Snapshot(params RemediationRule[] rules) => RuleSnapshot.From(new RuleTable { Version = 1, Rules = [.. rules] });

    public static RuleMatch Decide(this RuleSnapshot snapshot, CrashFacts facts) => snapshot.Decide(facts, "sig", FailureClass.ExternalDependency);
}

using Orleans.Runtime;
using Prismatic.Lessons;
using Prismatic.Remediation;
using Prismatic.Runtime;
using Prismatic.Supervision;

namespace Prismatic.Tests.Supervision;

/// <summary>What silos report, for tests that say only what matters to them.</summary>
internal static class Reports
{
    /// <summary>A child that crashed in a call and restarts at once.</summary>
    public static CrashReport Crash(string child, string silo = "one", long sequence = 1, string? activation = null) => new()
    {
        CrashId = $"{silo}-{sequence}{activation}",
        Sequence = sequence,
        Silo = silo,
        Child = child,
        GrainId = GrainId.Create("grain", ChildPath.Name(child)).ToString(),
        ActivationId = activation ?? $"@{silo}-{sequence}",
        Trigger = CrashTriggerKind.Call,
        Method = "IGrain.Crash",
        Facts = new CrashFacts { Exceptions = [new ExceptionFact { Type = "System.IO.InvalidDataException", Message = "cannot read" }] },
        Signature = "0123456789abcdef",
        Group = "0123456789abcdef",
        Class = FailureClass.LogicError,
        Action = new RestartWithBackoff { First = TimeSpan.Zero, Initial = TimeSpan.Zero, Max = TimeSpan.Zero },
        Rule = "default",
        Restarted = true,
    };
}

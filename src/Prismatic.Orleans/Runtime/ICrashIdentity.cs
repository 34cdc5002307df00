using Prismatic.Lessons;
using Prismatic.Supervision;

namespace Prismatic.Runtime;

/// <summary>What a crash is known by: its signature's stable hash and its failure class.</summary>
internal readonly record struct CrashIdentity(string Signature, FailureClass Class);

/// <summary>Identifies a crash from its facts, the same way on every silo. Lets a feature that is asked about a crash decide as a silo would.</summary>
internal interface ICrashIdentity
{
    /// <summary>The identity of <paramref name="facts"/>.</summary>
    CrashIdentity Identify(CrashFacts facts);
}

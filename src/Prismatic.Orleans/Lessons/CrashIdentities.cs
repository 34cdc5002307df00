using Prismatic.Runtime;
using Prismatic.Supervision;

namespace Prismatic.Lessons;

/// <inheritdoc cref="ICrashIdentity"/>
internal sealed class CrashIdentities : ICrashIdentity
{
    public CrashIdentity Identify(CrashFacts facts) => new(CrashSignature.Of(facts).Hash, FailureClassifier.Classify(facts));
}

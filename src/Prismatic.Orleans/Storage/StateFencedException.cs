using Prismatic.Supervision;

namespace Prismatic.Storage;

/// <summary>
/// The activation that tried to write was left behind: its turn outlasted its deadline or its shutdown limit, and another activation may
/// serve by now. Nothing was written. Not a crash; a worker need not catch it.
/// </summary>
[GenerateSerializer, Alias("prismatic.StateFencedException")]
public sealed class StateFencedException : SupervisionRefusedException
{
    /// <summary>The refusal of a write of the state <paramref name="stateName"/>.</summary>
    public StateFencedException(string stateName, string grain)
        : base($"The state '{stateName}' of {grain} was not written: this activation outlasted its limit and was left behind.", grain, null)
    {
    }
}

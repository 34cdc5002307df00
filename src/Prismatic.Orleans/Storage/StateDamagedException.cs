namespace Prismatic.Storage;

/// <summary>
/// A stored record could not be read, or its own check refused it. Only the state facet throws this, and only this is evidence for a
/// state reset: a JsonException of a remote answer looks like damage and is not.
/// </summary>
[GenerateSerializer, Alias("prismatic.StateDamagedException")]
public sealed class StateDamagedException : Exception
{
    /// <summary>Damage of the record <paramref name="stateName"/>.</summary>
    public StateDamagedException(string stateName, string grain, string damage)
        : base($"The stored state '{stateName}' of {grain} cannot be used: {damage}")
    {
        StateName = stateName;
    }

    /// <summary>The state's name.</summary>
    [Id(0)]
    public string StateName { get; private set; }
}

namespace Prismatic.Lessons;

/// <summary>One signature of a group, with what it is compared by. A group is no record of its own: it is its members.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.GroupMember")]
internal sealed record GroupMember
{
    /// <summary>The group: the signature that founded it, unless a split named it otherwise.</summary>
    [Id(0)] public required string Group { get; init; }

    /// <summary>The signature.</summary>
    [Id(1)] public required string Signature { get; init; }

    /// <summary>The features of its crashes.</summary>
    [Id(2)] public required CrashFeatures Features { get; init; }
}

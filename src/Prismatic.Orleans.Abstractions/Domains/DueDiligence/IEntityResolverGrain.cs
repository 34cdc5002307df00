using System.Collections.Immutable;

namespace Prismatic.Domains.DueDiligence;

/// <summary>
/// Tells whether two records are the same person or company, screens against lists, and follows ownership.
/// Which lists are loaded is durable; their content is read again by each incarnation, on its first use.
/// </summary>
[Alias("prismatic.IEntityResolverGrain")]
public interface IEntityResolverGrain : IGrainWithStringKey
{
    /// <summary>The worker's key, which is its child id.</summary>
    const string Key = "entity-resolver";

    /// <summary>Compares two records: above 0.85 the same, 0.65 to 0.85 for a person to judge, below that distinct. A conflicting identifier or birth date vetoes.</summary>
    /// <exception cref="ArgumentException">A name is empty.</exception>
    [Alias("Compare")]
    Task<MatchResult> Compare(EntityRecord a, EntityRecord b);

    /// <summary>Groups the records that are the same and lists the pairs for a person to judge.</summary>
    /// <exception cref="ArgumentException">There are more than 10,000 records.</exception>
    [Alias("Resolve")]
    Task<ResolveReport> Resolve(ImmutableArray<EntityRecord> batch);

    /// <summary>Entries of the loaded lists that match with at least <paramref name="threshold"/> (0.5 to 1), best first.</summary>
    [Alias("Screen")]
    Task<ImmutableArray<ScreeningHit>> Screen(EntityRecord e, double threshold);

    /// <summary>Loads a list file in place of the list with that id, and returns its number of entries.</summary>
    /// <param name="listId">1 to 64 characters of a-z, 0-9 and '-'.</param>
    /// <param name="f">The file's format.</param>
    /// <param name="path">The file, below the list directory of the host's options; for OFAC its sdn.csv, next to which alt.csv and add.csv are read when they exist.</param>
    [Alias("LoadList")]
    Task<int> LoadList(string listId, ListFormat f, string path);

    /// <summary>The ids of the loaded lists, sorted.</summary>
    [Alias("Lists")]
    Task<ImmutableArray<string>> Lists();

    /// <summary>Who owns more than <paramref name="threshold"/> of an entity, along all paths of the loaded lists; cycles are reported.</summary>
    [Alias("BeneficialOwners")]
    Task<OwnershipResult> BeneficialOwners(string entityId, decimal threshold = 0.25m);
}

/// <summary>What a record is about.</summary>
[GenerateSerializer, Alias("prismatic.domains.EntityKind")]
public enum EntityKind
{
    /// <summary>Not known: matches both.</summary>
    Unknown,

    /// <summary>A person.</summary>
    Person,

    /// <summary>A company or another legal entity.</summary>
    Company,

    /// <summary>A vessel or an aircraft.</summary>
    Vessel,
}

/// <summary>A list's format.</summary>
[GenerateSerializer, Alias("prismatic.domains.ListFormat")]
public enum ListFormat
{
    /// <summary>The legacy comma-separated files of OFAC: twelve columns, no header, <c>-0-</c> for nothing.</summary>
    OfacCsv,

    /// <summary>FollowTheMoney entities, one JSON object a line.</summary>
    FtmJsonLines,
}

/// <summary>A person or company as one source describes it.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.EntityRecord")]
public sealed record EntityRecord
{
    /// <summary>Its id in its source.</summary>
    [Id(0)] public required string Id { get; init; }

    /// <summary>Its name; not empty.</summary>
    [Id(1)] public required string Name { get; init; }

    /// <summary>What it is.</summary>
    [Id(2)] public EntityKind Kind { get; init; }

    /// <summary>Other names.</summary>
    [Id(3)] public ImmutableArray<string> Aliases { get; init; } = [];

    /// <summary>Its country, two letters; null when not known.</summary>
    [Id(4)] public string? Country { get; init; }

    /// <summary>A person's birth date, or the part of it that is known (yyyy, yyyy-MM or yyyy-MM-dd); null when not known.</summary>
    [Id(5)] public string? BirthDate { get; init; }

    /// <summary>Identifiers by their kind in lower case, such as <c>ico</c> or <c>lei</c>.</summary>
    [Id(6)] public ImmutableDictionary<string, string> Identifiers { get; init; } = ImmutableDictionary<string, string>.Empty;
}

/// <summary>What a comparison leads to.</summary>
[GenerateSerializer, Alias("prismatic.domains.MatchDecision")]
public enum MatchDecision
{
    /// <summary>Two different ones.</summary>
    Distinct,

    /// <summary>A person must judge.</summary>
    Review,

    /// <summary>The same.</summary>
    Same,
}

/// <summary>What one field said.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.FieldMatch")]
public sealed record FieldMatch
{
    /// <summary>The field.</summary>
    [Id(0)] public required string Field { get; init; }

    /// <summary>Its similarity, 0 to 1.</summary>
    [Id(1)] public required double Score { get; init; }

    /// <summary>Its weight among the fields that both records have.</summary>
    [Id(2)] public required double Weight { get; init; }
}

/// <summary>A comparison.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.MatchResult")]
public sealed record MatchResult
{
    /// <summary>0 to 1.</summary>
    [Id(0)] public required double Score { get; init; }

    /// <summary>What it leads to.</summary>
    [Id(1)] public required MatchDecision Decision { get; init; }

    /// <summary>What each field said.</summary>
    [Id(2)] public required ImmutableArray<FieldMatch> Fields { get; init; }

    /// <summary>The conflict that rules out a match; null when there is none.</summary>
    [Id(3)] public string? Veto { get; init; }
}

/// <summary>Records that are the same.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.Cluster")]
public sealed record Cluster
{
    /// <summary>Their ids, sorted.</summary>
    [Id(0)] public required ImmutableArray<string> Members { get; init; }
}

/// <summary>A pair for a person to judge.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.ReviewPair")]
public sealed record ReviewPair
{
    /// <summary>One.</summary>
    [Id(0)] public required string A { get; init; }

    /// <summary>The other.</summary>
    [Id(1)] public required string B { get; init; }

    /// <summary>Their score.</summary>
    [Id(2)] public required double Score { get; init; }
}

/// <summary>What became of a batch.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.ResolveReport")]
public sealed record ResolveReport
{
    /// <summary>The groups, single records too.</summary>
    [Id(0)] public required ImmutableArray<Cluster> Clusters { get; init; }

    /// <summary>Pairs for a person.</summary>
    [Id(1)] public required ImmutableArray<ReviewPair> Review { get; init; }

    /// <summary>Pairs that were compared.</summary>
    [Id(2)] public required int Compared { get; init; }
}

/// <summary>A hit on a list.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.ScreeningHit")]
public sealed record ScreeningHit
{
    /// <summary>The list.</summary>
    [Id(0)] public required string ListId { get; init; }

    /// <summary>The entry.</summary>
    [Id(1)] public required EntityRecord Entry { get; init; }

    /// <summary>Why it is on the list, such as the programme's name; may be empty.</summary>
    [Id(2)] public required string Reason { get; init; }

    /// <summary>The comparison.</summary>
    [Id(3)] public required MatchResult Match { get; init; }
}

/// <summary>An owner.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.Owner")]
public sealed record Owner
{
    /// <summary>Its id.</summary>
    [Id(0)] public required string Id { get; init; }

    /// <summary>Its name.</summary>
    [Id(1)] public required string Name { get; init; }

    /// <summary>Its share along all paths, 0 to 1.</summary>
    [Id(2)] public required decimal Share { get; init; }

    /// <summary>Whether nobody owns it: a person, or the last company known.</summary>
    [Id(3)] public required bool Ultimate { get; init; }
}

/// <summary>Who owns an entity.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.domains.OwnershipResult")]
public sealed record OwnershipResult
{
    /// <summary>Owners above the threshold, largest first.</summary>
    [Id(0)] public required ImmutableArray<Owner> Owners { get; init; }

    /// <summary>Circles of ownership, each as ids joined by ' > '. A circle is followed once and then left.</summary>
    [Id(1)] public required ImmutableArray<string> Cycles { get; init; }
}

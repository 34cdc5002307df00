using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Prismatic.Domains.Osint;

namespace Prismatic.Domains.DueDiligence;

/// <summary>What a run's findings are as evidence. Ids follow from run, source and row, so that a stage that is run again adds nothing twice.</summary>
internal static class EvidenceRules
{
    public static EntityRecord ToRecord(OsintItem item) => new()
    {
        Id = item.Id,
        Name = item.Name,
        Country = item.Fields.GetValueOrDefault("country") is { Length: > 0 } country ? country : null,
        BirthDate = item.Fields.GetValueOrDefault("birthDate"),
        Identifiers = item.Fields.Where(field => field.Key is "ico" or "lei" or "tax" && field.Value.Length > 0).ToImmutableDictionary(),
    };

    public static EvidenceItem SourceMissing(string runId, SourceRow row, AdapterInfo? info, DateTimeOffset at) => new()
    {
        Id = $"{runId}/{row.Source}/missing",
        Kind = EvidenceKind.SourceMissing,
        Source = row.Source,
        Summary = $"{row.Source} could not be asked: {(row.Status is FetchStatus.RateLimited ? "it was asked too often" : row.ErrorType)}.",
        Dimension = info is null ? null : RiskRules.Dimension(info.Category),
        ObtainedAt = at,
    };

    /// <summary>What one row says of the subject; null when it is about somebody else.</summary>
    public static EvidenceItem? Row(string runId, Provenance source, int index, OsintItem item, MatchResult match, EntityRecord subject)
    {
        var dimension = RiskRules.Dimension(source.Category);
        var evidence = new EvidenceItem
        {
            Id = string.Create(CultureInfo.InvariantCulture, $"{runId}/{source.Source}/{index}"),
            Kind = EvidenceKind.Record,
            Source = source.Source,
            Summary = $"{source.Source} has '{item.Name}' ({match.Decision}, {match.Score.ToString("0.00", CultureInfo.InvariantCulture)}).",
            Payload = JsonSerializer.Serialize(item.Fields.OrderBy(field => field.Key, StringComparer.Ordinal).ToDictionary()),
            RawSha256 = source.Sha256,
            ObtainedAt = source.RetrievedAt,
        };
        if (match.Decision is not MatchDecision.Distinct)
        {
            var claim = item.Fields.Where(field => field.Key is "ico" or "lei" or "tax").OrderBy(field => field.Key, StringComparer.Ordinal)
                .Select(field => $"{field.Key}={field.Value}").FirstOrDefault();
            return evidence with { Dimension = dimension, Risk = RiskRules.RowRisk(dimension, item.Fields), Confidence = source.Confidence * match.Score * (match.Decision is MatchDecision.Same ? 1 : 0.5), Claim = claim };
        }

        // The same name under another identifier speaks against the subject's own identifier.
        var denied = subject.Identifiers.Keys.Intersect(item.Fields.Keys).Order(StringComparer.Ordinal).FirstOrDefault();
        return match.Veto is not null && denied is not null && NameRules.SameWords(subject.Name, item.Name)
            ? evidence with { Claim = $"{denied}={subject.Identifiers[denied]}", Denies = true, Confidence = source.Confidence }
            : null;
    }

    public static EvidenceItem NothingFound(string runId, Provenance source) => new()
    {
        Id = $"{runId}/{source.Source}/nothing",
        Kind = EvidenceKind.NothingFound,
        Source = source.Source,
        Summary = $"{source.Source} answered and knows nothing of the subject.",
        Dimension = RiskRules.Dimension(source.Category),
        Confidence = source.Confidence,
        RawSha256 = source.Sha256,
        ObtainedAt = source.RetrievedAt,
    };

    public static EvidenceItem Hit(string runId, ScreeningHit hit, RiskDimension dimension, string about, DateTimeOffset at) => new()
    {
        Id = $"{runId}/list/{dimension}/{hit.ListId}/{hit.Entry.Id}/{about}",
        Kind = EvidenceKind.Screening,
        Source = "list:" + hit.ListId,
        Summary = $"{about} matches '{hit.Entry.Name}' on {hit.ListId} ({hit.Match.Decision}, {hit.Match.Score.ToString("0.00", CultureInfo.InvariantCulture)}; {hit.Reason}).",
        Dimension = dimension,
        Risk = 0.95,
        Confidence = hit.Match.Decision is MatchDecision.Same ? hit.Match.Score : hit.Match.Score / 2,
        Payload = JsonSerializer.Serialize(new { hit.Entry.Id, hit.Entry.Name, hit.Reason }),
        ObtainedAt = at,
    };

    public static EvidenceItem NoHit(string runId, string list, DateTimeOffset at) => new()
    {
        Id = $"{runId}/list/{list}/nothing",
        Kind = EvidenceKind.NothingFound,
        Source = "list:" + list,
        Summary = $"The subject is not on {list}.",
        Dimension = RiskDimension.Sanctions,
        Confidence = 0.9,
        ObtainedAt = at,
    };

    public static EvidenceItem Owner(string runId, Owner owner, DateTimeOffset at) => new()
    {
        Id = $"{runId}/owner/{owner.Id}",
        Kind = EvidenceKind.Ownership,
        Source = "lists",
        Summary = $"{owner.Name} owns {(owner.Share * 100).ToString("0.#", CultureInfo.InvariantCulture)} %{(owner.Ultimate ? "" : " and is owned in turn")}.",
        Dimension = RiskDimension.Ownership,
        Risk = 0.1,
        Confidence = 0.6,
        ObtainedAt = at,
    };

    public static EvidenceItem Score(string runId, RiskScore score, DateTimeOffset at) => new()
    {
        Id = $"{runId}/score",
        Kind = EvidenceKind.Score,
        Source = "pipeline",
        Summary = string.Create(CultureInfo.InvariantCulture, $"Risk {score.Total:0.00}, between {score.Low:0.00} and {score.High:0.00}."),
        Payload = JsonSerializer.Serialize(score),
        Confidence = 1,
        ObtainedAt = at,
    };
}

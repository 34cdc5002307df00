using System.Collections.Immutable;
using Prismatic.Domains.DueDiligence;
using Xunit;

namespace Prismatic.Tests.Domains;

public sealed class DueDiligenceRulesTests
{
    [Theory]
    [InlineData("Navigara s.r.o.", "NAVIGARA SRO", 1.0, 1.0)]
    [InlineData("Navigara, spol. s r. o.", "Navigara", 1.0, 1.0)]
    [InlineData("Novak Viktor", "Viktor Novák", 1.0, 1.0)]
    [InlineData("Muammar Gaddafi", "Moammar Qadhafi", 0.87, 0.88)]
    [InlineData("Acme Trading", "Acne Trade", 0.85, 0.97)]
    [InlineData("Limited", "Limited", 1.0, 1.0)]
    [InlineData("...", "Acme", 0.0, 0.0)]
    public void Names_are_alike_as_far_as_case_marks_legal_form_and_order_do_not_matter(string a, string b, double least, double most) =>
        Assert.InRange(NameRules.Similarity(a, b), least, most);

    [Fact]
    public void Similar_names_alone_go_to_a_person_and_a_conflicting_identifier_rules_a_match_out()
    {
        var acme = Company("Acme Trading");
        Assert.Equal(MatchDecision.Review, MatchRules.Compare(acme, Company("Acne Trading")).Decision);
        Assert.Equal(MatchDecision.Same, MatchRules.Compare(acme, Company("ACME TRADING s.r.o.")).Decision);
        Assert.Equal(MatchDecision.Same, MatchRules.Compare(Company("Acme Trading", "123"), Company("Acne Trading", "00123")).Decision);
        var vetoed = MatchRules.Compare(Company("Acme Trading", "123"), Company("Acme Trading", "124"));
        Assert.Equal((MatchDecision.Distinct, "Their ico is 123 and 124."), (vetoed.Decision, vetoed.Veto));
        Assert.Equal(MatchDecision.Distinct, MatchRules.Compare(acme, Company("Zebra Mining")).Decision);
        Assert.NotNull(MatchRules.Compare(acme, acme with { Kind = EntityKind.Person }).Veto);
    }

    [Theory]
    [InlineData("1961", "1961-03-12", false)]
    [InlineData("1961-03-12", "1961-03-13", true)]
    [InlineData("1961", "1962", true)]
    public void Birth_dates_conflict_only_where_both_are_known(string a, string b, bool vetoed)
    {
        var person = new EntityRecord { Id = "p", Name = "Viktor Novak", Kind = EntityKind.Person };
        Assert.Equal(vetoed, MatchRules.Compare(person with { BirthDate = a }, person with { BirthDate = b }).Veto is not null);
    }

    [Fact]
    public void A_batch_is_grouped_and_unclear_pairs_are_listed()
    {
        var report = Clusters.Resolve([Company("Acme Trading", id: "1"), Company("Acme Trading a.s.", id: "2"), Company("Acme Trade", id: "3"), Company("Zebra", id: "4")]);
        Assert.Equal(["1,2", "3", "4"], report.Clusters.Select(cluster => string.Join(',', cluster.Members)));
        Assert.Equal(2, report.Review.Length);
        Assert.Equal(3, report.Compared);
    }

    [Fact]
    public void A_batch_that_needs_too_many_comparisons_crashes_instead_of_hanging() =>
        Assert.Throws<InvalidOperationException>(() => Clusters.Resolve([.. Enumerable.Range(0, 1_100).Select(i => Company("Acme " + i, id: $"{i}"))]));

    [Fact]
    public void Shares_multiply_along_a_path_add_up_over_paths_and_a_circle_is_reported_once()
    {
        OwnershipEdge[] edges = [new("h", "a", 0.6m), new("n", "h", 0.5m), new("n", "a", 0.4m), new("a", "h", 0.5m)];
        var result = OwnershipWalk.Owners(edges.ToLookup(edge => edge.Asset), "a", 0.25m, id => id.ToUpperInvariant());
        Assert.Equal([("N", 0.70m, true), ("H", 0.6m, false)], result.Owners.Select(owner => (owner.Name, owner.Share, owner.Ultimate)));
        Assert.Equal(["a > h > a"], result.Cycles);
        Assert.Empty(OwnershipWalk.Owners(edges.ToLookup(edge => edge.Asset), "a", 0.7m, id => id).Owners);
    }

    [Fact]
    public void The_samples_are_read_with_aliases_countries_birth_dates_and_identifiers()
    {
        var ofac = ListFiles.Read(ListFormat.OfacCsv, Path.Combine(AppContext.BaseDirectory, "Samples", "ofac", "sdn.csv")).Entries;
        var person = ofac.Single(entry => entry.Record.Kind is EntityKind.Person).Record;
        Assert.Equal(("NOVAK, Viktor", "1961-03-12", "Freedonia"), (person.Name, person.BirthDate, person.Country));
        Assert.Equal(["NOVAK, Victor"], person.Aliases);
        Assert.Equal("HE900012", ofac[0].Record.Identifiers["registration"]);
        var ftm = ListFiles.Read(ListFormat.FtmJsonLines, Path.Combine(AppContext.BaseDirectory, "Samples", "entities.ftm.jsonl"));
        Assert.Equal((4, 3), (ftm.Entries.Count, ftm.Ownership.Count));
    }

    [Theory]
    [InlineData("bad.csv", "1,\"A\",-0- \n", "Line 1")]
    [InlineData("bad.jsonl", "{}\n", "Line 1")]
    [InlineData("bad.jsonl", "{\"id\":\"a\",\"schema\":\"Person\",\"properties\":{\"name\":[\"A\"]}}\nnot json\n", "Line 2")]
    public void A_bad_line_fails_the_whole_list_with_its_number(string file, string content, string named)
    {
        var directory = Directory.CreateTempSubdirectory("prismatic-list-");
        var path = Path.Combine(directory.FullName, file);
        File.WriteAllText(path, content);
        var format = file.EndsWith(".csv", StringComparison.Ordinal) ? ListFormat.OfacCsv : ListFormat.FtmJsonLines;
        Assert.Contains(named, Assert.Throws<InvalidDataException>(() => ListFiles.Read(format, path)).Message, StringComparison.Ordinal);
        directory.Delete(recursive: true);
    }

    [Theory]
    [InlineData(CaseState.Draft, CaseState.Collecting)]
    [InlineData(CaseState.Collecting, CaseState.Review)]
    [InlineData(CaseState.Review, CaseState.Collecting, CaseState.Decided)]
    [InlineData(CaseState.Decided, CaseState.Closed)]
    [InlineData(CaseState.Closed)]
    public void A_case_moves_by_these_steps_only(CaseState from, params CaseState[] to) =>
        Assert.Equal(to, Enum.GetValues<CaseState>().Where(state => CaseRules.MayMove(from, state)));

    [Theory]
    [InlineData(0, false, ClaimStatus.Unverified)]
    [InlineData(1, false, ClaimStatus.Partial)]
    [InlineData(2, false, ClaimStatus.Partial)]
    [InlineData(3, false, ClaimStatus.Verified)]
    [InlineData(3, true, ClaimStatus.Contradicted)]
    public void A_claim_needs_three_independent_sources_and_no_denial(int sources, bool denied, ClaimStatus expected)
    {
        var evidence = Enumerable.Range(0, sources).SelectMany(i => new[] { Claim($"s{i}"), Claim($"s{i}") }).Append(Claim("other") with { Claim = "lei=x" });
        Assert.Equal(expected, CaseRules.Judge(denied ? evidence.Append(Claim("z") with { Denies = true }) : evidence, "ICO=1"));
    }

    [Fact]
    public void A_history_that_was_changed_by_hand_is_damaged()
    {
        var record = History();
        Assert.Null(CaseHistory.FindDamage(record));
        Assert.Contains("hash", CaseHistory.FindDamage(record with { Events = record.Events.SetItem(1, record.Events[1] with { Actor = "eve" }) }), StringComparison.Ordinal);
        Assert.Contains("which is no step", CaseHistory.FindDamage(CaseHistory.Append(record, Moved(CaseState.Closed))), StringComparison.Ordinal);
        Assert.Contains("no version", CaseHistory.FindDamage(CaseHistory.Append(record, Moved(CaseState.Review) with { Kind = "merged" })), StringComparison.Ordinal);
        Assert.NotNull(CaseHistory.FindDamage(record with { Events = [] }));
    }

    [Fact]
    public void What_nobody_could_tell_is_one_half_give_or_take_one_half()
    {
        var score = RiskRules.Score([], new RiskWeights());
        Assert.Equal((0.5, 0.0, 1.0), (Math.Round(score.Total, 9), Math.Round(score.Low, 9), Math.Round(score.High, 9)));
    }

    [Fact]
    public void A_source_that_found_nothing_lowers_risk_and_doubt_and_one_that_was_missing_changes_neither()
    {
        var nothing = Item(EvidenceKind.NothingFound, risk: 0, confidence: 0.8);
        var answered = Dimension(nothing);
        Assert.Equal((0.1, 0.2, 0.0, 0.2), (Math.Round(answered.Score, 9), Math.Round(answered.Uncertainty, 9), Math.Round(answered.Low, 9), Math.Round(answered.High, 9)));
        Assert.Equal(answered.Score, Dimension(nothing, Item(EvidenceKind.SourceMissing, risk: 0, confidence: 0)).Score);
        Assert.Equal(answered.Uncertainty, Dimension(nothing, nothing with { Id = "again" }).Uncertainty);
        Assert.True(Dimension(nothing, Item(EvidenceKind.Record, risk: 0.9, confidence: 0.9)).Score > 0.75);
    }

    private static DimensionScore Dimension(params EvidenceItem[] items) =>
        RiskRules.Score(items, new RiskWeights()).Dimensions.Single(d => d.Dimension is RiskDimension.Insolvency);

    private static EvidenceItem Item(EvidenceKind kind, double risk, double confidence) =>
        new() { Id = kind.ToString(), Kind = kind, Source = "s", Summary = "", Dimension = RiskDimension.Insolvency, Risk = risk, Confidence = confidence };

    private static EvidenceItem Claim(string source) => new() { Id = "e", Kind = EvidenceKind.Record, Source = source, Summary = "", Claim = "ico=1" };

    private static EntityRecord Company(string name, string? ico = null, string id = "x") => new()
    {
        Id = id, Name = name, Kind = EntityKind.Company,
        Identifiers = ico is null ? ImmutableDictionary<string, string>.Empty : ImmutableDictionary<string, string>.Empty.Add("ico", ico),
    };

    private static CaseRecord History() => CaseHistory.Append(
        CaseHistory.Append(
            new CaseRecord { Id = "case-1", Events = [] },
            new CaseEvent { Kind = CaseEvent.Opened, At = DateTimeOffset.UnixEpoch, Actor = "alice", To = CaseState.Draft, Subject = Company("Acme", "1") }),
        Moved(CaseState.Collecting));

    private static CaseEvent Moved(CaseState to) => new() { Kind = CaseEvent.Moved, At = DateTimeOffset.UnixEpoch, Actor = "alice", To = to };
}

using System.Collections.Immutable;
using Prismatic.Domains.Records;
using Prismatic.Storage;

namespace Prismatic.Domains.Security;

[GenerateSerializer, Immutable, Alias("prismatic.domains.ThreatFeed")]
internal sealed record ThreatFeed
{
    [Id(0)] public required ImmutableArray<Indicator> Indicators { get; init; }
}

[Alias("prismatic.domains.IThreatFeedRecordGrain")]
internal interface IThreatFeedRecordGrain : IRecordGrain<ThreatFeed>;

internal sealed class ThreatFeedRecordGrain([SupervisedState("threat-feed")] ISupervisedState<Held<ThreatFeed>> state)
    : RecordGrain<ThreatFeed>(state), IThreatFeedRecordGrain;

internal sealed class FeedReliability
{
    public SortedDictionary<string, double> ByFeed { get; set; } = [];
}

internal sealed class ThreatAnalyzerGrain(
    [SupervisedState("threat-feeds")] ISupervisedState<FeedReliability> feeds,
    IGrainFactory grains,
    TimeProvider time) : Grain, IThreatAnalyzerGrain
{
    private const int MostIndicators = 100_000;
    private const double FirstReliability = 0.8;
    private const double Learning = 0.1;
    private readonly Dictionary<string, ILookup<(ObservableKind, string), Indicator>> _loaded = [];

    public async Task<IngestReport> Ingest(string feedId, FeedFormat f, string content)
    {
        Demand.Slug(feedId, nameof(feedId));
        var (good, bad) = Read(f, content);
        Demand.That(good.Count <= MostIndicators, nameof(content), $"The feed has {good.Count} indicators; at most {MostIndicators} are held.");
        await grains.GetGrain<IThreatFeedRecordGrain>(feedId).Write(new ThreatFeed { Indicators = [.. good] });
        feeds.Value.ByFeed.TryAdd(feedId, FirstReliability);
        await feeds.WriteAsync();
        _loaded[feedId] = Index(good);
        return new IngestReport { Feed = feedId, Accepted = good.Count, Rejected = bad };
    }

    public async Task<ThreatVerdict> Lookup(Observable o)
    {
        var now = time.GetUtcNow();
        var evidence = ImmutableArray.CreateBuilder<ThreatEvidence>();
        foreach (var (feed, indicators) in await Hits(o))
        {
            var best = indicators.MaxBy(each => each.Confidence * ThreatRules.Decay(each.SeenAt, now))!;
            evidence.Add(new ThreatEvidence
            {
                Feed = feed, Confidence = best.Confidence, Reliability = feeds.Value.ByFeed[feed], Decay = ThreatRules.Decay(best.SeenAt, now),
            });
        }

        return new ThreatVerdict { Observable = o, Score = ThreatRules.Score(evidence), Evidence = evidence.ToImmutable() };
    }

    public async Task Feedback(Observable o, bool truePositive)
    {
        foreach (var (feed, _) in await Hits(o))
        {
            feeds.Value.ByFeed[feed] += Learning * ((truePositive ? 1 : 0) - feeds.Value.ByFeed[feed]);
        }

        await feeds.WriteAsync();
    }

    private async Task<List<(string Feed, IEnumerable<Indicator> Indicators)>> Hits(Observable o)
    {
        Demand.Text(o.Value, nameof(o), 2_000);
        var key = (o.Kind, ThreatRules.Normal(o.Kind, o.Value));
        var hits = new List<(string, IEnumerable<Indicator>)>();
        foreach (var feed in feeds.Value.ByFeed.Keys.ToArray())
        {
            if (!_loaded.TryGetValue(feed, out var index))
            {
                var record = await grains.GetGrain<IThreatFeedRecordGrain>(feed).Read();
                _loaded[feed] = index = Index(record?.Indicators ?? []);
            }

            if (index.Contains(key))
            {
                hits.Add((feed, index[key]));
            }
        }

        return hits;
    }

    private (List<Indicator> Good, int Bad) Read(FeedFormat f, string content)
    {
        try
        {
            return ThreatRules.Parse(f, content, time.GetUtcNow());
        }
        catch (FormatException wrong)
        {
            throw new ArgumentException($"The feed cannot be read as {f}. {wrong.Message}", nameof(content), wrong);
        }
    }

    private static ILookup<(ObservableKind, string), Indicator> Index(IEnumerable<Indicator> indicators) =>
        indicators.ToLookup(each => (each.Kind, each.Value));
}

using Microsoft.Extensions.Hosting;
using Prismatic.Domains.Core;
using Prismatic.Domains.Osint;

namespace Prismatic.ClientSample;

/// <summary>Calls the workers in turn until it is stopped, and tells what each call came to.</summary>
internal sealed class Caller(IClusterClient cluster, SampleOptions options, Narrator narrator, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan AfterLoss = TimeSpan.FromMilliseconds(250);

    /// <summary>A call that can be made again and again: these only read, so that one whose answer was lost is simply sent once more.</summary>
    private sealed record Call(string Name, Func<CancellationToken, Task<string>> Make)
    {
        /// <summary>Not to be made before; null for never again.</summary>
        public long? NotBefore { get; set; } = 0;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Call[] calls = [new("cache-manager", AskCache), .. options.Sources.Select(source => new Call($"source-manager for {source}", stop => AskSource(source, stop)))];
        try
        {
            while (calls.Any(call => call.NotBefore is not null))
            {
                foreach (var call in calls.Where(call => call.NotBefore <= time.GetTimestamp()))
                {
                    await Make(call, stoppingToken);
                }

                await Task.Delay(options.Every, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Ctrl+C.
        }
        finally
        {
            narrator.SumUp();
        }
    }

    private async Task Make(Call call, CancellationToken stop)
    {
        Answer answer;
        try
        {
            answer = Answer.Served(await call.Make(stop));
        }
        catch (Exception thrown) when (!stop.IsCancellationRequested)
        {
            answer = Answer.Of(thrown);
        }

        narrator.Tell(call.Name, answer);

        // A refusal says when to come back; coming earlier would only be refused again.
        var wait = answer.Kind == AnswerKind.Lost ? AfterLoss : answer.Again;
        call.NotBefore = wait is { } pause ? time.GetTimestamp() + (long)(pause.TotalSeconds * time.TimestampFrequency) : null;
    }

    private async Task<string> AskCache(CancellationToken stop)
    {
        var stats = await cluster.GetGrain<ICacheManagerGrain>(ICacheManagerGrain.Key).Stats().WaitAsync(stop);
        return $"{stats.Entries} entries, {stats.Hits} hits";
    }

    private async Task<string> AskSource(string source, CancellationToken stop)
    {
        var question = new OsintQuery { Kind = InputKind.Company, Text = "Acme Trading" };
        var result = await cluster.GetGrain<ISourceManagerGrain>(ISourceManagerGrain.Key).Query(source, question, stop);
        return result.Status == FetchStatus.Fetched ? $"{result.Items.Length} rows" : $"{result.Status}, again in {result.RetryAfter?.TotalSeconds:0.0} s";
    }
}

using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;
using Prismatic.Events;
using Prismatic.Mailbox;
using Prismatic.Remediation;
using Prismatic.Storage;
using Prismatic.Supervision;
using Prismatic.Tests.Cluster;
using Prismatic.Tests.Lessons;
using Xunit;

namespace Prismatic.Tests.Mailbox;

public sealed class DeadLetterClusterTests
{
    private const string Worker = "app/work/picky";
    private const string Secret = "hunter2-Xy9Zw";

    private static readonly RestartWithBackoff AtOnce = new() { Initial = TimeSpan.Zero, Max = TimeSpan.Zero };

    private readonly Menu _menu = new();
    private readonly StoredBytes _stored = new();

    [Fact]
    public async Task A_poisonous_request_is_kept_as_a_dead_letter_its_callers_get_their_exception_and_the_worker_stays_as_it_is()
    {
        await using var cluster = await Start();
        var picky = cluster.Client.GetGrain<IPickyGrain>("picky");
        await Poison(picky, () => picky.Take("bad"));

        var before = await picky.Other();
        await Assert.ThrowsAsync<FormatException>(() => picky.Take("bad"));
        Assert.Equal(before + 1, await picky.Other());
        await Drained(cluster);

        var letter = Assert.Single((await Letters(cluster).List("", 50)).Letters);
        Assert.Equal((Worker, "IPickyGrain.Take", 2), (letter.Child, letter.Method, letter.Count));
        Assert.Equal([new DeadLetterArgument("text", "String", "bad")], letter.Arguments);
        Assert.Contains("FormatException: cannot digest 'bad'; contact [email]", letter.Failure, StringComparison.Ordinal);
        Assert.StartsWith(Worker + ":", letter.Id, StringComparison.Ordinal);
        Assert.Null(letter.NotReplayable);

        // The two crashes before it was recognised were counted, and none since.
        await cluster.Reported();
        Assert.Equal(2, (await cluster.Child(Worker)).Crashes);
        Assert.Equal(2, cluster.Events.Count(SupervisionEventKind.RequestFailed, Worker));
        Assert.Empty((await Letters(cluster).List("app/elsewhere", 50)).Letters);
        Assert.Equal(letter.Id, Assert.Single((await Letters(cluster).List("app/work", 50)).Letters).Id);
    }

    [Fact]
    public async Task A_dead_letter_is_replayed_after_a_fix_and_only_then_over()
    {
        await using var cluster = await Start();
        var picky = cluster.Client.GetGrain<IPickyGrain>("picky");
        await Poison(picky, () => picky.Take("bad"));
        await Drained(cluster);
        var id = Assert.Single((await Letters(cluster).List("", 50)).Letters).Id;
        var inside = cluster.Inside.GetGrain<IDeadLettersGrain>(IDeadLettersGrain.Key);

        var failed = await inside.Replay(id, "eva");
        Assert.Contains("FormatException", failed!.LastReplay!.Failure, StringComparison.Ordinal);
        Assert.Null(failed.NotReplayable);

        _menu.Indigestible.Clear();
        var served = await picky.Other();
        var replayed = await inside.Replay(id, "eva");

        Assert.Equal(("eva", null), (replayed!.LastReplay!.By, replayed.LastReplay.Failure));
        Assert.Equal(served + 2, await picky.Other());
        var again = await Assert.ThrowsAsync<InvalidOperationException>(() => inside.Replay(id, "eva"));
        Assert.Contains("the worker served it", again.Message, StringComparison.Ordinal);
        Assert.Null(await cluster.Inside.GetGrain<IDeadLetterRequestGrain>(id).Read());
        Assert.Null(await inside.Replay("app/work/picky:000000000000", "eva"));
        Assert.Null(await inside.Replay("nobody:000000000000", "eva"));
        await Assert.ThrowsAsync<ControlRefusedException>(() => Letters(cluster).Replay(id, "mallory"));

        Assert.True(await inside.Discard(id));
        Assert.Empty((await inside.List("", 50)).Letters);
    }

    [Fact]
    public async Task A_request_with_a_secret_is_neither_kept_nor_shown_and_its_letter_says_why_it_cannot_be_replayed()
    {
        await using var cluster = await Start();
        var picky = cluster.Client.GetGrain<IPickyGrain>("picky");
        _menu.Indigestible["eva"] = true;
        await Poison(picky, () => picky.Enter(new Login("eva", Secret)));
        await Drained(cluster);

        var letter = Assert.Single((await Letters(cluster).List("", 50)).Letters);
        Assert.Contains("'Password' bears the name of a secret", letter.NotReplayable, StringComparison.Ordinal);
        Assert.Contains("User = eva", letter.Arguments[0].Value, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidOperationException>(() => cluster.Inside.GetGrain<IDeadLettersGrain>(IDeadLettersGrain.Key).Replay(letter.Id, "eva"));

        Assert.NotEmpty(_stored.Texts);
        Assert.DoesNotContain(_stored.Texts, record => record.Key.Contains("dead-letter-request", StringComparison.Ordinal));
        Assert.DoesNotContain(_stored.Texts.Values, text => text.Contains(Secret, StringComparison.Ordinal) || text.Contains("ops@example.com", StringComparison.Ordinal));
        Assert.DoesNotContain(cluster.Events.All, happened => happened.Text.Contains(Secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Letters_are_there_after_every_silo_was_restarted()
    {
        string id;
        await using (var first = await Start())
        {
            var picky = first.Client.GetGrain<IPickyGrain>("picky");
            await Poison(picky, () => picky.Take("bad"));
            await Drained(first);
            id = Assert.Single((await Letters(first).List("", 50)).Letters).Id;
        }

        _menu.Indigestible.Clear();
        await using var second = await Start();
        var replayed = await second.Inside.GetGrain<IDeadLettersGrain>(IDeadLettersGrain.Key).Replay(id, "eva");

        Assert.Null(replayed!.LastReplay!.Failure);
    }

    private Task<SupervisedCluster> Start() => SupervisedCluster.Start(
        tree => tree.Root("app").Enforce().Supervisor("work", RestartStrategy.OneForOne, work => work
            .Intensity(1_000, TimeSpan.FromSeconds(5))
            .Worker<IPickyGrain>("picky", picky => picky.Intensity(1_000, TimeSpan.FromSeconds(5)).Restart(AtOnce).ReplayDeadLetters())),
        silos: 1,
        configure: silo =>
        {
            silo.Services.AddSingleton(_menu);
            silo.Services.AddKeyedSingleton<IGrainStorage>(StorageNames.Provider, _stored);
        });

    /// <summary>Sends the request until it is recognised: it crashes two incarnations while others are served, and the third time it is at fault.</summary>
    private async Task Poison(IPickyGrain picky, Func<Task> request)
    {
        _menu.Indigestible["bad"] = true;
        for (var time = 0; time < 3; time++)
        {
            await Assert.ThrowsAsync<FormatException>(request);
            await picky.Other();
        }
    }

    private static IDeadLettersGrain Letters(SupervisedCluster cluster) => cluster.Client.GetGrain<IDeadLettersGrain>(IDeadLettersGrain.Key);

    private static Task Drained(SupervisedCluster cluster) => cluster.Services(0).GetRequiredService<DeadLetterOutbox>().Drained();
}

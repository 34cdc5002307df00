using System.Text.Json;
using Prismatic.Cli;
using Prismatic.Lessons;
using Prismatic.Mailbox;
using Prismatic.Remediation;
using Prismatic.Tests.Dashboard;
using Xunit;

namespace Prismatic.Tests.Cli;

/// <summary>Commands that ask a running host: its API on Kestrel over a fake cluster.</summary>
public sealed class AdminCommandsTests : IAsyncLifetime
{
    private readonly string _token = Path.GetTempFileName();
    private SupervisionHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(_token, "eva\n");
        _host = await SupervisionHost.Start();
    }

    public async ValueTask DisposeAsync()
    {
        File.Delete(_token);
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Dead_letters_are_listed_a_row_each_with_what_there_was_no_room_for()
    {
        _host.Cluster.DeadLetters = new DeadLetterList { Letters = [Samples.DeadLetter()], Dropped = 2 };

        var run = await Ask("dead-letters list");

        Assert.Equal((ExitCode.Fine, ""), (run.ExitCode, run.Error));
        Assert.Contains(Samples.DeadLetter().Id, run.Out, StringComparison.Ordinal);
        Assert.Contains("name: [email]", run.Out, StringComparison.Ordinal);
        Assert.EndsWith("1 dead letter; 2 older ones are gone, there was no room for them.", run.Out.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_json_of_a_list_is_that_of_the_api()
    {
        _host.Cluster.DeadLetters = new DeadLetterList { Letters = [Samples.DeadLetter()], Dropped = 0 };

        using var json = JsonDocument.Parse((await Ask("dead-letters list --output json")).Out);

        Assert.Equal(Samples.DeadLetter().Id, json.RootElement.GetProperty("items")[0].GetProperty("id").GetString());
    }

    [Theory]
    [InlineData(null, ExitCode.Fine, "served")]
    [InlineData("System.TimeoutException: slow", ExitCode.NotFine, "crashed again: System.TimeoutException: slow")]
    public async Task A_replay_ends_as_the_call_did(string? failure, int code, string said)
    {
        _host.Cluster.DeadLetters = new DeadLetterList { Letters = [Samples.DeadLetter()], Dropped = 0 };
        _host.Cluster.Replay = _ => Samples.DeadLetter() with { LastReplay = new DeadLetterReplay(Samples.Noon, "eva", failure) };

        var run = await Ask("dead-letters replay", Samples.DeadLetter().Id, "--reason", "it is mended");

        Assert.Equal((code, ""), (run.ExitCode, run.Error));
        Assert.Contains(said, run.Out, StringComparison.Ordinal);
        Assert.Equal([("dead letter replayed", Samples.DeadLetter().Id)], _host.Cluster.Notes);
    }

    [Fact]
    public async Task A_letter_that_cannot_be_replayed_and_one_that_is_not_there_end_with_1_and_the_servers_sentence()
    {
        _host.Cluster.Replay = _ => throw new InvalidOperationException("Its request was not kept.");
        var refused = await Ask("dead-letters replay", "a:b", "--reason", "r");
        var gone = await Ask("dead-letters discard", "a/b:c", "--reason", "r");

        Assert.Equal((ExitCode.NotFine, "Its request was not kept."), (refused.ExitCode, refused.Error.Trim()));
        Assert.Equal((ExitCode.NotFine, "There is no dead letter 'a/b:c'."), (gone.ExitCode, gone.Error.Trim()));
    }

    [Fact]
    public async Task A_letter_is_discarded_by_its_id()
    {
        _host.Cluster.DeadLetters = new DeadLetterList { Letters = [Samples.DeadLetter()], Dropped = 0 };

        Assert.Equal(ExitCode.Fine, (await Ask("dead-letters discard", Samples.DeadLetter().Id, "--reason", "r")).ExitCode);
        Assert.Equal([("dead letter discarded", Samples.DeadLetter().Id)], _host.Cluster.Notes);
    }

    [Fact]
    public async Task Open_tickets_are_not_fine_and_answered_ones_show_who_said_what()
    {
        var answered = Samples.OpenTicket() with
        {
            Id = "prismatic:2",
            ResolvedAt = Samples.Noon,
            Resolution = new Resolution { Remediation = new RestartWithStateReset(), RootCause = "A full disk.", Note = "seen twice", By = "ann" },
        };
        _host.Cluster.Tickets = [Samples.OpenTicket(), answered];

        var open = await Ask("tickets list");
        var all = await Ask("tickets list --all");

        Assert.Equal((ExitCode.NotFine, "1 ticket is open."), (open.ExitCode, open.Out.TrimEnd().Split('\n')[^1]));
        Assert.DoesNotContain("A full disk.", open.Out, StringComparison.Ordinal);
        Assert.Contains("A full disk. (restart with the last known-good state; ann: seen twice)", all.Out, StringComparison.Ordinal);
        _host.Cluster.Tickets = [answered];
        Assert.Equal(ExitCode.Fine, (await Ask("tickets list")).ExitCode);
    }

    [Theory]
    [InlineData("dead-letters list --limit 0", ExitCode.WrongUse, "'limit' is '0'; it must be a whole number from 1 to 500.")]
    [InlineData("dead-letters list --under /x", ExitCode.WrongUse, "'under' is '/x'; it must be a path such as prismatic/osint, without a slash at its ends.")]
    [InlineData("dead-letters list --endpoint localhost:80", ExitCode.WrongUse, "--endpoint is 'localhost:80'; it must be an address such as http://127.0.0.1:8080/.")]
    [InlineData("dead-letters replay x", ExitCode.WrongUse, "Option '--reason' is required.")]
    [InlineData("dead-letters list --token-file /no/such/file", ExitCode.WrongUse, "/no/such/file cannot be read: *")]
    [InlineData("dead-letters list --endpoint http://127.0.0.1:1", ExitCode.CannotReach, "http://127.0.0.1:1/ does not answer: *")]
    public async Task What_is_wrong_is_one_sentence(string line, int code, string said)
    {
        var run = await Ask(line);

        Assert.Equal((code, ""), (run.ExitCode, code == ExitCode.WrongUse ? "" : run.Out));
        Assert.StartsWith(said.TrimEnd('*'), run.Error.Trim(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_lets_nobody_in_says_what_is_missing()
    {
        var run = await ToolRun.Of("tickets", "list", "--endpoint", $"{_host.Client.BaseAddress}");

        Assert.Equal((ExitCode.CannotReach, $"{_host.Client.BaseAddress} does not let you in; name its token with --token-file."), (run.ExitCode, run.Error.Trim()));
    }

    /// <summary>Asks the host, as eva, unless the line says otherwise.</summary>
    private Task<ToolRun> Ask(string line, params string[] more)
    {
        string[] args = [.. line.Split(' '), .. more];
        return ToolRun.Of(
        [
            .. args,
            .. args.Contains("--endpoint") ? (string[])[] : ["--endpoint", $"{_host.Client.BaseAddress}"],
            .. args.Contains("--token-file") ? (string[])[] : ["--token-file", _token],
        ]);
    }
}

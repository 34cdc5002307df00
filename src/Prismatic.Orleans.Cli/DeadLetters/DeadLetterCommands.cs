using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Prismatic.Cli.Admin;

namespace Prismatic.Cli.DeadLetters;

/// <summary>
/// <c>prismatic dead-letters</c>: requests that crash their worker each time they are sent. Lists them, sends one again after a fix, or deletes it.
/// </summary>
internal static class DeadLetterCommands
{
    public static Command Create(Terminal terminal) => new("dead-letters", "Requests that crash their worker each time they are sent.")
    {
        List(terminal),
        Replay(terminal),
        Discard(terminal),
    };

    private static Command List(Terminal terminal)
    {
        var under = new Option<string?>("--under") { Description = "Only those of this child or supervisor, and of what is below it.", HelpName = "path" };
        var limit = new Option<int>("--limit") { Description = "At most this many, 1 to 500.", HelpName = "number", DefaultValueFactory = _ => 50 };
        var host = Host();
        var output = OutputOption.Create();
        var command = new Command("list", "Lists dead letters, seen last first. Arguments are redacted.") { under, limit, host.Endpoint, host.Token, output };
        command.SetAction(async (parsed, cancelled) =>
        {
            using var client = (await host.Named(parsed, cancelled))!;
            var below = parsed.GetValue(under) is { } path ? $"&under={Uri.EscapeDataString(path)}" : "";
            var page = await client.Get(string.Create(CultureInfo.InvariantCulture, $"dead-letters?limit={parsed.GetValue(limit)}{below}"), cancelled);
            Show(terminal, parsed.GetValue(output), page);
            return ExitCode.Fine;
        });
        return command;
    }

    private static Command Replay(Terminal terminal)
    {
        var (id, reason) = (Id(), Reason());
        var host = Host();
        var output = OutputOption.Create();
        var command = new Command("replay", "Sends the kept request to its worker again; ends with 0 when the worker served it.") { id, reason, host.Endpoint, host.Token, output };
        command.SetAction(async (parsed, cancelled) =>
        {
            using var client = (await host.Named(parsed, cancelled))!;
            var letter = (await client.Post($"{PathOf(parsed.GetRequiredValue(id))}/replay", Body(parsed.GetRequiredValue(reason)), cancelled)).Served();
            var replay = letter.GetProperty("lastReplay");
            var served = replay.GetProperty("served").GetBoolean();
            terminal.Show(
                parsed.GetValue(output),
                letter,
                grid: null,
                served ? $"{Text(letter, "child")} served {Text(letter, "method")}." : $"{Text(letter, "child")} crashed again: {Text(replay, "failure")}");
            return served ? ExitCode.Fine : ExitCode.NotFine;
        });
        return command;
    }

    private static Command Discard(Terminal terminal)
    {
        var (id, reason) = (Id(), Reason());
        var host = Host();
        var output = OutputOption.Create();
        var command = new Command("discard", "Deletes a dead letter and the request that is kept with it.") { id, reason, host.Endpoint, host.Token, output };
        command.SetAction(async (parsed, cancelled) =>
        {
            using var client = (await host.Named(parsed, cancelled))!;
            var letter = parsed.GetRequiredValue(id);
            (await client.Post($"{PathOf(letter)}/discard", Body(parsed.GetRequiredValue(reason)), cancelled)).Served();
            terminal.Show(parsed.GetValue(output), new { id = letter, discarded = true }, grid: null, $"{letter} is deleted.");
            return ExitCode.Fine;
        });
        return command;
    }

    private static void Show(Terminal terminal, OutputForm form, JsonElement page)
    {
        var letters = page.GetProperty("items").EnumerateArray().ToList();
        var dropped = page.GetProperty("dropped").GetInt64();
        terminal.Show(
            form,
            page,
            new Grid(
                ["id", "request", "sent", "last seen", "replay", "failure"],
                [.. letters.Select(letter => new[] { Text(letter, "id"), Request(letter), $"{letter.GetProperty("count")}", Text(letter, "lastSeen"), ReplayOf(letter), Text(letter, "failure") })]),
            $"{letters.Count switch { 0 => "There are no dead letters", 1 => "1 dead letter", var count => $"{count} dead letters" }}{(dropped == 0 ? "" : $"; {dropped} older ones are gone, there was no room for them")}.");
    }

    private static string Request(JsonElement letter) =>
        $"{Text(letter, "method")}({string.Join(", ", letter.GetProperty("arguments").EnumerateArray().Select(argument => $"{Text(argument, "name")}: {Text(argument, "value")}"))})";

    private static string ReplayOf(JsonElement letter) =>
        letter.GetProperty("replayable").GetBoolean() ? letter.GetProperty("lastReplay").ValueKind == JsonValueKind.Null ? "possible" : "possible; the last one crashed" : Text(letter, "notReplayable");

    private static Argument<string> Id() => new("id") { Description = "The letter's id, as the list has it." };

    private static Option<string> Reason() => new("--reason") { Description = "Why, for the audit.", HelpName = "text", Required = true };

    private static AdminHost Host() => new(AdminHost.Standard, "The address of a running host.");

    private static string PathOf(string id) => $"dead-letters/{Uri.EscapeDataString(id)}";

    private static string Body(string reason) => JsonSerializer.Serialize(new { reason });

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString() ?? "";
}

using System.CommandLine;
using System.Text.Json;
using Prismatic.Cli.Admin;

namespace Prismatic.Cli.Tickets;

/// <summary><c>prismatic tickets list</c>: what waits for a person, and what people answered.</summary>
internal static class TicketCommands
{
    public static Command Create(Terminal terminal) => new("tickets", "What supervision asks people about.")
    {
        List(terminal),
    };

    private static Command List(Terminal terminal)
    {
        var all = new Option<bool>("--all") { Description = "Those that are answered too." };
        var host = new AdminHost(AdminHost.Standard, "The address of a running host.");
        var output = OutputOption.Create();
        var command = new Command("list", "Lists open tickets; ends with 1 when there are any.") { all, host.Endpoint, host.Token, output };
        command.SetAction(async (parsed, cancelled) =>
        {
            using var client = (await host.Named(parsed, cancelled))!;
            var tickets = (await client.Get("escalations", cancelled)).EnumerateArray().ToList();
            var open = tickets.Count(IsOpen);
            var shown = tickets.Where(ticket => parsed.GetValue(all) || IsOpen(ticket)).ToList();
            terminal.Show(
                parsed.GetValue(output),
                shown,
                new Grid(["id", "child", "crashes", "opened", "what", "why", "answer"], [.. shown.Select(Row)]),
                open switch { 0 => "Nothing waits for a person.", 1 => "1 ticket is open.", _ => $"{open} tickets are open." });
            return open == 0 ? ExitCode.Fine : ExitCode.NotFine;
        });
        return command;
    }

    private static string[] Row(JsonElement ticket) =>
        [Text(ticket, "id"), Text(ticket, "child"), $"{ticket.GetProperty("crashes")}", Text(ticket, "openedAt"), Text(ticket, "summary"), Text(ticket, "reason"), Answer(ticket.GetProperty("resolution"))];

    private static string Answer(JsonElement resolution)
    {
        if (resolution.ValueKind == JsonValueKind.Null)
        {
            return "";
        }

        var note = Text(resolution, "note");
        return $"{Text(resolution, "rootCause")} ({Text(resolution.GetProperty("remediation"), "sentence")}; {Text(resolution, "by")}{(note.Length == 0 ? "" : $": {note}")})";
    }

    private static bool IsOpen(JsonElement ticket) => ticket.GetProperty("open").GetBoolean();

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString() ?? "";
}

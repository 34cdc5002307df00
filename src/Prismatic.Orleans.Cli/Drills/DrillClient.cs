using System.Net;
using System.Text.Json;
using Prismatic.Cli.Admin;

namespace Prismatic.Cli.Drills;

/// <summary>Carries out a drill on a running host, over its admin API.</summary>
internal static class DrillClient
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    public static async Task<DrillOutcome> Run(AdminClient host, string text, string file, Action<string> progress, CancellationToken cancelled)
    {
        var drill = await Start(host, text, file, cancelled);
        while (drill.GetProperty("status").GetString() == "running")
        {
            progress(drill.GetProperty("progress").GetString() ?? "");
            await Task.Delay(Look, TimeProvider.System, cancelled);
            drill = await host.Get($"drills/{drill.GetProperty("id").GetString()}", cancelled);
        }

        return drill.GetProperty("report") is { ValueKind: JsonValueKind.Object } report
            ? DrillOutcome.Of(file, report.GetRawText())
            : throw new CommandFailedException(ExitCode.NotFine, $"{file} could not be carried out: {drill.GetProperty("trouble")}");
    }

    private static async Task<JsonElement> Start(AdminClient host, string text, string file, CancellationToken cancelled)
    {
        var answer = await host.Post("drills", text, cancelled);
        return answer.Status switch
        {
            HttpStatusCode.BadRequest => throw new CommandFailedException(ExitCode.WrongUse, $"{file} is no drill that can be carried out:{Environment.NewLine}{string.Join(Environment.NewLine, answer.Mistakes)}"),
            HttpStatusCode.NotFound => throw new CommandFailedException(ExitCode.NotFine, $"Drills are switched off on {answer.Endpoint}; its setting Prismatic:Drills switches them on."),
            _ => answer.Served(),
        };
    }
}

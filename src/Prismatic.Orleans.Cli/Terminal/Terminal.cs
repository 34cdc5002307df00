using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Prismatic.Telemetry;
using Spectre.Console;

namespace Prismatic.Cli;

/// <summary>
/// Where a command writes: results to standard output, all else to standard error. Colours and moving parts are for screens only; what
/// goes into a pipe or a file is plain text. Text that came from a crash is made printable first, so that it cannot steer the screen.
/// </summary>
internal sealed class Terminal(TextWriter output, TextWriter error)
{
    /// <summary>A pipe has no width; a table in it must not be folded.</summary>
    private const int Unfolded = 10_000;

    /// <summary>The form of every JSON document of the tool: camelCase, enumerations by name, durations and times as ISO 8601 says.</summary>
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>Standard output.</summary>
    public TextWriter Out { get; } = output;

    /// <summary>Standard error.</summary>
    public TextWriter Error { get; } = error;

    /// <summary>Whether a person looks at standard output.</summary>
    public bool OutIsScreen { get; init; }

    /// <summary>Whether a person looks at standard error.</summary>
    public bool ErrorIsScreen { get; init; }

    /// <summary>Writes one result: the document, or the grid with its closing line.</summary>
    public void Show(OutputForm form, object document, Grid? grid, string? sentence = null)
    {
        if (form == OutputForm.Json)
        {
            Out.WriteLine(JsonSerializer.Serialize(document, document.GetType(), Json));
            return;
        }

        if (grid is { Rows.Count: > 0 })
        {
            Draw(grid);
        }

        if (sentence is not null)
        {
            Out.WriteLine(Printable(sentence));
        }
    }

    /// <summary>Writes one result that is a text of several lines: the document, or the text as it is.</summary>
    public void Write(OutputForm form, object document, string text) =>
        Out.Write(form == OutputForm.Json ? JsonSerializer.Serialize(document, document.GetType(), Json) + Environment.NewLine : text);

    /// <summary>A sentence that is no result, on standard error.</summary>
    public void Say(string sentence) => Error.WriteLine(Printable(sentence));

    /// <summary>
    /// Does <paramref name="work"/> and, where a person watches standard error, shows there what is going on. The work says how far it is
    /// through the action that it gets.
    /// </summary>
    public async Task<T> During<T>(string activity, Func<Action<string>, Task<T>> work)
    {
        if (!ErrorIsScreen)
        {
            return await work(_ => { });
        }

        return await Console(Error, screen: true).Status().StartAsync(
            Markup.Escape(activity),
            status => work(progress => status.Status = Markup.Escape($"{activity} {Printable(progress)}")));
    }

    private void Draw(Grid grid)
    {
        var table = new Table { Border = OutIsScreen ? TableBorder.Rounded : TableBorder.None, UseSafeBorder = true };
        table.AddColumns([.. grid.Columns.Select(name => new TableColumn(Markup.Escape(name)).NoWrap())]);
        foreach (var row in grid.Rows)
        {
            table.AddRow([.. row.Select(cell => new Text(Printable(cell)))]);
        }

        Console(Out, OutIsScreen).Write(table);
    }

    private static string Printable(string text) => PrintableText.Of(text, text.Length);

    private static IAnsiConsole Console(TextWriter writer, bool screen)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = screen ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = screen ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = screen ? InteractionSupport.Detect : InteractionSupport.No,
        });
        if (!screen)
        {
            console.Profile.Width = Unfolded;
        }

        return console;
    }
}

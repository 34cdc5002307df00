using System.Text.Encodings.Web;
using System.Text.Json;

namespace Prismatic.Measuring;

/// <summary>Results as plain text tables, or as one JSON document.</summary>
internal sealed class Output(bool json)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Whether the JSON document is wanted; standard output then has nothing else.</summary>
    public bool IsJson => json;

    /// <summary>A line for people; with JSON it goes to standard error.</summary>
    public void Line(string text = "") => (json ? Console.Error : Console.Out).WriteLine(text);

    /// <summary>The first column is aligned left, the others right.</summary>
    public void Table(string[] header, IEnumerable<string[]> rows)
    {
        string[][] lines = [header, .. rows];
        var widths = header.Select((_, column) => lines.Max(line => line[column].Length)).ToArray();
        foreach (var line in lines)
        {
            Line(string.Join("  ", line.Select((cell, column) => column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]))));
            if (line == header)
            {
                Line(string.Join("  ", widths.Select(width => new string('-', width))));
            }
        }

        Line();
    }

    public void Document(object document)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(document, Json));
        }
    }
}

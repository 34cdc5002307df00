using System.Text;
using System.Text.Json;

namespace Prismatic.Files;

/// <summary>
/// A JSON value of a file with the line it begins on and its bytes as they stand there, so that a mistake can name its line and a signature cover
/// the bytes. Members of an object are kept as they were written, one that is there twice among them: that too is a mistake that a person wants to be shown.
/// </summary>
internal sealed class LocatedJson
{
    private LocatedJson(JsonTokenType kind, int line) => (Kind, Line) = (kind, line);

    public JsonTokenType Kind { get; }

    /// <summary>The line, from 1.</summary>
    public int Line { get; }

    /// <summary>The members of an object with the lines of their names, in their order.</summary>
    public List<(string Name, int Line, LocatedJson Value)> Members { get; } = [];

    /// <summary>The items of an array.</summary>
    public List<LocatedJson> Items { get; } = [];

    /// <summary>The text of a string, the digits of a number; else empty.</summary>
    public string Text { get; private set; } = "";

    /// <summary>The bytes between its first and its last sign.</summary>
    public ReadOnlyMemory<byte> Bytes { get; private set; }

    /// <summary>The value as JSON.</summary>
    public string Raw => Encoding.UTF8.GetString(Bytes.Span);

    /// <summary>The value of a member, the last one when it is there twice; null when it is not there.</summary>
    public LocatedJson? this[string name] => Members.LastOrDefault(member => member.Name == name).Value;

    /// <summary>Reads a file; a byte order mark at its start is passed over.</summary>
    /// <param name="file">Its bytes.</param>
    /// <param name="deepest">How deep it may be nested.</param>
    /// <exception cref="NotJsonException">It is no JSON, or is nested deeper.</exception>
    public static LocatedJson Parse(ReadOnlyMemory<byte> file, int deepest)
    {
        file = file.Span.StartsWith(Encoding.UTF8.Preamble) ? file[Encoding.UTF8.Preamble.Length..] : file;
        if (file.IsEmpty)
        {
            throw new NotJsonException(1, "the file is empty");
        }

        var reader = new Utf8JsonReader(file.Span, new JsonReaderOptions { MaxDepth = deepest });
        var (at, line) = (0, 1);
        try
        {
            reader.Read();
            var root = Read(ref reader, file, ref at, ref line);
            while (reader.Read())
            {
                // Nothing may follow; the reader says so itself.
            }

            return root;
        }
        catch (JsonException invalid)
        {
            throw new NotJsonException((int)(invalid.LineNumber ?? 0) + 1, WithoutPlace(invalid.Message));
        }
        catch (InvalidOperationException)
        {
            Move(ref reader, file, ref at, ref line);
            throw new NotJsonException(line, "a text is not valid Unicode");
        }
    }

    /// <summary>In words, for a person who wrote one thing where another was wanted.</summary>
    public string Describe() => Kind switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        JsonTokenType.String => $"the text \"{Shorten(Text)}\"",
        JsonTokenType.Number => $"the number {Shorten(Text)}",
        _ => Raw,
    };

    private static LocatedJson Read(ref Utf8JsonReader reader, ReadOnlyMemory<byte> file, ref int at, ref int line)
    {
        var start = Move(ref reader, file, ref at, ref line);
        var value = new LocatedJson(reader.TokenType, line);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    Move(ref reader, file, ref at, ref line);
                    var (name, named) = (reader.GetString()!, line);
                    reader.Read();
                    value.Members.Add((name, named, Read(ref reader, file, ref at, ref line)));
                }

                break;

            case JsonTokenType.StartArray:
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    value.Items.Add(Read(ref reader, file, ref at, ref line));
                }

                break;

            case JsonTokenType.String:
                value.Text = reader.GetString()!;
                break;

            case JsonTokenType.Number:
                value.Text = Encoding.UTF8.GetString(reader.ValueSpan);
                break;
        }

        value.Bytes = file[start..(int)reader.BytesConsumed];
        return value;
    }

    /// <summary>Counts the lines up to the reader's token; where it starts.</summary>
    private static int Move(ref Utf8JsonReader reader, ReadOnlyMemory<byte> file, ref int at, ref int line)
    {
        var start = (int)reader.TokenStartIndex;
        line += file.Span[at..start].Count((byte)'\n');
        return at = start;
    }

    // The reader's message ends with the place, which is said already.
    private static string WithoutPlace(string message)
    {
        var end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (end < 0 ? message : message[..end]).Trim().TrimEnd('.');
    }

    private static string Shorten(string text) => text.Length <= 60 ? text : string.Concat(text.AsSpan(0, 60), "…");
}

/// <summary>A file is not JSON; the message says why, without the line.</summary>
internal sealed class NotJsonException(int line, string problem) : Exception(problem)
{
    public int Line { get; } = line;
}

using System.Text;
using System.Text.Json;

namespace Prismatic.Lessons;

/// <summary>A JSON value of a file with the line it begins on and its bytes as they stand there, so that a mistake can name its line and a signature cover the bytes.</summary>
internal sealed class LocatedJson
{
    private LocatedJson(JsonTokenType kind, int line) => (Kind, Line) = (kind, line);

    public JsonTokenType Kind { get; }

    /// <summary>The line, from 1.</summary>
    public int Line { get; }

    /// <summary>The members of an object with the lines of their names, in their order, doubles among them.</summary>
    public List<(string Name, int Line, LocatedJson Value)> Members { get; } = [];

    /// <summary>The items of an array.</summary>
    public List<LocatedJson> Items { get; } = [];

    /// <summary>The text of a string, the digits of a number; else empty.</summary>
    public string Text { get; private set; } = "";

    /// <summary>The bytes between its first and its last sign.</summary>
    public ReadOnlyMemory<byte> Bytes { get; private set; }

    /// <summary>The value as JSON.</summary>
    public string Raw => Encoding.UTF8.GetString(Bytes.Span);

    /// <summary>Reads a file.</summary>
    /// <param name="file">Its bytes.</param>
    /// <param name="deepest">How deep it may be nested.</param>
    /// <exception cref="JsonException">It is no JSON, or is nested deeper; the error names line and place.</exception>
    public static LocatedJson Parse(byte[] file, int deepest = 16)
    {
        var reader = new Utf8JsonReader(file, new JsonReaderOptions { MaxDepth = deepest });
        reader.Read();
        var (at, line) = (0, 1);
        var root = Read(ref reader, file, ref at, ref line);
        return reader.Read() ? throw new JsonException("There is something behind the end of the document.") : root;
    }

    /// <summary>The value for a person who looks for it.</summary>
    public string Describe() => Kind switch
    {
        JsonTokenType.String => $"\"{Text}\"",
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        _ => Raw,
    };

    private static LocatedJson Read(ref Utf8JsonReader reader, byte[] file, ref int at, ref int line)
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

        value.Bytes = file.AsMemory(start, (int)reader.BytesConsumed - start);
        return value;
    }

    /// <summary>Counts the lines up to the reader's token; where it starts.</summary>
    private static int Move(ref Utf8JsonReader reader, byte[] file, ref int at, ref int line)
    {
        var start = (int)reader.TokenStartIndex;
        line += file.AsSpan(at, start - at).Count((byte)'\n');
        return at = start;
    }
}

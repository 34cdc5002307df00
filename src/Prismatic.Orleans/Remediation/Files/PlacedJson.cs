using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace Prismatic.Remediation;

/// <summary>What a place of a JSON document holds.</summary>
internal enum PlacedKind
{
    Object,
    Array,
    Text,
    Number,
    True,
    False,
    Null,
}

/// <summary>A named value of an object.</summary>
internal sealed record PlacedMember(string Name, int Line, PlacedJson Value);

/// <summary>
/// A JSON value that knows the line it begins on. Members of an object are kept as they were written, one that is there twice among them, since
/// both are mistakes that a person wants to be shown.
/// </summary>
internal sealed class PlacedJson(PlacedKind kind, int line)
{
    private const int MaxDepth = 32;

    public PlacedKind Kind { get; } = kind;

    public int Line { get; } = line;

    public ImmutableArray<PlacedMember> Members { get; private init; } = [];

    public ImmutableArray<PlacedJson> Items { get; private init; } = [];

    /// <summary>The value of a text, the digits of a number.</summary>
    public string Text { get; private init; } = "";

    public PlacedJson? this[string name] => Members.LastOrDefault(member => member.Name == name)?.Value;

    /// <summary>In words, for a person who wrote one thing where another was wanted.</summary>
    public string Describe() => Kind switch
    {
        PlacedKind.Object => "an object",
        PlacedKind.Array => "a list",
        PlacedKind.Text => $"the text \"{Shorten(Text)}\"",
        PlacedKind.Number => $"the number {Shorten(Text)}",
        PlacedKind.Null => "null",
        _ => Kind == PlacedKind.True ? "true" : "false",
    };

    /// <summary>Reads a document.</summary>
    /// <exception cref="PlacedJsonException">It is not JSON; says where.</exception>
    public static PlacedJson Parse(ReadOnlySpan<byte> utf8)
    {
        if (utf8.StartsWith(Encoding.UTF8.Preamble))
        {
            utf8 = utf8[Encoding.UTF8.Preamble.Length..];
        }

        if (utf8.IsEmpty)
        {
            throw new PlacedJsonException(1, "the file is empty");
        }

        var lines = new LineCounter(utf8);
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
        try
        {
            reader.Read();
            var value = Read(ref reader, ref lines);
            while (reader.Read())
            {
                // Nothing may follow; the reader says so itself.
            }

            return value;
        }
        catch (JsonException invalid)
        {
            throw new PlacedJsonException((int)(invalid.LineNumber ?? 0) + 1, FirstSentence(invalid.Message));
        }
        catch (InvalidOperationException)
        {
            throw new PlacedJsonException(lines.LineAt(reader.TokenStartIndex), "the text is not valid UTF-8");
        }
    }

    private static PlacedJson Read(ref Utf8JsonReader reader, ref LineCounter lines)
    {
        var line = lines.LineAt(reader.TokenStartIndex);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var members = ImmutableArray.CreateBuilder<PlacedMember>();
                while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
                {
                    var at = lines.LineAt(reader.TokenStartIndex);
                    var name = reader.GetString()!;
                    reader.Read();
                    members.Add(new PlacedMember(name, at, Read(ref reader, ref lines)));
                }

                return new PlacedJson(PlacedKind.Object, line) { Members = members.ToImmutable() };

            case JsonTokenType.StartArray:
                var items = ImmutableArray.CreateBuilder<PlacedJson>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    items.Add(Read(ref reader, ref lines));
                }

                return new PlacedJson(PlacedKind.Array, line) { Items = items.ToImmutable() };

            case JsonTokenType.String:
                return new PlacedJson(PlacedKind.Text, line) { Text = reader.GetString()! };

            case JsonTokenType.Number:
                return new PlacedJson(PlacedKind.Number, line) { Text = Encoding.UTF8.GetString(reader.ValueSpan) };

            default:
                return new PlacedJson(reader.TokenType == JsonTokenType.True ? PlacedKind.True : reader.TokenType == JsonTokenType.False ? PlacedKind.False : PlacedKind.Null, line);
        }
    }

    // The reader's message ends with the place, which is said already.
    private static string FirstSentence(string message)
    {
        var end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return (end < 0 ? message : message[..end]).Trim().TrimEnd('.');
    }

    private static string Shorten(string text) => text.Length <= 60 ? text : string.Concat(text.AsSpan(0, 60), "…");

    /// <summary>Counts lines up to a place; places only ever come further on.</summary>
    private ref struct LineCounter(ReadOnlySpan<byte> utf8)
    {
        private readonly ReadOnlySpan<byte> _utf8 = utf8;
        private int _counted;
        private int _line = 1;

        public int LineAt(long index)
        {
            var end = (int)Math.Min(index, _utf8.Length);
            if (end > _counted)
            {
                _line += _utf8[_counted..end].Count((byte)'\n');
                _counted = end;
            }

            return _line;
        }
    }
}

/// <summary>A document is not JSON.</summary>
internal sealed class PlacedJsonException(int line, string problem) : Exception(problem)
{
    public int Line { get; } = line;
}

using System.Globalization;

namespace Prismatic.Measuring;

/// <summary>A mistake on the command line.</summary>
internal sealed class OptionException(string message) : Exception(message);

/// <summary>The options behind the verb, as <c>--name value</c>. One that no verb reads is a mistake.</summary>
internal sealed class Options
{
    private readonly Dictionary<string, string> _values;

    private Options(Dictionary<string, string> values) => _values = values;

    public static Options Parse(IEnumerable<string> args)
    {
        var values = new Dictionary<string, string>();
        foreach (var pair in args.Chunk(2))
        {
            if (pair is not [['-', '-', .. var name], var value])
            {
                throw new OptionException($"'{string.Join(' ', pair)}' is not an option with a value.");
            }

            values[name] = value;
        }

        return new Options(values);
    }

    /// <summary>A whole number from 1 to <paramref name="max"/>.</summary>
    public int Number(string name, int or, int max)
    {
        if (!_values.Remove(name, out var text))
        {
            return or;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= max
            ? number
            : throw new OptionException($"--{name} is '{text}'; it must be a number from 1 to {max}.");
    }

    /// <summary>Whole numbers from 1 to <paramref name="max"/>, separated by commas.</summary>
    public IReadOnlyList<int> Numbers(string name, IReadOnlyList<int> or, int max)
    {
        if (!_values.Remove(name, out var text))
        {
            return or;
        }

        var numbers = text.Split(',').Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0).ToList();
        return numbers.TrueForAll(number => number >= 1 && number <= max)
            ? numbers
            : throw new OptionException($"--{name} is '{text}'; it must be numbers from 1 to {max}, separated by commas.");
    }

    /// <summary>One of <paramref name="values"/>.</summary>
    public string Choice(string name, string or, string[] values) => !_values.Remove(name, out var text) ? or
        : values.Contains(text) ? text
        : throw new OptionException($"--{name} is '{text}'; it must be one of {string.Join(", ", values)}.");

    /// <summary>Where the results go. Read last: what is then left over is unknown.</summary>
    public Output Output()
    {
        var json = _values.Remove("output", out var form) ? form switch
        {
            "json" => true,
            "table" => false,
            _ => throw new OptionException($"--output is '{form}'; it must be table or json."),
        }
        : false;
        return _values.Count == 0
            ? new Output(json)
            : throw new OptionException($"This verb has no option --{_values.Keys.First()}.");
    }
}

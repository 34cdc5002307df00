using System.CommandLine;

namespace Prismatic.Cli;

/// <summary>How a result is written to standard output.</summary>
internal enum OutputForm
{
    /// <summary>For people.</summary>
    Table,

    /// <summary>One JSON document, for programs.</summary>
    Json,
}

internal static class OutputOption
{
    /// <summary><c>--output table|json</c>, <c>table</c> when not given.</summary>
    public static Option<OutputForm> Create()
    {
        var option = new Option<OutputForm>("--output", "-o")
        {
            Description = "How to write the result.",
            HelpName = "table|json",
            DefaultValueFactory = _ => OutputForm.Table,
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (Enum.TryParse<OutputForm>(text, ignoreCase: true, out var form) && !char.IsAsciiDigit(text[0]))
                {
                    return form;
                }

                result.AddError($"--output is '{text}'; it must be table or json.");
                return OutputForm.Table;
            },
        };
        option.CompletionSources.Add("table", "json");
        return option;
    }
}

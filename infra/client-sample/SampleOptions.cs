using System.Globalization;
using System.Net;

namespace Prismatic.ClientSample;

/// <summary>What the command line says.</summary>
internal sealed record SampleOptions
{
    public const string Usage =
        """
        prismatic-client-sample (--gateways <address:port,...> | --database-file <file>) [options]

          --gateways <address:port,...>  the gateways of the silos
          --database-file <file>         a file with the connection string of the cluster's PostgreSQL, where the gateways are found
          --cluster <id>                 the cluster's name; default prismatic
          --service <id>                 the service's name; default prismatic
          --ask <slug>                   a source to ask as well; may be given several times
          --every <seconds>              between calls; 0.01 to 60, default 0.5

        Calls workers until Ctrl+C, one line for each answer. Exit codes: 0 stopped as asked, 2 wrong use.
        """;

    /// <summary>Gateways by address; empty when they are found in the database.</summary>
    public IReadOnlyList<IPEndPoint> Gateways { get; init; } = [];

    /// <summary>The file with the connection string; null when the gateways are given.</summary>
    public string? DatabaseFile { get; init; }

    public string ClusterId { get; init; } = "prismatic";

    public string ServiceId { get; init; } = "prismatic";

    public IReadOnlyList<string> Sources { get; init; } = [];

    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>The options, or the mistake in a sentence.</summary>
    public static (SampleOptions Options, string? Mistake) Read(IReadOnlyList<string> arguments)
    {
        var options = new SampleOptions();
        for (var i = 0; i < arguments.Count; i += 2)
        {
            if (i + 1 == arguments.Count)
            {
                return (options, $"{arguments[i]} has no value.");
            }

            var (name, value) = (arguments[i], arguments[i + 1]);
            switch (name)
            {
                case "--gateways" when ReadGateways(value) is { } gateways:
                    options = options with { Gateways = gateways };
                    break;
                case "--gateways":
                    return (options, $"--gateways is '{value}'; it must be addresses such as 127.0.0.1:30000, separated by commas.");
                case "--database-file":
                    options = options with { DatabaseFile = value };
                    break;
                case "--cluster":
                    options = options with { ClusterId = value };
                    break;
                case "--service":
                    options = options with { ServiceId = value };
                    break;
                case "--ask":
                    options = options with { Sources = [.. options.Sources, value] };
                    break;
                case "--every" when double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0.01 and <= 60:
                    options = options with { Every = TimeSpan.FromSeconds(seconds) };
                    break;
                case "--every":
                    return (options, $"--every is '{value}'; it must be from 0.01 to 60 seconds.");
                default:
                    return (options, $"{name} is not an option.");
            }
        }

        return (options, (options.Gateways.Count > 0) == (options.DatabaseFile is not null) ? "Either --gateways or --database-file tells where the cluster is." : null);
    }

    private static List<IPEndPoint>? ReadGateways(string value)
    {
        var gateways = value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(text => IPEndPoint.TryParse(text, out var gateway) && gateway.Port > 0 ? gateway : null)
            .ToList();
        return gateways.Count > 0 && gateways.TrueForAll(gateway => gateway is not null) ? [.. gateways.OfType<IPEndPoint>()] : null;
    }
}

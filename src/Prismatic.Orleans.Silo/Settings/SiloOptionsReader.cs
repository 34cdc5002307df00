using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Prismatic.Silo;

/// <summary>Reads the section <c>Prismatic</c> and lists every mistake in it, each as one sentence. Touches nothing but the configuration.</summary>
internal sealed partial class SiloOptionsReader
{
    private const string Section = "Prismatic";
    private static readonly SiloOptions Defaults = new();

    private static readonly string[] Known =
    [
        nameof(SiloOptions.DataDirectory), nameof(SiloOptions.ConnectionString), nameof(SiloOptions.ConnectionStringFile),
        nameof(SiloOptions.ApplySchema), nameof(SiloOptions.DatabaseWaitSeconds),
        nameof(SiloOptions.AdvertisedAddress), nameof(SiloOptions.ListenAddress), nameof(SiloOptions.SiloPort), nameof(SiloOptions.GatewayPort), nameof(SiloOptions.Urls),
        nameof(SiloOptions.ClusterId), nameof(SiloOptions.ServiceId), nameof(SiloOptions.AdminTokenFile), nameof(SiloOptions.LessonKeyFile), nameof(SiloOptions.SignInLink), nameof(SiloOptions.RuleFile), nameof(SiloOptions.Drills),
        nameof(SiloOptions.Logging), nameof(SiloOptions.DrainSeconds), nameof(SiloOptions.ShutdownSeconds), nameof(SiloOptions.MetricsUrl), nameof(SiloOptions.KubernetesHosting),
    ];

    private readonly IConfigurationSection _section;
    private readonly List<string> _mistakes = [];

    private SiloOptionsReader(IConfiguration configuration) => _section = configuration.GetSection(Section);

    public static (SiloOptions Options, IReadOnlyList<string> Mistakes) Read(IConfiguration configuration)
    {
        var reader = new SiloOptionsReader(configuration);
        return (reader.ReadOptions(), reader._mistakes);
    }

    private SiloOptions ReadOptions()
    {
        FindUnknownKeys();
        var options = new SiloOptions
        {
            DataDirectory = Text(nameof(SiloOptions.DataDirectory), Defaults.DataDirectory),
            ConnectionString = Secret(nameof(SiloOptions.ConnectionString)),
            ConnectionStringFile = File(nameof(SiloOptions.ConnectionStringFile)),
            ApplySchema = Switch(nameof(SiloOptions.ApplySchema), Defaults.ApplySchema),
            DatabaseWaitSeconds = Number(nameof(SiloOptions.DatabaseWaitSeconds), Defaults.DatabaseWaitSeconds, 0, 3600),
            AdvertisedAddress = Ip(nameof(SiloOptions.AdvertisedAddress), Defaults.AdvertisedAddress),
            ListenAddress = _section[nameof(SiloOptions.ListenAddress)] is null ? null : Ip(nameof(SiloOptions.ListenAddress), Defaults.AdvertisedAddress),
            SiloPort = Number(nameof(SiloOptions.SiloPort), Defaults.SiloPort, 1, 65535),
            GatewayPort = Number(nameof(SiloOptions.GatewayPort), Defaults.GatewayPort, 1, 65535),
            Urls = Addresses(nameof(SiloOptions.Urls), Defaults.Urls),
            ClusterId = Name(nameof(SiloOptions.ClusterId), Defaults.ClusterId),
            ServiceId = Name(nameof(SiloOptions.ServiceId), Defaults.ServiceId),
            AdminTokenFile = File(nameof(SiloOptions.AdminTokenFile)),
            LessonKeyFile = File(nameof(SiloOptions.LessonKeyFile)),
            RuleFile = File(nameof(SiloOptions.RuleFile)),
            SignInLink = Switch(nameof(SiloOptions.SignInLink), Defaults.SignInLink),
            Logging = OneOf(nameof(SiloOptions.Logging), Defaults.Logging, "simple", "json"),
            Drills = Switch(nameof(SiloOptions.Drills), Defaults.Drills),
            MetricsUrl = Address(nameof(SiloOptions.MetricsUrl)),
            KubernetesHosting = Switch(nameof(SiloOptions.KubernetesHosting), Defaults.KubernetesHosting),
            DrainSeconds = Number(nameof(SiloOptions.DrainSeconds), Defaults.DrainSeconds, 0, 300),
            ShutdownSeconds = Number(nameof(SiloOptions.ShutdownSeconds), Defaults.ShutdownSeconds, 1, 600),
        };
        FindSharedPorts(options);
        FindContradictions(options);
        return options;
    }

    private void FindContradictions(SiloOptions options)
    {
        if (options is { ConnectionString: not null, ConnectionStringFile: not null })
        {
            _mistakes.Add($"{Section}:ConnectionString and {Section}:ConnectionStringFile are both set; only one of them may be.");
        }

        if (options is { KubernetesHosting: true, IsClustered: false })
        {
            _mistakes.Add($"{Section}:KubernetesHosting is true, and no {Section}:ConnectionStringFile names the database that the silos of a cluster share.");
        }

        if (IsEveryAddress(options.AdvertisedAddress))
        {
            _mistakes.Add($"{Section}:AdvertisedAddress is {options.AdvertisedAddress}, where nobody can be reached; it must be an address of this machine, and {Section}:ListenAddress may be {options.AdvertisedAddress}.");
        }

        if (options.DrainSeconds >= options.ShutdownSeconds)
        {
            _mistakes.Add($"{Section}:DrainSeconds is {options.DrainSeconds} and {Section}:ShutdownSeconds is {options.ShutdownSeconds}; draining is a part of the shutdown and must be shorter.");
        }
    }

    private static bool IsEveryAddress(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private void FindUnknownKeys()
    {
        foreach (var key in _section.GetChildren().Select(child => child.Key).Where(key => !Known.Contains(key, StringComparer.OrdinalIgnoreCase)))
        {
            _mistakes.Add($"{Section}:{key} is not a setting. The settings are: {string.Join(", ", Known)}.");
        }
    }

    private void FindSharedPorts(SiloOptions options)
    {
        var ports = options.Urls.Select(url => (Setting: nameof(SiloOptions.Urls), Port: BindingAddress.Parse(url).Port))
            .Concat(options.MetricsUrl is { } metrics ? [(Setting: nameof(SiloOptions.MetricsUrl), BindingAddress.Parse(metrics).Port)] : [])
            .Prepend((Setting: nameof(SiloOptions.GatewayPort), Port: options.GatewayPort))
            .Prepend((Setting: nameof(SiloOptions.SiloPort), Port: options.SiloPort))
            .Where(use => use.Port != 0)
            .GroupBy(use => use.Port);
        foreach (var shared in ports.Where(uses => uses.Select(use => use.Setting).Distinct().Count() > 1))
        {
            var settings = string.Join(" and ", shared.Select(use => $"{Section}:{use.Setting}").Distinct());
            _mistakes.Add($"{settings} both use port {shared.Key}; each needs a port of its own.");
        }
    }

    private string Text(string key, string otherwise) =>
        Read(key, otherwise, "a path", text => string.IsNullOrWhiteSpace(text) ? null : text);

    private string? File(string key) => _section[key] is null ? null : Text(key, "");

    private IPAddress Ip(string key, IPAddress otherwise) =>
        Read(key, otherwise, "an IP address such as 10.0.0.5", text => IPAddress.TryParse(text, out var address) ? address : null);

    /// <summary>A connection string. A mistake in it is told without it, since it may hold a password.</summary>
    private string? Secret(string key)
    {
        if (_section[key] is not { } text)
        {
            return null;
        }

        if (PostgresDatabase.Parse(text) is null)
        {
            _mistakes.Add($"{Section}:{key} {PostgresDatabase.WrongConnectionString}");
        }

        return text;
    }

    private string Name(string key, string otherwise) =>
        Read(key, otherwise, "1 to 150 letters, digits, dots, dashes or underscores", text => NamePattern().IsMatch(text) ? text : null);

    private string OneOf(string key, string otherwise, params string[] values) =>
        Read(key, otherwise, string.Join(" or ", values), text => values.FirstOrDefault(value => value.Equals(text, StringComparison.OrdinalIgnoreCase)));

    private IReadOnlyList<string> Addresses(string key, IReadOnlyList<string> otherwise) =>
        Read(key, otherwise, "addresses such as http://127.0.0.1:8080, separated by semicolons", ParseAddresses);

    private string? Address(string key) =>
        Read(key, Array.Empty<string>(), "one address with a port of its own, such as http://0.0.0.0:9464", text => ParseAddresses(text) is [var url] && BindingAddress.Parse(url).Port != 0 ? [url] : null)
            .FirstOrDefault();

    private int Number(string key, int otherwise, int least, int most) =>
        Read(key, new Box<int>(otherwise), $"a whole number from {least} to {most}", text =>
            int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
                ? new Box<int>(number)
                : null).Value;

    private bool Switch(string key, bool otherwise) =>
        Read(key, new Box<bool>(otherwise), "true or false", text => bool.TryParse(text, out var on) ? new Box<bool>(on) : null).Value;

    private T Read<T>(string key, T otherwise, string expected, Func<string, T?> parse)
        where T : class
    {
        if (_section[key] is not { } text)
        {
            return otherwise;
        }

        if (parse(text.Trim()) is { } value)
        {
            return value;
        }

        _mistakes.Add($"{Section}:{key} is '{text}'; it must be {expected}.");
        return otherwise;
    }

    private static string[]? ParseAddresses(string text)
    {
        var urls = text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return urls.Length > 0 && urls.All(IsAddress) ? urls : null;
    }

    private static bool IsAddress(string url) =>
        Uri.TryCreate(url.Replace("://*", "://any", StringComparison.Ordinal).Replace("://+", "://any", StringComparison.Ordinal), UriKind.Absolute, out var uri)
        && uri.Scheme is "http" or "https"
        && uri.PathAndQuery == "/";

    [GeneratedRegex("^[A-Za-z0-9._-]{1,150}$")]
    private static partial Regex NamePattern();

    private sealed record Box<T>(T Value);
}

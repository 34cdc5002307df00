using Microsoft.Extensions.Configuration;
using Prismatic.Silo;
using Xunit;

namespace Prismatic.Tests.Silo;

public sealed class SiloOptionsReaderTests
{
    [Fact]
    public void Nothing_configured_means_the_defaults()
    {
        var (options, mistakes) = Read();

        Assert.Empty(mistakes);
        Assert.Equal(new SiloOptions().DatabaseFile, options.DatabaseFile);
        Assert.Equal((11111, 30000, "http://127.0.0.1:8080"), (options.SiloPort, options.GatewayPort, Assert.Single(options.Urls)));
    }

    [Fact]
    public void Keys_are_found_however_they_are_capitalised_as_environment_variables_are()
    {
        var (options, mistakes) = Read(("PRISMATIC:SILOPORT", "12000"), ("PRISMATIC:SIGNINLINK", "FALSE"));

        Assert.Empty(mistakes);
        Assert.Equal((12000, false), (options.SiloPort, options.SignInLink));
    }

    [Theory]
    [InlineData("SiloPort", "1", null)]
    [InlineData("SiloPort", "65535", null)]
    [InlineData("SiloPort", "0", "Prismatic:SiloPort is '0'; it must be a whole number from 1 to 65535.")]
    [InlineData("SiloPort", "65536", "Prismatic:SiloPort is '65536'; it must be a whole number from 1 to 65535.")]
    [InlineData("SiloPort", "", "Prismatic:SiloPort is ''; it must be a whole number from 1 to 65535.")]
    [InlineData("GatewayPort", "abc", "Prismatic:GatewayPort is 'abc'; it must be a whole number from 1 to 65535.")]
    [InlineData("GatewayPort", "11111", "Prismatic:SiloPort and Prismatic:GatewayPort both use port 11111; each needs a port of its own.")]
    [InlineData("Urls", "http://127.0.0.1:0", null)]
    [InlineData("Urls", "http://*:8080; https://localhost:8443", null)]
    [InlineData("Urls", "http://[::1]:8080", null)]
    [InlineData("Urls", "127.0.0.1:8080", "Prismatic:Urls is '127.0.0.1:8080'; it must be addresses such as http://127.0.0.1:8080, separated by semicolons.")]
    [InlineData("Urls", "http://127.0.0.1:8080/admin", "Prismatic:Urls is 'http://127.0.0.1:8080/admin'; it must be addresses such as http://127.0.0.1:8080, separated by semicolons.")]
    [InlineData("Urls", ";", "Prismatic:Urls is ';'; it must be addresses such as http://127.0.0.1:8080, separated by semicolons.")]
    [InlineData("Urls", "http://127.0.0.1:30000", "Prismatic:GatewayPort and Prismatic:Urls both use port 30000; each needs a port of its own.")]
    [InlineData("MetricsUrl", "http://0.0.0.0:9464", null)]
    [InlineData("MetricsUrl", "http://0.0.0.0:8080", "Prismatic:Urls and Prismatic:MetricsUrl both use port 8080; each needs a port of its own.")]
    [InlineData("MetricsUrl", "http://0.0.0.0:0", "Prismatic:MetricsUrl is 'http://0.0.0.0:0'; it must be one address with a port of its own, such as http://0.0.0.0:9464.")]
    [InlineData("MetricsUrl", "http://a:1;http://b:2", "Prismatic:MetricsUrl is 'http://a:1;http://b:2'; it must be one address with a port of its own, such as http://0.0.0.0:9464.")]
    [InlineData("KubernetesHosting", "true", "Prismatic:KubernetesHosting is true, and no Prismatic:ConnectionStringFile names the database that the silos of a cluster share.")]
    [InlineData("KubernetesHosting", "yes", "Prismatic:KubernetesHosting is 'yes'; it must be true or false.")]
    [InlineData("ClusterId", "prod-1", null)]
    [InlineData("ClusterId", "a b", "Prismatic:ClusterId is 'a b'; it must be 1 to 150 letters, digits, dots, dashes or underscores.")]
    [InlineData("ServiceId", "", "Prismatic:ServiceId is ''; it must be 1 to 150 letters, digits, dots, dashes or underscores.")]
    [InlineData("DataDirectory", " ", "Prismatic:DataDirectory is ' '; it must be a path.")]
    [InlineData("ConnectionString", "Host=db;Database=prismatic;Username=prismatic;SSL Mode=VerifyFull", null)]
    [InlineData("ConnectionString", "Host=db;Password=planted-7f3a", "Prismatic:ConnectionString is not a connection string such as Host=db;Database=prismatic;Username=prismatic, which names a host and a database. It is not shown, since it may hold a password.")]
    [InlineData("ConnectionString", "planted-7f3a", "Prismatic:ConnectionString is not a connection string such as Host=db;Database=prismatic;Username=prismatic, which names a host and a database. It is not shown, since it may hold a password.")]
    [InlineData("ConnectionStringFile", "", "Prismatic:ConnectionStringFile is ''; it must be a path.")]
    [InlineData("ApplySchema", "no", "Prismatic:ApplySchema is 'no'; it must be true or false.")]
    [InlineData("DatabaseWaitSeconds", "0", null)]
    [InlineData("DatabaseWaitSeconds", "3601", "Prismatic:DatabaseWaitSeconds is '3601'; it must be a whole number from 0 to 3600.")]
    [InlineData("AdvertisedAddress", "10.0.0.5", null)]
    [InlineData("AdvertisedAddress", "fd00::5", null)]
    [InlineData("AdvertisedAddress", "node-5", "Prismatic:AdvertisedAddress is 'node-5'; it must be an IP address such as 10.0.0.5.")]
    [InlineData("AdvertisedAddress", "0.0.0.0", "Prismatic:AdvertisedAddress is 0.0.0.0, where nobody can be reached; it must be an address of this machine, and Prismatic:ListenAddress may be 0.0.0.0.")]
    [InlineData("ListenAddress", "::", null)]
    [InlineData("DrainSeconds", "24", null)]
    [InlineData("DrainSeconds", "25", "Prismatic:DrainSeconds is 25 and Prismatic:ShutdownSeconds is 25; draining is a part of the shutdown and must be shorter.")]
    [InlineData("AdminTokenFile", "", "Prismatic:AdminTokenFile is ''; it must be a path.")]
    [InlineData("SignInLink", "yes", "Prismatic:SignInLink is 'yes'; it must be true or false.")]
    [InlineData("Logging", "JSON", null)]
    [InlineData("Logging", "xml", "Prismatic:Logging is 'xml'; it must be simple or json.")]
    [InlineData("ShutdownSeconds", "600", null)]
    [InlineData("ShutdownSeconds", "601", "Prismatic:ShutdownSeconds is '601'; it must be a whole number from 1 to 600.")]
    public void A_mistake_is_one_sentence_with_setting_value_and_what_is_expected(string key, string value, string? mistake)
    {
        var (_, mistakes) = Read(($"Prismatic:{key}", value));

        Assert.Equal(mistake is null ? [] : [mistake], mistakes);
    }

    [Fact]
    public void All_mistakes_are_listed_at_once_unknown_settings_among_them()
    {
        var (_, mistakes) = Read(("Prismatic:SiloPort", "x"), ("Prismatic:Logging", "x"), ("Prismatic:DataDir", "x"));

        Assert.Equal(3, mistakes.Count);
        Assert.StartsWith("Prismatic:DataDir is not a setting. The settings are: DataDirectory, ConnectionString,", mistakes[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Every_setting_of_the_options_can_be_set()
    {
        var settings = typeof(SiloOptions).GetProperties().Where(property => property.CanWrite).Select(property => property.Name);

        Assert.DoesNotContain(Read([.. settings.Select(name => ($"Prismatic:{name}", "?"))]).Mistakes, mistake => mistake.Contains("not a setting", StringComparison.Ordinal));
    }

    [Fact]
    public void Only_one_connection_string_may_be_given_and_none_is_ever_printed()
    {
        var (options, mistakes) = Read(("Prismatic:ConnectionString", "Host=db;Database=prismatic;Password=planted-7f3a"), ("Prismatic:ConnectionStringFile", "/run/secrets/db"));

        Assert.Equal(["Prismatic:ConnectionString and Prismatic:ConnectionStringFile are both set; only one of them may be."], mistakes);
        Assert.DoesNotContain("planted", $"{options}", StringComparison.Ordinal);
    }

    private static (SiloOptions Options, IReadOnlyList<string> Mistakes) Read(params (string Key, string Value)[] settings) =>
        SiloOptionsReader.Read(new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))
            .Build());
}

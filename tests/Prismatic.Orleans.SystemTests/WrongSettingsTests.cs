using Prismatic.SystemTests.Harness;
using Xunit;

namespace Prismatic.SystemTests;

/// <summary>A silo that is set up wrongly does not start, and says why in words for the person who set it up.</summary>
public sealed class WrongSettingsTests
{
    private const int WrongUse = 2;

    [Theory]
    [InlineData("SILOPORT", "0", "Prismatic:SiloPort is '0'; it must be a whole number from 1 to 65535.")]
    [InlineData("URLS", "127.0.0.1:8080", "Prismatic:Urls is '127.0.0.1:8080'; it must be addresses such as http://127.0.0.1:8080, separated by semicolons.")]
    [InlineData("LOGGING", "xml", "Prismatic:Logging is 'xml'; it must be simple or json.")]
    [InlineData("SIGNINLINK", "yes", "Prismatic:SignInLink is 'yes'; it must be true or false.")]
    [InlineData("SHUTDOWNSECONDS", "601", "Prismatic:ShutdownSeconds is '601'; it must be a whole number from 1 to 600.")]
    [InlineData("CLUSTERID", "a cluster", "Prismatic:ClusterId is 'a cluster'; it must be 1 to 150 letters, digits, dots, dashes or underscores.")]
    [InlineData("ADMINTOKENFILE", "/no/such/file", "Prismatic:AdminTokenFile is /no/such/file, which cannot be read: *")]
    [InlineData("DATADIRECTORY", "/dev/null/data", "Prismatic:DataDirectory is /dev/null/data, where nothing can be written: *")]
    [InlineData("SILOPORTS", "1", "Prismatic:SILOPORTS is not a setting. *")]
    public async Task A_mistake_is_one_sentence_on_standard_error_and_exit_code_2(string setting, string value, string sentence)
    {
        var errors = await Refused(settings => settings[$"PRISMATIC__{setting}"] = value);

        Matches(sentence, Assert.Single(errors));
    }

    [Fact]
    public async Task Several_mistakes_are_told_at_once_one_to_a_line()
    {
        var errors = await Refused(settings =>
        {
            settings["PRISMATIC__GATEWAYPORT"] = "many";
            settings["PRISMATIC__LOGGING"] = "loud";
            settings["PRISMATIC__ADMINTOKENFILE"] = "/no/such/file";
        });

        Assert.Equal(3, errors.Count);
        Assert.All(new[] { "GatewayPort", "Logging", "AdminTokenFile" }, setting => Assert.Single(errors, line => line.StartsWith($"Prismatic:{setting} ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_second_silo_on_the_same_ports_is_told_which_one_is_taken()
    {
        using var port = new RefusingPort();
        port.BeginToListen();

        var errors = await Refused(settings => settings["PRISMATIC__URLS"] = $"http://127.0.0.1:{port.Number}");

        Assert.Equal($"Prismatic:Urls wants port {port.Number} of 127.0.0.1, which another program uses; is another silo running?", Assert.Single(errors));
    }

    [Fact]
    public async Task A_database_that_is_none_is_named()
    {
        var errors = await Refused(settings =>
        {
            var data = Directory.CreateDirectory(settings["PRISMATIC__DATADIRECTORY"]);
            File.WriteAllText(Path.Combine(data.FullName, "prismatic.db"), new string('x', 8192));
        });

        Matches("The database */prismatic.db cannot be used: *", Assert.Single(errors));
    }

    /// <summary>What a silo with these settings writes on standard error before it gives up.</summary>
    private static async Task<IReadOnlyList<string>> Refused(Action<Dictionary<string, string>> spoil)
    {
        using var directory = new TemporaryDirectory();
        var settings = SiloProcess.Settings(directory, SiloPlace.Find());
        spoil(settings);
        await using var silo = SiloProgram.Start(directory, settings);

        Assert.Equal(WrongUse, await silo.Exit());
        Assert.DoesNotContain("sign-in", silo.Output.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(silo.Errors.Lines, line => line.StartsWith("   at ", StringComparison.Ordinal));
        return silo.Errors.Lines;
    }

    private static void Matches(string pattern, string text)
    {
        var regex = "^" + System.Text.RegularExpressions.Regex.Escape(pattern).Replace(@"\*", ".+", StringComparison.Ordinal) + "$";
        Assert.Matches(regex, text);
    }
}

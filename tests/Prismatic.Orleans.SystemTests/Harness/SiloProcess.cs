using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Prismatic.SystemTests.Faults;
using Xunit;

namespace Prismatic.SystemTests.Harness;

/// <summary>The platform's silo as a process of its own, on free ports and a directory that outlives it.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    public const string Token = "0123456789abcdef0123456789abcdef";
    private const int WrongUse = 2;

    private readonly ProgramProcess _process;

    private SiloProcess(ProgramProcess process, SiloPlace place)
    {
        _process = process;
        Place = place;
    }

    public SiloPlace Place { get; }

    public Uri Address => Place.Http;

    public bool HasExited => _process.HasExited;

    public CapturedLines Output => _process.Output;

    public CapturedLines Errors => _process.Errors;

    /// <summary>Starts a silo on <paramref name="directory"/>, with <paramref name="settings"/> without their prefix, and returns when it is ready.</summary>
    public static async Task<SiloProcess> Start(TemporaryDirectory directory, params IEnumerable<(string Name, string Value)> settings)
    {
        while (true)
        {
            var silo = Launch(directory, SiloPlace.Find(), settings);
            if (await silo.BecameReady())
            {
                return silo;
            }
        }
    }

    /// <summary>Starts one silo of the cluster on <paramref name="database"/> and returns when it is ready.</summary>
    /// <param name="directory">Where its token file is; silos may share it.</param>
    /// <param name="database">The connection string, which reaches the silo in a file.</param>
    /// <param name="place">Its address and ports.</param>
    /// <param name="settings">More settings, without the prefix: <c>("DrainSeconds", "5")</c>.</param>
    public static async Task<SiloProcess> Join(
        TemporaryDirectory directory, string database, SiloPlace place, params IEnumerable<(string Name, string Value)> settings)
    {
        var silo = LaunchInCluster(directory, database, place, settings);
        Assert.True(await silo.BecameReady(), $"A port of {place} is taken.");
        return silo;
    }

    /// <summary>As <see cref="Join"/>, and returns at once.</summary>
    public static SiloProcess LaunchInCluster(
        TemporaryDirectory directory, string database, SiloPlace place, params IEnumerable<(string Name, string Value)> settings) =>
        Launch(directory, place, [("ConnectionStringFile", directory.WriteSecret("database", database)), .. settings]);

    /// <summary>As <see cref="LaunchInCluster(TemporaryDirectory, string, SiloPlace, IEnumerable{ValueTuple{string, string}})"/>, for one side of a comparison.</summary>
    public static SiloProcess LaunchInCluster(Arm arm, TemporaryDirectory directory, string secret, string database, SiloPlace place, bool storm) =>
        Launch(directory, place, [("ConnectionStringFile", directory.WriteSecret(secret, database))], arm, storm);

    /// <summary>A silo by itself on <paramref name="directory"/>; returns at once.</summary>
    public static SiloProcess LaunchAlone(Arm arm, TemporaryDirectory directory, SiloPlace place, params IEnumerable<(string Name, string Value)> settings) =>
        Launch(directory, place, settings, arm);

    public static Dictionary<string, string> Settings(TemporaryDirectory directory, SiloPlace place) => new()
    {
        ["PRISMATIC__DATADIRECTORY"] = directory.Combine("data"),
        ["PRISMATIC__ADVERTISEDADDRESS"] = place.Address.ToString(),
        ["PRISMATIC__SILOPORT"] = place.SiloPort.ToString(CultureInfo.InvariantCulture),
        ["PRISMATIC__GATEWAYPORT"] = place.GatewayPort.ToString(CultureInfo.InvariantCulture),
        ["PRISMATIC__URLS"] = place.Http.GetLeftPart(UriPartial.Authority),
        ["PRISMATIC__ADMINTOKENFILE"] = directory.WriteSecret("token", Token),
    };

    /// <summary>An Orleans client of this silo, in the process of the test.</summary>
    public Task<PlatformClient> Connect(bool supervised = true, string cluster = "prismatic") => PlatformClient.Connect([Place], supervised, cluster);

    /// <summary>A program without a token: no cookies to begin with, follows no redirect.</summary>
    public HttpClient Anonymous() => new(new HttpClientHandler { AllowAutoRedirect = false, UseProxy = false }) { BaseAddress = Address };

    /// <summary>A program with the token.</summary>
    public AdminApi Admin()
    {
        var http = Anonymous();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        return new AdminApi(http);
    }

    /// <summary>The sign-in link that the silo prints.</summary>
    public async Task<Uri> SignInLink()
    {
        var printed = Output.First(line => line.Contains("/sign-in?token=", StringComparison.Ordinal));
        await Eventually.Completed(printed, "the silo prints a sign-in link", _process.Describe);
        var line = await printed;
        return new Uri(line[line.IndexOf("http://", StringComparison.Ordinal)..]);
    }

    /// <summary>SIGTERM; the exit code.</summary>
    public Task<int> Stop()
    {
        _process.Terminate();
        return _process.Exit();
    }

    /// <summary>SIGTERM, without waiting.</summary>
    public void Terminate() => _process.Terminate();

    /// <summary>The exit code, once it has ended.</summary>
    public Task<int> Exit(TimeSpan? patience = null) => _process.Exit(patience);

    /// <summary>Sends one of <see cref="Signals"/>.</summary>
    public void Signal(int signal) => _process.Signal(signal);

    /// <summary>kill -9.</summary>
    public Task Kill() => _process.Kill();

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    /// <summary>
    /// Waits until it is ready. False, and it is gone, when it lost a port to another program; a failure when it ended for another reason or takes
    /// too long.
    /// </summary>
    public async Task<bool> BecameReady(TimeSpan? patience = null)
    {
        try
        {
            if (await IsReady(patience))
            {
                return true;
            }
        }
        catch
        {
            await DisposeAsync();
            throw;
        }

        await DisposeAsync();
        return false;
    }

    /// <summary>The status of one of the three probes; null while nobody answers there.</summary>
    public async Task<HttpStatusCode?> Health(string probe)
    {
        using var http = Anonymous();
        try
        {
            using var answer = await http.GetAsync($"/health/{probe}", TestContext.Current.CancellationToken);
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static SiloProcess Launch(TemporaryDirectory directory, SiloPlace place, IEnumerable<(string Name, string Value)> settings, Arm arm = Arm.Platform, bool storm = false)
    {
        var all = Settings(directory, place);
        foreach (var (name, value) in settings)
        {
            all[$"PRISMATIC__{name.ToUpperInvariant()}"] = value;
        }

        return new SiloProcess(SiloProgram.Start(arm, place, directory, all, storm), place);
    }

    private async Task<bool> IsReady(TimeSpan? patience)
    {
        await Eventually.Is(async () => _process.HasExited || await Health("ready") == HttpStatusCode.OK, over => over, "the silo is ready", patience);
        if (!_process.HasExited)
        {
            return true;
        }

        var code = await _process.Exit();
        Assert.True(
            code == WrongUse && Errors.Text.Contains("which another program uses", StringComparison.Ordinal),
            $"The silo ended with {code}.\n{_process.Describe()}");
        return false;
    }
}

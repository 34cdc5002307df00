using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Prismatic.Silo;
using Xunit;

namespace Prismatic.Tests.Silo;

/// <summary>The host as <c>Program.cs</c> runs it, on free ports and a temporary database.</summary>
public sealed class RunningSilo : IAsyncLifetime
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("prismatic-tests-");
    private WebApplication? _app;

    public const string Token = "0123456789abcdef0123456789abcdef";

    internal WebApplication App => _app!;

    internal Uri Address => new(App.Urls.Single());

    /// <summary>Starts a real silo; takes about two seconds.</summary>
    public async ValueTask InitializeAsync()
    {
        var tokenFile = Path.Combine(_directory.FullName, "token");
        await File.WriteAllTextAsync(tokenFile, Token);
        var options = new SiloOptions
        {
            DataDirectory = _directory.FullName,
            SiloPort = FreePort.Find(),
            GatewayPort = FreePort.Find(),
            Urls = ["http://127.0.0.1:0"],
            AdminTokenFile = tokenFile,
        };
        _app = SiloHost.Build(WebApplication.CreateBuilder(), options);
        await SchemaMigration.Apply(_app.Services.GetRequiredService<Database>());
        await _app.StartAsync();
    }

    /// <summary>A browser without cookies, that does not follow redirects.</summary>
    internal HttpClient Anonymous() => new(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = Address };

    internal HttpClient WithToken(string token = Token)
    {
        var client = Anonymous();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync();
        await App.DisposeAsync();
        SqliteConnection.ClearAllPools();
        _directory.Delete(recursive: true);
    }
}

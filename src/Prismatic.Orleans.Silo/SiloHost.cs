using System.Net;
using Microsoft.Extensions.Logging.Console;
using Prismatic.Supervision;

namespace Prismatic.Silo;

/// <summary>Puts the host together; <c>Program.cs</c> tells when.</summary>
internal static class SiloHost
{
    /// <param name="builder">The host's builder.</param>
    /// <param name="options">The host's settings.</param>
    /// <param name="tree">Changes the declared tree; null leaves it as it is.</param>
    /// <param name="last">Has the last word on services and logging; null leaves them as they are.</param>
    /// <param name="primary">The silo to join; null to be the first.</param>
    public static WebApplication Build(
        WebApplicationBuilder builder, SiloOptions options, Action<SupervisionTreeBuilder>? tree = null, Action<WebApplicationBuilder>? last = null, IPEndPoint? primary = null)
    {
        builder.Logging.UseOneLineConsole(options);
        builder.WebHost.UseUrls([.. options.Urls, .. options.MetricsUrl is { } metrics ? [metrics] : Array.Empty<string>()]).ConfigureKestrel(server => server.AddServerHeader = false);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddProblemDetails();
        builder.Services.AddAdminAccess(options);
        builder.Services.AddHostedService<Draining>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(options.ShutdownSeconds));
        builder.UsePlatform(options, tree, primary);
        builder.AddMetricsExport(options);
        last?.Invoke(builder);

        var app = builder.Build();
        app.UseExceptionHandler();
        app.UseMetricsExport(options);
        app.UseBrowserSafety();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapHealth();
        app.MapSignIn();
        app.MapPlatform();
        return app;
    }

    private static void UseOneLineConsole(this ILoggingBuilder logging, SiloOptions options)
    {
        logging.ClearProviders();
        if (options.Logging == "json")
        {
            logging.AddJsonConsole(console => console.IncludeScopes = true);
        }
        else
        {
            logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.IncludeScopes = true;
                console.TimestampFormat = "HH:mm:ss.fff'Z' ";
                console.UseUtcTimestamp = true;
                console.ColorBehavior = LoggerColorBehavior.Default;
            });
        }

        // Configured levels win over these, except the last: it would write the sign-in link's token into the log.
        logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        logging.AddFilter("Orleans", LogLevel.Warning);
        logging.AddFilter("Polly", LogLevel.Warning);
        logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.Warning);
    }
}

using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Runtime;
using Prismatic.Silo;
using Prismatic.Supervision;

namespace Prismatic.SystemTests.Faults;

/// <summary>The platform's host for the other sides of the comparison, and for children that it does not have, as a process of its own: built by the same code, then changed.</summary>
internal static class ArmSilo
{
    public const string Verb = "silo";

    /// <summary>After the arm: the silo has <see cref="StormFamily"/> too.</summary>
    public const string WithStorm = "storm";

    private const int WrongUse = 2;

    public static async Task<int> Run(Arm arm, string[] args)
    {
        var storm = args is [WithStorm, ..];
        args = storm ? args[1..] : args;
        var builder = WebApplication.CreateBuilder(args);
        var (options, mistakes) = SiloOptionsReader.Read(builder.Configuration);
        if (mistakes.Count > 0)
        {
            await Console.Error.WriteLineAsync(string.Join('\n', mistakes));
            return WrongUse;
        }

        await using var app = SiloHost.Build(
            builder,
            options,
            tree =>
            {
                if (arm == Arm.Bare)
                {
                    tree.Configure(supervision => (supervision.Mode, supervision.StartEagerly) = (SupervisionMode.Observe, false));
                }

                if (storm)
                {
                    StormFamily.Declare(tree);
                }
            },
            last =>
            {
                if (arm != Arm.Platform)
                {
                    LeaveMembershipToOrleans(last.Services);
                }
            });
        await DatabaseStart.MakeReady(
            app.Services.GetRequiredService<Database>(),
            options.ApplySchema,
            TimeSpan.FromSeconds(options.DatabaseWaitSeconds),
            app.Services.GetRequiredService<TimeProvider>(),
            app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Prismatic.Silo.Database"));
        await app.StartAsync();
        await app.WaitForShutdownAsync();
        return 0;
    }

    private static void LeaveMembershipToOrleans(IServiceCollection services)
    {
        var own = new ClusterMembershipOptions();
        services.PostConfigure<ClusterMembershipOptions>(membership =>
        {
            membership.IAmAliveTablePublishTimeout = own.IAmAliveTablePublishTimeout;
            membership.NumMissedTableIAmAliveLimit = own.NumMissedTableIAmAliveLimit;
            membership.ProbeTimeout = own.ProbeTimeout;
            membership.NumMissedProbesLimit = own.NumMissedProbesLimit;
            membership.TableRefreshTimeout = own.TableRefreshTimeout;
        });
        foreach (var departed in services.Where(service => service.ServiceType == typeof(ILifecycleParticipant<ISiloLifecycle>) && service.ImplementationType == typeof(DepartedSilos)).ToList())
        {
            services.Remove(departed);
        }
    }
}

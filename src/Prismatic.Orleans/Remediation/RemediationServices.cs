using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Runtime;

namespace Prismatic.Remediation;

/// <summary>Registers what the remediation feature needs in a silo. The grain's other needs are the seams <c>ISiloBroadcast</c> and <c>ICrashIdentity</c>.</summary>
internal static class RemediationServices
{
    /// <param name="services">The silo's services.</param>
    /// <param name="code">The rules declared with the tree. Those with mistakes are left out here: the silo that has them does not start, and says why.</param>
    /// <param name="file">Where the rule file is, or null.</param>
    public static IServiceCollection AddRemediation(this IServiceCollection services, IReadOnlyList<RemediationRule>? code = null, string? file = null)
    {
        services.AddSingleton(new CodeRules([.. (code ?? []).Select(rule => rule with { Origin = RuleOrigin.Code }).Where(rule => RuleValidation.Find(rule).IsEmpty)]));
        if (file is not null)
        {
            services.AddSingleton(new RuleFileSettings(file));
            services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, RuleFileFeed>();
        }

        services.TryAddSingleton(TimeProvider.System);
        return services;
    }
}

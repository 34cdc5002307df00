using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;
using Orleans.Placement;
using Orleans.Serialization;
using Orleans.Serialization.TypeSystem;
using Prismatic.Breakers;
using Prismatic.Control;
using Prismatic.Events;
using Prismatic.Introspection;
using Prismatic.Lessons;
using Prismatic.Remediation;
using Prismatic.Runtime;
using Prismatic.Storage;
using Prismatic.Supervision;

namespace Orleans.Hosting;

/// <summary>The door of Prismatic.Orleans on silos.</summary>
public static class SupervisionSiloBuilderExtensions
{
    /// <summary>
    /// Supervises the grains of this service. Every silo declares the same tree. The control grains keep their state in the grain storage
    /// named <see cref="StorageNames.Provider"/>, which the host must add.
    /// <code>
    /// silo.AddSupervision(tree => tree
    ///     .Enforce()
    ///     .Supervisor("orders", RestartStrategy.OneForOne, orders => orders
    ///         .Worker&lt;IPriceListGrain&gt;("price-list")
    ///         .Workers&lt;ICartGrain&gt;("carts")));
    /// </code>
    /// </summary>
    /// <param name="builder">The silo builder.</param>
    /// <param name="declare">Declares the tree. Its mistakes are reported together when the silo starts, as a <see cref="SupervisionTreeException"/>.</param>
    public static ISiloBuilder AddSupervision(this ISiloBuilder builder, Action<SupervisionTreeBuilder> declare)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(declare);
        var tree = new SupervisionTreeBuilder();
        declare(tree);
        builder.ConfigureServices(services => AddServices(services, tree));
        builder.AddGrainService<SiloAgent>();
        builder.AddGrainExtension<IChildProbe, ChildProbe>();
        return builder;
    }

    private static void AddServices(IServiceCollection services, SupervisionTreeBuilder tree)
    {
        var options = tree.Settings;
        services.AddSingleton(options);
        services.AddSingleton(_ => tree.Build());
        services.AddSingleton<SupervisorSpecs>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(Mutants.Off);
        services.AddMetrics();

        services.AddSingleton<MonotonicClock>();
        services.AddSingleton<SiloIdentity>();
        services.AddSingleton<SupervisedTypes>();
        services.AddSingleton<TreeResolver>();
        services.AddSingleton<GateTable>();
        services.AddSingleton<FirstTable>();
        services.AddSingleton(provider => new ResetOrders(grain => provider.GetRequiredService<SiloAgents>().FindReset(grain)));
        services.AddSingleton<LocalRules>();
        services.AddSingleton<SiloGroups>();
        services.AddSingleton<FailedSteps>();
        services.AddSingleton<RemedyBudgets>();
        services.AddSingleton<KnownCrashes>();
        services.AddSingleton<LiveActivations>();
        services.AddSingleton<Abandonment>();
        services.AddSingleton<OrderedEnds>();
        services.AddSingleton<SiloInventories>();
        services.AddSingleton<HookStatus>();
        services.AddSingleton<EventSink>();
        services.AddSingleton<ReportOutbox>();
        services.AddSingleton<Prismatic.Mailbox.DeadLetterOutbox>();
        services.AddSingleton<OwnExits>();
        services.AddSingleton<CrashHandler>();
        services.AddSingleton<TurnDeadlines>();
        services.AddSingleton<ActivationObserver>();
        services.AddSingleton<MemoryEstimator>();
        services.AddSingleton<SiloGauges>();
        services.AddSingleton<SiloAgents>();
        services.AddSingleton<ISiloBroadcast>(provider => provider.GetRequiredService<SiloAgents>());
        services.AddSingleton<ICrashIdentity, CrashIdentities>();
        services.AddSingleton(new LessonKey(options.LessonKey));
        services.AddSingleton(new LessonTrials(options.TryAlternatives));
        services.AddPlacementFilter<TreePlacementStrategy, TreePlacementDirector>(ServiceLifetime.Singleton);
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, SupervisionStartup>();
        services.AddSingleton<IConfigureGrainContextProvider, LifecycleGate>();

        services.AddSupervisedStates();
        services.AddRemediation(options.Rules, options.RuleFile);
        services.AddBreakers();

        // Next to Orleans' own sending, whose answers it takes without anything in between.
        services.SendCallsThrough((provider, inner) => new ArrivalCalls(inner, provider, options.Retries, provider.GetRequiredService<TimeProvider>(), DirectSending.Of(inner)));
        services.AddControl(options.ControlKey);

        services.AddSingleton<IIncomingGrainCallFilter, SupervisionCallFilter>();
        services.AddSingleton<OtherFilters>();
        services.SendCallsThrough((_, inner) => new DegradedCalls(inner));

        services.Configure<SiloMessagingOptions>(messaging => messaging.MaxForwardCount = options.MaxForwardCount);
        services.AddCallerExceptions();
    }
}

/// <summary>The door of Prismatic.Orleans on clients.</summary>
public static class SupervisionClientBuilderExtensions
{
    /// <summary>
    /// Makes a client see what supervision answers: the worker's own exception, even of a type that the client does not have, and typed
    /// refusals in place of Orleans' rejections of calls that never started. What never started is sent again within a budget.
    /// </summary>
    /// <param name="builder">The client builder.</param>
    /// <param name="retries">Changes the budget of retries, or switches them off.</param>
    /// <param name="controlKey">
    /// The silos' <see cref="SupervisionOptions.ControlKey"/>, for a client that may control: start, stop and add children, resolve tickets, change rules.
    /// Its control calls are signed with it. Default null: control calls of this client are refused.
    /// </param>
    /// <exception cref="ArgumentException">The budget is out of range, every mistake named; or the key has fewer than 32 bytes.</exception>
    public static IClientBuilder AddSupervision(this IClientBuilder builder, Action<CallRetryOptions>? retries = null, byte[]? controlKey = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var budget = new CallRetryOptions();
        retries?.Invoke(budget);
        if (string.Join(" ", budget.FindMistakes()) is { Length: > 0 } mistakes)
        {
            throw new ArgumentException($"AddSupervision on the client: {mistakes}", nameof(retries));
        }

        if (controlKey is { Length: < ControlKey.Length })
        {
            throw new ArgumentException($"The control key has {controlKey.Length} bytes; it must have at least {ControlKey.Length}, and be that of the silos.", nameof(controlKey));
        }

        builder.ConfigureServices(services =>
        {
            services.TryAddSingleton(TimeProvider.System);
            services
                .SendCallsThrough((provider, inner) => new ArrivalCalls(inner, provider, budget, provider.GetRequiredService<TimeProvider>(), DirectSending.Of(inner)))
                .SendCallsThrough((_, inner) => new DegradedCalls(inner))
                .AddCallerExceptions();
            if (controlKey is not null)
            {
                services.AddControlSigning(controlKey);
            }
        });
        return builder;
    }
}

/// <summary>How exceptions travel.</summary>
internal static class CallerExceptions
{
    /// <summary>
    /// Lets every exception type travel with its message, stack, inner exceptions and Data, and lets a receiver that lacks the type fall back
    /// to Orleans' UnavailableExceptionFallbackException, which names it. Without the first, an exception without a serializer reaches the
    /// caller as CodecNotFoundException; without the second, a missing assembly as TypeLoadException.
    /// </summary>
    public static IServiceCollection AddCallerExceptions(this IServiceCollection services)
    {
        services.Configure<ExceptionSerializationOptions>(exceptions => exceptions.SupportedExceptionTypeFilter = _ => true);
        services.AddSingleton<TypeResolver, ForgivingTypeResolver>();
        return services;
    }
}

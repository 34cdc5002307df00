using Prismatic.Domains.Core;
using Prismatic.Domains.DueDiligence;
using Prismatic.Domains.Evolution;
using Prismatic.Domains.Osint;
using Prismatic.Domains.Security;
using Prismatic.Supervision;

namespace Prismatic.Silo;

/// <summary>
/// The founding article's tree: five domains, fifteen workers, in start order. The records that the workers keep, one grain for each case,
/// run, watch or feed, are families behind them, so that a damaged record is reset like any worker's state.
/// </summary>
internal static class PlatformTree
{
    public static void Declare(SupervisionTreeBuilder tree) => tree
        .Root("prismatic")
        .Enforce()
        .Supervisor("core", RestartStrategy.RestForOne, core => core
            .Worker<IStorageCoordinatorGrain>("storage-coordinator")
            .Worker<ICacheManagerGrain>("cache-manager", cache => cache.Fallback<IUncachedDocumentsGrain>())
            .Worker<ITelemetryCollectorGrain>("telemetry-collector"))
        .Supervisor("osint", RestartStrategy.OneForOne, osint => osint
            .Worker<IAdapterRegistryGrain>("adapter-registry")
            .Worker<ISourceManagerGrain>("source-manager")
            .Worker<IMonitoringEngineGrain>("monitoring-engine")
            .Workers<IWatchRecordGrain>("watch-records"))
        .Supervisor("security", RestartStrategy.OneForOne, security => security
            .Worker<IThreatAnalyzerGrain>("threat-analyzer")
            .Worker<IPerimeterScannerGrain>("perimeter-scanner")
            .Worker<IComplianceCheckerGrain>("compliance-checker")
            .Workers<IThreatFeedRecordGrain>("threat-feed-records")
            .Workers<IOrganisationRecordGrain>("organisation-records"))
        .Supervisor("dd", RestartStrategy.OneForOne, dd => dd
            .Worker<ICaseManagerGrain>("case-manager")
            .Worker<IEntityResolverGrain>("entity-resolver", resolver => resolver.ReplayDeadLetters())
            .Worker<IPipelineCoordinatorGrain>("pipeline-coordinator")
            .Workers<ICaseRecordGrain>("case-records")
            .Workers<IPipelineRunGrain>("pipeline-runs"))
        .Supervisor("evolution", RestartStrategy.RestForOne, evolution => evolution
            .Worker<IMendelEngineGrain>("mendel-engine")
            .Worker<IMycelialNetworkGrain>("mycelial-network")
            .Worker<IFitnessEvaluatorGrain>("fitness-evaluator")
            .Workers<ITraceRecordGrain>("trace-records")
            .Workers<IEvolutionRunGrain>("evolution-runs"));
}

using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Runtime.Services;
using Orleans.Services;
using Prismatic.Supervision;

namespace Prismatic.Tests.Control;

/// <summary>A grain service, of which each silo has one, that obeys the cluster only.</summary>
[Alias("prismatic.tests.IControlledService")]
public interface IControlledService : IGrainService
{
    [Control, Alias("Order")]
    Task<int> Order();
}

[Reentrant]
internal sealed class ControlledService(GrainId id, Orleans.Runtime.Silo silo, ILoggerFactory loggers) : GrainService(id, silo, loggers), IControlledService
{
    public Task<int> Order() => Task.FromResult(1);
}

internal sealed class ControlledServiceClient(IServiceProvider services) : GrainServiceClient<IControlledService>(services), IGrainServiceClient<IControlledService>
{
    public IControlledService On(SiloAddress silo) => GetGrainService(silo);
}

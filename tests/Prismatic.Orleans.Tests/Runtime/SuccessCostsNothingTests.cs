using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.CodeGeneration;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Serialization.Invocation;
using Prismatic.Runtime;
using Prismatic.Supervision;
using Prismatic.Tests.Cluster;
using Xunit;

namespace Prismatic.Tests.Runtime;

/// <summary>Invariant 3: the path of a successful call allocates nothing that an empty asynchronous filter does not.</summary>
public sealed class SuccessCostsNothingTests
{
    [Fact]
    public Task A_served_call_of_a_healthy_child_allocates_no_more_than_an_empty_filter() => AllocatesNothing(filter => filter);

    [Fact]
    public Task A_served_call_fails_when_the_filter_allocates() => MutantTests.MustFail(() => AllocatesNothing(filter => new Allocating(filter)));

    private static async Task AllocatesNothing(Func<IIncomingGrainCallFilter, IIncomingGrainCallFilter> mutate)
    {
        await using var cluster = await SupervisedCluster.Start(
            tree => tree.Enforce().Supervisor("work", RestartStrategy.OneForOne, work => work.Worker<IPlainGrain>("plain")),
            silos: 1);
        await cluster.Client.GetGrain<IPlainGrain>("plain").Nothing();
        var filter = mutate(cluster.Services(0).GetServices<IIncomingGrainCallFilter>().OfType<SupervisionCallFilter>().Single());
        var context = new FinishedCall(cluster.Client.GetGrain<IPlainGrain>("plain").GetGrainId(), cluster.Services(0).GetRequiredService<DeepCopier<Response>>());

        var empty = Measure(new Empty(), context);
        var ours = Measure(filter, context);

        Assert.Equal(empty, ours);
    }

    private static long Measure(IIncomingGrainCallFilter filter, IIncomingGrainCallContext context)
    {
        for (var i = 0; i < 1_000; i++)
        {
            Assert.True(filter.Invoke(context).IsCompletedSuccessfully);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            _ = filter.Invoke(context);
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private sealed class Empty : IIncomingGrainCallFilter
    {
        public async Task Invoke(IIncomingGrainCallContext context)
        {
            try
            {
                await context.Invoke();
            }
            catch (InvalidTimeZoneException)
            {
                throw;
            }
        }
    }

    private sealed class FinishedRequest : TaskRequest
    {
        private static readonly MethodInfo Method = typeof(IPlainGrain).GetMethod(nameof(IPlainGrain.Nothing))!;

        public override object GetTarget() => this;

        public override void SetTarget(ITargetHolder holder)
        {
        }

        public override void Dispose()
        {
        }

        public override string GetMethodName() => nameof(IPlainGrain.Nothing);

        public override string GetInterfaceName() => nameof(IPlainGrain);

        public override string GetActivityName() => "IPlainGrain/Nothing";

        public override Type GetInterfaceType() => typeof(IPlainGrain);

        public override MethodInfo GetMethod() => Method;

        protected override Task InvokeInner() => Task.CompletedTask;
    }

    private sealed class Allocating(IIncomingGrainCallFilter inner) : IIncomingGrainCallFilter
    {
        public Task Invoke(IIncomingGrainCallContext context)
        {
            GC.KeepAlive(new object());
            return inner.Invoke(context);
        }
    }

    /// <summary>A call whose worker is done at once. Only what a filter may look at on success is there; going on is Orleans' own last stage.</summary>
    private sealed class FinishedCall(GrainId target, DeepCopier<Response> copier) : IIncomingGrainCallContext
    {
        public GrainId TargetId => target;

        public async Task Invoke() => Response = copier.Copy(await Request.Invoke());

        public IInvokable Request { get; } = new FinishedRequest();

        public object Grain { get; } = new();

        public GrainId? SourceId => throw NotOnSuccess();

        public GrainInterfaceType InterfaceType => throw NotOnSuccess();

        public string InterfaceName => throw NotOnSuccess();

        public string MethodName => throw NotOnSuccess();

        public MethodInfo InterfaceMethod => throw NotOnSuccess();

        public object? Result { get => throw NotOnSuccess(); set => throw NotOnSuccess(); }

        public Response? Response { get; set; }

        public IGrainContext TargetContext => throw NotOnSuccess();

        public MethodInfo ImplementationMethod => throw NotOnSuccess();

        private static InvalidOperationException NotOnSuccess() => new("The path of a successful call looked at something it does not need.");
    }
}

public interface IPlainGrain : IGrainWithStringKey
{
    Task Nothing();
}

internal sealed class PlainGrain : Grain, IPlainGrain
{
    public Task Nothing() => Task.CompletedTask;
}

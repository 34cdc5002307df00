using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.CodeGeneration;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;
using Prismatic.Runtime;
using Prismatic.Storage;
using Xunit;

namespace Prismatic.Tests.Runtime;

public sealed class CallSendingTests
{
    [Fact]
    public void Supervision_adds_no_outgoing_filter_so_that_calls_stay_on_Orleans_short_path()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.UseOrleans(silo => silo.UseLocalhostClustering().AddMemoryGrainStorage(StorageNames.Provider).AddSupervision(_ => { }));
        using var host = builder.Build();

        Assert.Empty(host.Services.GetServices<IOutgoingGrainCallFilter>());
        Assert.IsType<DegradedCalls>(host.Services.GetRequiredService<CallSending>().GetService(typeof(IGrainReferenceRuntime)));
        Assert.IsNotType<ArrivalCalls>(host.Services.GetRequiredService<IGrainReferenceRuntime>());
    }

    [Fact]
    public void What_is_added_later_stands_around_what_was_added_before()
    {
        var services = new ServiceCollection();
        var before = new Named("Orleans' own", null);
        services.AddSingleton<IGrainReferenceRuntime>(before);
        CallSending.Step[] steps = [new((_, inner) => new Named("first", inner)), new((_, inner) => new Named("second", inner))];

        var sending = new CallSending(services.BuildServiceProvider(), steps).GetService(typeof(IGrainReferenceRuntime));

        var second = Assert.IsType<Named>(sending);
        var first = Assert.IsType<Named>(second.Inner);
        Assert.Equal(("second", "first"), (second.Name, first.Name));
        Assert.Same(before, first.Inner);
    }

    [Fact]
    public void Services_that_make_no_grain_references_are_told_so() =>
        Assert.Throws<InvalidOperationException>(() => new ServiceCollection().SendCallsThrough((_, inner) => inner));

    private sealed record Named(string Name, IGrainReferenceRuntime? Inner) : IGrainReferenceRuntime
    {
        public ValueTask<T?> InvokeMethodAsync<T>(GrainReference reference, IInvokable request, InvokeMethodOptions options) => throw new NotSupportedException();

        public ValueTask InvokeMethodAsync(GrainReference reference, IInvokable request, InvokeMethodOptions options) => throw new NotSupportedException();

        public void InvokeMethod(GrainReference reference, IInvokable request, InvokeMethodOptions options) => throw new NotSupportedException();

        public object Cast(IAddressable grain, Type interfaceType) => throw new NotSupportedException();
    }
}

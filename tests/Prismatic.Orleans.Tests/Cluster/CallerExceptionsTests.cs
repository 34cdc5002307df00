using System.Net.Sockets;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Cluster;

/// <summary>
/// Invariant 2, field by field: what of an exception reaches a client in another silo or process. Orleans carries message, stack, inner
/// exceptions, HResult and Data for every type; further properties only where the type has a serializer of its own, as supervision's have.
/// Put facts that callers need into Data.
/// </summary>
public sealed class CallerExceptionsTests
{
    [Fact]
    public async Task What_survives_the_way_to_the_caller()
    {
        await using var cluster = await SupervisedCluster.Start(LetItCrashTests.Tree);
        var shaky = cluster.Client.GetGrain<IShakyGrain>("shaky");

        var http = await Assert.ThrowsAsync<HttpRequestException>(() => shaky.CrashWith("http"));
        var vendor = await Assert.ThrowsAsync<VendorException>(() => shaky.CrashWith("vendor"));
        var many = await Assert.ThrowsAsync<AggregateException>(() => shaky.CrashWith("many"));

        Assert.Equal("Connection refused (127.0.0.1:9)", http.Message);
        Assert.IsType<SocketException>(http.InnerException);
        Assert.Equal("T-1", vendor.Data["ticket"]);
        Assert.Equal(0, vendor.Code);
        Assert.Equal(["one", "two"], many.InnerExceptions.Select(inner => inner.Message));
    }

    [Fact]
    public async Task A_refusal_arrives_with_all_its_fields()
    {
        await using var cluster = await SupervisedCluster.Start(LetItCrashTests.Tree, silos: 1);
        await cluster.Inside.GetGrain<ISupervisorGrain>("app/work").Stop("app/work/shaky", null);

        var refused = await Assert.ThrowsAsync<ChildUnavailableException>(() => cluster.Client.GetGrain<IShakyGrain>("shaky").Activation());

        Assert.Equal(("app/work/shaky", ChildStatus.Stopped, (TimeSpan?)null, (string?)null), (refused.Subject, refused.Status, refused.RetryAfter, refused.Ticket));
    }
}

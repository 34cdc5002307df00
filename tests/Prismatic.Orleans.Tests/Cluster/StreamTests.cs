using Orleans.Runtime;
using Orleans.Streams;
using Prismatic.Events;
using Prismatic.Remediation;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Cluster;

/// <summary>A stream delivery that crashes is redelivered by Orleans; it is one crash however often.</summary>
public sealed class StreamTests
{
    [Fact]
    public async Task A_delivery_that_crashes_is_one_crash_and_its_redelivery_reaches_a_fresh_activation()
    {
        await using var cluster = await SupervisedCluster.Start(
            tree => tree
                .Enforce()
                .Configure(options => options.DefaultRestart = new RestartWithBackoff { Initial = TimeSpan.Zero, Max = TimeSpan.Zero })
                .Supervisor("work", RestartStrategy.OneForOne, work => work
                    .Workers<IListenerGrain>("listeners", listeners => listeners.Intensity(1_000, TimeSpan.FromSeconds(5)))),
            silos: 1,
            configure: silo => silo.AddMemoryStreams("events").AddMemoryGrainStorage("PubSubStore"));
        var listener = cluster.Client.GetGrain<IListenerGrain>("one");
        await listener.Listen();

        await listener.Publish("poison");
        var crash = await cluster.Events.WaitFor(SupervisionEventKind.Crashed, "app/work/listeners/one");
        await cluster.Stage.Arrival("third delivery");
        await cluster.Reported();

        Assert.StartsWith($"{CrashTriggerKind.Stream}: ", crash.Text, StringComparison.Ordinal);
        Assert.Equal(1, (await cluster.Child("app/work/listeners")).Crashes);
    }
}

public interface IListenerGrain : IGrainWithStringKey
{
    Task Listen();

    Task Publish(string text);
}

internal sealed class ListenerGrain(Stage stage) : Grain, IListenerGrain, IAsyncObserver<string>
{
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        foreach (var subscription in await Stream.GetAllSubscriptionHandles())
        {
            await subscription.ResumeAsync(this);
        }
    }

    public async Task Listen() => await Stream.SubscribeAsync(this);

    public Task Publish(string text) => Stream.OnNextAsync(text);

    public Task OnNextAsync(string item, StreamSequenceToken? token = null)
    {
        stage.Journal.Enqueue($"delivered {item}");
        if (stage.Journal.Count(line => line == $"delivered {item}") >= 3)
        {
            _ = stage.At("third delivery");
            return Task.CompletedTask;
        }

        throw new InvalidOperationException($"cannot digest {item}");
    }

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;

    private IAsyncStream<string> Stream => this.GetStreamProvider("events").GetStream<string>(StreamId.Create("test", this.GetPrimaryKeyString()));
}

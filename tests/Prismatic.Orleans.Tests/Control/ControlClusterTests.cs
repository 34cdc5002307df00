using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.TestingHost;
using Prismatic.Breakers;
using Prismatic.Control;
using Prismatic.Remediation;
using Prismatic.Runtime;
using Prismatic.Storage;
using Prismatic.Supervision;
using Prismatic.Tests.Remediation;
using Xunit;

namespace Prismatic.Tests.Control;

/// <summary>Two silos that keep their key in memory storage, and a plain client that holds none.</summary>
public sealed class ControlCluster : IAsyncLifetime
{
    public InProcessTestCluster Cluster { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(2);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddMemoryGrainStorage(StorageNames.Provider);
            silo.AddSupervision(tree => tree.Supervisor("work", RestartStrategy.OneForOne, work => work.Worker<Runtime.IPlainGrain>("plain")));
            silo.AddGrainService<ControlledService>();
            silo.Services.AddSingleton<ControlledServiceClient>();
        });
        Cluster = builder.Build();
        await Cluster.DeployAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Cluster.StopAllSilosAsync();
        await Cluster.DisposeAsync();
    }
}

public sealed class ControlClusterTests(ControlCluster fixture) : IClassFixture<ControlCluster>
{
    private static readonly Type[] RealInterfaces = [typeof(ICircuitBreakerGrain), typeof(IRemediationRegistryGrain)];

    private readonly InProcessTestCluster _cluster = fixture.Cluster;

    private IClusterClient Client => _cluster.Client;

    public static TheoryData<string, string> RealControlMethods()
    {
        var methods = new TheoryData<string, string>();
        foreach (var type in RealInterfaces)
        {
            foreach (var method in type.GetMethods().Where(method => ControlMethods.IsControl(type, method)))
            {
                methods.Add(type.FullName!, method.Name);
            }
        }

        return methods;
    }

    [Theory]
    [MemberData(nameof(RealControlMethods))]
    public async Task A_plain_client_is_refused_by_every_control_method_of_the_real_grains(string interfaceName, string methodName)
    {
        var type = ControlMethodsTests.Contracts.GetType(interfaceName, throwOnError: true)!;
        var method = type.GetMethod(methodName)!;
        var grain = Client.GetGrain(type, "anything");

        var refusal = await Assert.ThrowsAsync<ControlRefusedException>(() => (Task)method.Invoke(grain, [.. method.GetParameters().Select(Argument)])!);

        Assert.Equal($"{type.Name}.{methodName}", refusal.Subject);
    }

    [Fact]
    public async Task A_plain_client_may_read()
    {
        Assert.Equal(BreakerState.Closed, (await Client.GetGrain<ICircuitBreakerGrain>("read").GetState()).State);
        Assert.NotEmpty((await Client.GetGrain<IRemediationRegistryGrain>(IRemediationRegistryGrain.Key).GetRules()).Rules);
        Assert.Null(await Client.GetGrain<IGuardedGrain>("read").Ask());
    }

    [Fact]
    public async Task A_plain_client_is_refused_in_every_manner_of_calling_and_the_grain_does_not_run()
    {
        var grain = Client.GetGrain<IGuardedGrain>("manners");

        await Assert.ThrowsAsync<ControlRefusedException>(() => grain.Order());
        await Assert.ThrowsAsync<ControlRefusedException>(() => grain.OrderAndAsk("other"));
        await Assert.ThrowsAsync<ControlRefusedException>(() => Client.GetGrain<IControlOnlyGrain>("manners").Obey());
        await Assert.ThrowsAsync<ControlRefusedException>(() => Client.GetGrain<IBelowControlOnlyGrain>("manners").ObeyToo());
        await Assert.ThrowsAsync<ControlRefusedException>(() => Client.GetGrain<IBelowControlOnlyGrain>("manners").Obey());
        await Assert.ThrowsAsync<ControlRefusedException>(async () =>
        {
            await foreach (var _ in grain.Stream())
            {
            }
        });
        await grain.Whisper();

        Assert.Equal(0, await grain.Orders());
    }

    [Fact]
    public async Task A_silo_s_own_client_and_a_grain_are_answered_on_any_silo()
    {
        foreach (var silo in _cluster.Silos)
        {
            var inside = silo.ServiceProvider.GetRequiredService<IClusterClient>();
            for (var key = 0; key < 20; key++)
            {
                Assert.Null(await inside.GetGrain<IGuardedGrain>($"inside-{key}").Order());
            }

            Assert.Equal(1, await inside.GetGrain<IGuardedGrain>($"inside-{silo.SiloAddress}").Stream().CountAsync(TestContext.Current.CancellationToken));
            await inside.GetGrain<IBelowControlOnlyGrain>("inside").ObeyToo();
        }

        for (var key = 0; key < 20; key++)
        {
            Assert.Null(await Client.GetGrain<IGuardedGrain>($"deputy-{key}").PassOn($"ordered-{key}"));
        }
    }

    [Fact]
    public async Task The_grain_never_sees_the_token_and_no_ordinary_call_carries_it_on()
    {
        var inside = _cluster.Silos[0].ServiceProvider.GetRequiredService<IClusterClient>();

        Assert.Null(await inside.GetGrain<IGuardedGrain>("seen").Order());
        Assert.Null(await inside.GetGrain<IGuardedGrain>("seen").OrderAndAsk("seen-next"));
        Assert.Null(RequestContext.Get(ControlCalls.TokenKey));
    }

    [Fact]
    public async Task What_a_client_writes_in_the_tokens_place_ends_at_the_first_grain()
    {
        RequestContext.Set(ControlCalls.TokenKey, "anything");
        try
        {
            Assert.Null(await Client.GetGrain<IGuardedGrain>("first").AskNext("second"));
        }
        finally
        {
            RequestContext.Remove(ControlCalls.TokenKey);
        }
    }

    [Fact]
    public async Task A_grain_service_obeys_every_silo_and_no_client()
    {
        foreach (var from in _cluster.Silos)
        {
            var inside = from.ServiceProvider.GetRequiredService<ControlledServiceClient>();
            foreach (var to in _cluster.Silos)
            {
                var service = inside.On(to.SiloAddress);
                Assert.Equal(1, await service.Order());
                await Assert.ThrowsAsync<ControlRefusedException>(() => Client.GetGrain<IControlledService>(service.GetGrainId()).Order());
            }
        }
    }

    [Fact]
    public async Task Two_silos_share_the_key()
    {
        var keys = await Task.WhenAll(_cluster.Silos.Select(async silo => await silo.ServiceProvider.GetRequiredService<ControlKey>().GetAsync()));

        Assert.Equal(2, keys.Length);
        Assert.Equal(keys[0], keys[1]);
    }

    [Theory]
    [InlineData("right", true)]
    [InlineData("forged", false)]
    [InlineData("expired", false)]
    [InlineData("of another method", false)]
    [InlineData("of another grain", false)]
    [InlineData("not a token", false)]
    public async Task Only_a_fresh_token_of_this_key_method_and_grain_is_accepted(string token, bool accepted)
    {
        var grain = Client.GetGrain<IGuardedGrain>("token");
        var key = await _cluster.Silos[0].ServiceProvider.GetRequiredService<ControlKey>().GetAsync();
        var method = $"{nameof(IGuardedGrain)}.{nameof(IGuardedGrain.Order)}";
        var soon = TimeProvider.System.GetUtcNow() + ControlToken.Lifetime;
        RequestContext.Set(ControlCalls.TokenKey, token switch
        {
            "right" => ControlToken.Create(key, method, grain.GetGrainId(), soon),
            "forged" => ControlToken.Create(new byte[32], method, grain.GetGrainId(), soon),
            "expired" => ControlToken.Create(key, method, grain.GetGrainId(), soon - ControlToken.Lifetime - TimeSpan.FromSeconds(2)),
            "of another method" => ControlToken.Create(key, $"{nameof(IGuardedGrain)}.{nameof(IGuardedGrain.Stream)}", grain.GetGrainId(), soon),
            "of another grain" => ControlToken.Create(key, method, Client.GetGrain<IGuardedGrain>("other").GetGrainId(), soon),
            _ => 42,
        });

        try
        {
            var refusal = await Record.ExceptionAsync(() => grain.Order());
            Assert.Equal(accepted, refusal is null);
            Assert.True(accepted || refusal is ControlRefusedException, refusal?.ToString());
        }
        finally
        {
            RequestContext.Remove(ControlCalls.TokenKey);
        }
    }

    private static object? Argument(ParameterInfo parameter) =>
        parameter.ParameterType == typeof(string) ? "any"
        : parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType)
        : null;
}

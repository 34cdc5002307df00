using System.Reflection;
using Prismatic.Drills;
using Prismatic.Lessons;
using Prismatic.Runtime;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Cluster;

/// <summary>Invariant 13: a plain Orleans client is refused by every control method there is.</summary>
public sealed class ControlMethodsTests
{
    [Fact]
    public Task A_client_is_refused_by_every_control_method() => EveryControlMethodRefuses(Mutant.None);

    [Fact]
    public Task A_client_is_refused_fails_when_control_is_open() => MutantTests.MustFail(() => EveryControlMethodRefuses(Mutant.ControlIsOpen));

    private static async Task EveryControlMethodRefuses(Mutant mutant)
    {
        await using var cluster = await SupervisedCluster.Start(LetItCrashTests.Tree, mutant: mutant, configure: silo => silo.AddSupervisionDrills());
        var methods = ControlMethods().ToList();
        Assert.True(methods.Count >= 15, $"Only {methods.Count} control methods were found.");
        foreach (var (type, method) in methods)
        {
            object grain = type == typeof(IChildProbe)
                ? cluster.Client.GetGrain<IShakyGrain>("shaky").AsReference<IChildProbe>()
                : type == typeof(IDrillProbe)
                ? cluster.Client.GetGrain<IShakyGrain>("shaky").AsReference<IDrillProbe>()
                : type == typeof(IDrillHand)
                ? cluster.Client.GetGrain<IShakyGrain>("shaky").AsReference<IDrillHand>()
                : cluster.Client.GetGrain(type, "app/work");
            var arguments = method.GetParameters().Select(parameter => parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType) : null).ToArray();
            var failure = await Record.ExceptionAsync(() => (Task)method.Invoke(grain, arguments)!);

            if (!method.IsDefined(typeof(Orleans.Concurrency.OneWayAttribute)))
            {
                Assert.True(failure is ControlRefusedException, $"{type.Name}.{method.Name} answered an outside client with {failure?.GetType().Name ?? "success"}.");
            }
        }

        Assert.Equal(0, (await cluster.Supervisor("app/work")).Children.Sum(child => child.Crashes));
    }

    private static IEnumerable<(Type, MethodInfo)> ControlMethods() =>
        from assembly in new[] { typeof(ISupervisorGrain).Assembly, typeof(Mutants).Assembly }
        from type in assembly.GetTypes()
        where type.IsInterface && typeof(IAddressable).IsAssignableFrom(type) && !typeof(Orleans.Services.IGrainService).IsAssignableFrom(type)
        from method in type.GetMethods()
        where type.IsDefined(typeof(ControlAttribute)) || method.IsDefined(typeof(ControlAttribute))
        select (type, method);
}

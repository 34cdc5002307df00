using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;
using Orleans.Runtime;
using Prismatic.Introspection;
using Prismatic.Lessons;
using Prismatic.Remediation;
using Prismatic.Supervision;
using Prismatic.SystemTests.Harness;
using Xunit;

namespace Prismatic.SystemTests;

/// <summary>A client outside the cluster may read and never control.</summary>
public sealed class ControlTests
{
    private static readonly Dictionary<Type, string> Keys = new()
    {
        [typeof(ISupervisorGrain)] = "prismatic/osint",
        [typeof(ILessonsLearnedGrain)] = ILessonsLearnedGrain.Key,
        [typeof(IRemediationRegistryGrain)] = IRemediationRegistryGrain.Key,
        [typeof(ISupervisionIntrospectorGrain)] = ISupervisionIntrospectorGrain.Key,
    };

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("9999999999.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task Every_control_method_refuses_a_client_whatever_token_it_makes_up(string? token)
    {
        using var directory = new TemporaryDirectory();
        await using var silo = await SiloProcess.Start(directory);
        await using var client = await silo.Connect(supervised: false);
        var registry = client.Get<IRemediationRegistryGrain>(IRemediationRegistryGrain.Key);
        var rules = (await registry.GetRules()).Version;
        var control = ControlMethods().ToList();
        string[] known = ["StartChild", "TerminateChild", "RestartChild", "DeleteChild", "Restart", "Stop", "Start", "ResolveTicket", "Capture", "RecordOutcomes", "Teach", "Register", "Remove", "Open", "Close", "TryProbe"];
        Assert.Empty(known.Except(control.Select(method => method.Name)));

        foreach (var method in control)
        {
            var grain = client.Grains.GetGrain(method.DeclaringType!, Keys.GetValueOrDefault(method.DeclaringType!, "x"));
            if (token is not null)
            {
                RequestContext.Set("prismatic.control", token);
            }

            var outcome = await Record.ExceptionAsync(() => (Task)method.Invoke(grain, [.. method.GetParameters().Select(SomeArgument)])!);

            Assert.True(outcome is ControlRefusedException, $"{method.DeclaringType!.Name}.{method.Name} answered a client: {outcome?.ToString() ?? "it ran"}");
        }

        Assert.Equal(rules, (await registry.GetRules()).Version);
    }

    private static IEnumerable<MethodInfo> ControlMethods() =>
        from grain in typeof(ControlAttribute).Assembly.GetTypes()
        where grain.IsInterface && grain.IsAssignableTo(typeof(IAddressable))
        from method in grain.GetMethods()
        where grain.IsDefined(typeof(ControlAttribute)) || method.IsDefined(typeof(ControlAttribute))
        select method;

    /// <summary>A value that can be sent. What it says does not matter: the call must be refused before anybody looks.</summary>
    private static object? SomeArgument(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        if (type == typeof(string))
        {
            return "x";
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>))
        {
            return type.GetField(nameof(ImmutableArray<int>.Empty))!.GetValue(null);
        }

        return type.IsValueType ? Activator.CreateInstance(type) : RuntimeHelpers.GetUninitializedObject(type);
    }
}

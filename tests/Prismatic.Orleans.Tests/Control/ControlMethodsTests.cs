using System.Reflection;
using System.Runtime.CompilerServices;
using Orleans.Serialization.Invocation;
using Prismatic.Control;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Control;

public sealed class ControlMethodsTests
{
    public static readonly Assembly Contracts = typeof(ISupervisorGrain).Assembly;

    [Fact]
    public void Exactly_the_methods_that_bear_the_mark_are_control()
    {
        var marked = Contracts.GetTypes()
            .Where(type => type.IsInterface && typeof(IAddressable).IsAssignableFrom(type))
            .SelectMany(type => type.GetMethods().Where(method => type.IsDefined(typeof(ControlAttribute)) || method.IsDefined(typeof(ControlAttribute))).Select(method => $"{type.Name}.{method.Name}"))
            .Order(StringComparer.Ordinal);
        var recognised = Requests(Contracts).Select(ControlMethods.Of).OfType<string>().Order(StringComparer.Ordinal);

        Assert.Equal(marked, recognised);
        Assert.Contains("ISupervisorGrain.Stop", recognised);
        Assert.DoesNotContain("ISupervisorGrain.GetState", recognised);
    }

    [Theory]
    [InlineData(typeof(IGuardedGrain), nameof(IGuardedGrain.Order), true)]
    [InlineData(typeof(IGuardedGrain), nameof(IGuardedGrain.Ask), false)]
    [InlineData(typeof(IControlOnlyGrain), nameof(IControlOnlyGrain.Obey), true)]
    [InlineData(typeof(IBelowControlOnlyGrain), nameof(IBelowControlOnlyGrain.ObeyToo), true)]
    public void A_marked_interface_marks_its_methods_and_those_of_interfaces_below_it(Type type, string method, bool control) =>
        Assert.Equal(control, ControlMethods.IsControl(type, type.GetMethod(method)));

    [Fact]
    public void Recognising_an_ordinary_call_allocates_nothing()
    {
        var ordinary = Requests(Contracts).First(request => ControlMethods.Of(request) is null);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            ControlMethods.Of(ordinary);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static IEnumerable<IInvokable> Requests(Assembly assembly) =>
        assembly.GetTypes()
            .Where(type => typeof(IInvokable).IsAssignableFrom(type) && type is { IsAbstract: false, IsGenericTypeDefinition: false })
            .Select(type => (IInvokable)RuntimeHelpers.GetUninitializedObject(type));
}

using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Orleans.Metadata;
using Orleans.Runtime;
using Prismatic.Runtime;
using Prismatic.Storage;
using Prismatic.Supervision;

namespace Prismatic.Drills;

/// <summary>The tree of this silo as drills see it: what can be named, and how it is called.</summary>
internal sealed class DrillStage(SupervisedTypes types, SupervisorSpecs specs, GrainClassMap classes, IGrainFactory grains) : IDrillStage
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    public string? NoChild(string path) => types.GrainAt(path) is not null
        ? null
        : types.Find(path) is { Spec.Kind: ChildKind.Family }
            ? $"is '{path}', which is a family; name one of its members, such as '{path}/one'"
            : $"is '{path}', and the tree has no such child; it has {string.Join(", ", types.Children.Select(child => child.Spec.Path).Order(StringComparer.Ordinal).Take(40))}";

    public string? NoNode(string path) => specs.Find(path) is not null || types.Find(path) is not null
        ? null
        : $"is '{path}', and the tree has neither a supervisor nor a child of that path";

    public string? NoState(string path) =>
        types.Find(path) is { } child && classes.TryGetGrainClass(child.Type, out var grain)
            && grain.GetConstructors().SelectMany(made => made.GetParameters()).Any(parameter => parameter.IsDefined(typeof(SupervisedStateAttribute)))
            ? null
            : $"is '{path}', which keeps no supervised state that could be damaged";

    public string? NoCall(string path, DrillMethod method)
    {
        try
        {
            Bind(path, method);
            return null;
        }
        catch (Exception wrong) when (wrong is ArgumentException or JsonException or NotSupportedException)
        {
            return wrong.Message;
        }
    }

    public GrainId GrainOf(string path) => types.GrainAt(path) ?? throw new ArgumentException($"There is no child '{path}'.", nameof(path));

    /// <summary>What makes one call: the library's probe, or the worker's own method.</summary>
    public Func<long, Task> CallOf(DrillLoad load)
    {
        if (load.Method is { } method)
        {
            return Bind(load.Child, method);
        }

        var probe = grains.GetGrain(GrainOf(load.Child)).AsReference<IDrillProbe>();
        return load.Request is { } request
            ? _ => probe.Call(request)
            : ordinal => probe.Call($"call {ordinal}");
    }

    private Func<long, Task> Bind(string path, DrillMethod wanted)
    {
        var spec = types.Find(path)?.Spec ?? throw new ArgumentException($"is a method of '{path}', and there is no such child");
        var named = spec.Interface.GetInterfaces().Append(spec.Interface).SelectMany(type => type.GetMethods())
            .Where(method => method.Name == wanted.Name && !method.IsGenericMethod && typeof(Task).IsAssignableFrom(method.ReturnType)).ToList();
        if (named.Count == 0)
        {
            throw new ArgumentException($"is '{wanted.Name}', and {spec.Interface.Name} has no such method that returns a Task");
        }

        var method = named.Find(candidate => Wanted(candidate).Length == wanted.Arguments.Length)
            ?? throw new ArgumentException($"is '{wanted.Name}' with {wanted.Arguments.Length} arguments; it takes {string.Join(" or ", named.Select(candidate => Wanted(candidate).Length))}");
        var values = ImmutableArray.CreateBuilder<object?>();
        var next = 0;
        foreach (var parameter in method.GetParameters())
        {
            try
            {
                values.Add(parameter.ParameterType == typeof(CancellationToken) ? CancellationToken.None : JsonSerializer.Deserialize(wanted.Arguments[next++], parameter.ParameterType, Json));
            }
            catch (Exception wrong) when (wrong is JsonException or NotSupportedException)
            {
                throw new ArgumentException($"is '{wanted.Name}', and its argument '{parameter.Name}' {CannotRead(parameter.ParameterType, wrong)}");
            }
        }

        var arguments = values.ToArray();
        var grain = grains.GetGrain(GrainOf(path)).Cast(spec.Interface);
        return _ => (Task)method.Invoke(grain, BindingFlags.DoNotWrapExceptions, null, [.. arguments], null)!;
    }

    private static string CannotRead(Type type, Exception wrong) =>
        type.IsEnum ? $"must be one of {string.Join(", ", Enum.GetNames(type))}"
        : wrong is JsonException { Path: { } path } ? $"cannot be read as {type.Name}, at {path}"
        : $"cannot be read as {type.Name}";

    private static ParameterInfo[] Wanted(MethodInfo method) => [.. method.GetParameters().Where(parameter => parameter.ParameterType != typeof(CancellationToken))];
}

using System.Reflection;
using Orleans;
using Orleans.Runtime;
using Prismatic.Domains;
using Prismatic.Silo;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Architecture;

/// <summary>What crosses the wire or is stored keeps its identity when code is renamed or members are added.</summary>
public sealed class ContractTests
{
    private const BindingFlags DeclaredInstance = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly Type[] Types =
    [
        .. new[] { typeof(ControlAttribute), typeof(SupervisionOptions), typeof(DomainOptions), typeof(SiloOptions) }.SelectMany(type => type.Assembly.GetTypes()),
    ];

    private static IEnumerable<Type> Serialized => Types.Where(type => type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false));

    private static IEnumerable<Type> GrainInterfaces => Types.Where(type =>
        type.IsInterface && type.IsAssignableTo(typeof(IAddressable)) && !type.Name.Contains('<', StringComparison.Ordinal));

    [Fact]
    public void Every_serialized_type_has_an_alias()
    {
        Assert.NotEmpty(Serialized);
        Assert.All(Serialized, type => Assert.True(type.IsDefined(typeof(AliasAttribute), inherit: false), type.FullName));
    }

    [Fact]
    public void Every_member_of_a_serialized_type_has_an_id()
    {
        var without =
            from type in Serialized
            where !type.IsEnum
            from field in type.GetFields(DeclaredInstance)
            where IdOf(type, field) is null && !field.IsDefined(typeof(NonSerializedAttribute))
            select $"{type.FullName}.{field.Name}";

        Findings.MustBeNone(without);
    }

    [Fact]
    public void No_two_members_of_a_serialized_type_have_the_same_id()
    {
        var shared =
            from type in Serialized
            where !type.IsEnum
            from id in type.GetFields(DeclaredInstance).Select(field => IdOf(type, field)).OfType<uint>().GroupBy(id => id)
            where id.Count() > 1
            select $"{type.FullName}: {id.Key}";

        Findings.MustBeNone(shared);
    }

    [Fact]
    public void Every_grain_interface_and_every_method_of_it_has_an_alias()
    {
        Assert.NotEmpty(GrainInterfaces);
        var without =
            from grain in GrainInterfaces
            from member in grain.GetMethods().Where(method => method.DeclaringType == grain && !method.IsStatic).Cast<MemberInfo>().Append(grain)
            where !member.IsDefined(typeof(AliasAttribute), inherit: false)
            select $"{grain.FullName}: {member.Name}";

        Findings.MustBeNone(without);
    }

    [Fact]
    public void No_two_types_have_the_same_alias()
    {
        var shared = Serialized.Concat(GrainInterfaces)
            .GroupBy(type => type.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias)
            .Where(alias => alias.Key is not null && alias.Count() > 1)
            .Select(alias => $"{alias.Key}: {string.Join(", ", alias)}");

        Findings.MustBeNone(shared);
    }

    [Fact]
    public void Every_grain_interface_that_the_library_keeps_to_itself_is_control()
    {
        var open = typeof(SupervisionOptions).Assembly.GetTypes()
            .Where(type => GrainInterfaces.Contains(type) && !type.IsDefined(typeof(ControlAttribute), inherit: false));

        Findings.MustBeNone(open.Select(type => type.FullName!));
    }

    private static uint? IdOf(Type type, FieldInfo field) =>
        field.GetCustomAttribute<IdAttribute>()?.Id ?? PropertyOf(type, field)?.GetCustomAttribute<IdAttribute>()?.Id;

    /// <summary>The property that a field is the storage of.</summary>
    private static PropertyInfo? PropertyOf(Type type, FieldInfo field) =>
        field.Name.EndsWith(">k__BackingField", StringComparison.Ordinal)
            ? type.GetProperty(field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)], DeclaredInstance)
            : null;
}

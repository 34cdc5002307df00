using System.Reflection;
using Orleans;
using Orleans.Runtime;
using Prismatic.Domains;
using Prismatic.Silo;
using Prismatic.Supervision;
using Prismatic.Tests.Architecture;
using Xunit;

namespace Prismatic.Tests.Versions;

/// <summary>
/// What silos of one version say to silos and clients of another. Orleans writes a message's fields by number and a call by its aliases, so that a
/// recorded list of them is a recorded older version: what is in it must stay. New lines are added with <c>PRISMATIC_RECORD=1</c>.
/// </summary>
public sealed class WireContractTests
{
    private const BindingFlags Fields = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly string File = Path.Combine(Repository.Root.FullName, "tests", "Prismatic.Orleans.Tests", "Versions", "Recorded", "wire.txt");

    private static readonly Type[] Types =
    [
        .. new[] { typeof(ControlAttribute), typeof(SupervisionOptions), typeof(DomainOptions), typeof(SiloOptions) }.SelectMany(type => type.Assembly.GetTypes()),
    ];

    [Fact]
    public void What_was_recorded_is_still_said_and_what_is_said_is_recorded()
    {
        var today = Messages().Concat(Calls()).Distinct().Order(StringComparer.Ordinal).ToList();
        var recorded = System.IO.File.Exists(File) ? System.IO.File.ReadAllLines(File) : [];
        if (Environment.GetEnvironmentVariable("PRISMATIC_RECORD") == "1")
        {
            recorded = [.. recorded.Union(today).Order(StringComparer.Ordinal)];
            System.IO.File.WriteAllLines(File, recorded);
        }

        Assert.True(
            !recorded.Except(today).Any(),
            $"Silos of an older version still say, and would not be understood:\n{string.Join('\n', recorded.Except(today))}\nKeep number, name and type; add a new number instead.");
        Assert.True(
            !today.Except(recorded).Any(),
            $"These are new; run this test once with PRISMATIC_RECORD=1 and commit {File}:\n{string.Join('\n', today.Except(recorded))}");
    }

    private static IEnumerable<string> Messages() =>
        from type in Types
        where type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false)
        let alias = type.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias
        from member in Members(type).DefaultIfEmpty("")
        select $"message {alias} {member}".TrimEnd();

    private static IEnumerable<string> Members(Type type) => type.IsEnum
        ? Enum.GetNames(type).Select(name => $"{Convert.ToInt64(Enum.Parse(type, name), System.Globalization.CultureInfo.InvariantCulture)} {name}")
        : from member in type.GetMembers(Fields)
          let field = member as FieldInfo
          let property = member as PropertyInfo
          let id = member.GetCustomAttribute<IdAttribute>()
          where id is not null && (field ?? (object?)property) is not null
          select $"{id.Id} {member.Name}: {NameOf(field?.FieldType ?? property!.PropertyType)}";

    private static IEnumerable<string> Calls() =>
        from type in Types
        where type.IsInterface && type.IsAssignableTo(typeof(IAddressable))
        let alias = type.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias
        from method in type.GetMethods()
        where method.DeclaringType == type && !method.IsStatic
        select $"call {alias}.{method.GetCustomAttribute<AliasAttribute>()?.Alias}({string.Join(", ", method.GetParameters().Select(parameter => NameOf(parameter.ParameterType)))}): {NameOf(method.ReturnType)}";

    private static string NameOf(Type type) => type switch
    {
        { IsArray: true } => $"{NameOf(type.GetElementType()!)}[]",
        { IsGenericType: true } => $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>",
        _ => type.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias ?? type.Name,
    };
}

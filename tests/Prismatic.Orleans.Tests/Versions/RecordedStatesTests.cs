using System.Text.Json;
using System.Text.Json.Nodes;
using Orleans;
using Prismatic.Control;
using Prismatic.Domains;
using Prismatic.Storage;
using Prismatic.Supervision;
using Prismatic.Tests.Architecture;
using Xunit;

namespace Prismatic.Tests.Versions;

/// <summary>
/// Rows that version 0.1.0 stored, one of each state, with something in every field. Today's code reads each of them and writes the same back, beside
/// what was added since. <c>PRISMATIC_RECORD=1</c> records a state that has no row yet, and never touches a row that is there.
/// </summary>
public sealed class RecordedStatesTests
{
    private static readonly string Folder = Path.Combine(Repository.Root.FullName, "tests", "Prismatic.Orleans.Tests", "Versions", "Recorded");

    private static readonly DateTimeOffset RecordedAt = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Every state that a grain declares, and the one that is stored without a grain.</summary>
    private static readonly SortedDictionary<string, (Type Type, int Schema)> States = new(
        (from type in new[] { typeof(SupervisionOptions).Assembly, typeof(DomainOptions).Assembly }.SelectMany(assembly => assembly.GetTypes())
         where type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(Grain))
         from parameter in type.GetConstructors().SelectMany(constructor => constructor.GetParameters())
         let state = (SupervisedStateAttribute?)Attribute.GetCustomAttribute(parameter, typeof(SupervisedStateAttribute))
         where state is not null
         select (state.Name, Stored: (parameter.ParameterType.GetGenericArguments()[0], state.Schema)))
        .Append(("control-key", (typeof(ControlKeyRecord), 0)))
        .ToDictionary(state => state.Item1, state => state.Item2),
        StringComparer.Ordinal);

    public static TheoryData<string> Names => [.. States.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Todays_code_reads_what_an_older_version_stored_and_loses_nothing_of_it(string name)
    {
        var (type, schema) = States[name];
        var file = Path.Combine(Folder, name + ".record");
        if (!File.Exists(file) && Environment.GetEnvironmentVariable("PRISMATIC_RECORD") == "1")
        {
            Record(type, schema, file);
        }

        Assert.True(File.Exists(file), $"The state '{name}' has no recorded row. Run this test once with PRISMATIC_RECORD=1 and commit {file}.");
        var row = RecordFrame.Read(File.ReadAllBytes(file));
        Assert.Null(row.Damage);
        Assert.True(row.SchemaVersion <= schema, $"The state '{name}' went back to schema {schema}; {row.SchemaVersion} was stored.");

        var state = JsonSerializer.Deserialize(row.Payload, type, StateJson.Options);
        var again = JsonSerializer.SerializeToNode(state, type, StateJson.Options);

        Assert.Empty(Lost(JsonNode.Parse(row.Payload), again, "$"));
    }

    [Fact]
    public void A_recorded_row_has_a_state_today()
    {
        // A state that is given up leaves rows behind in databases; then its row here is removed with a word about them.
        var orphans = Directory.EnumerateFiles(Folder, "*.record").Select(file => Path.GetFileNameWithoutExtension(file)!).Where(name => !States.ContainsKey(name));

        Assert.Empty(orphans);
    }

    private static void Record(Type type, int schema, string file)
    {
        var sample = new SampleJson(StateJson.Options).Of(type)!.ToJsonString(StateJson.Options);

        // What the program writes, not what the sample says: it may leave out what is empty.
        var state = JsonSerializer.Deserialize(sample, type, StateJson.Options);
        var payload = JsonSerializer.SerializeToUtf8Bytes(state, type, StateJson.Options);
        Directory.CreateDirectory(Folder);
        File.WriteAllBytes(file, RecordFrame.Write(StateEnvelope.Seal(payload, schema, RecordedAt)).ToArray());
    }

    /// <summary>Every value of <paramref name="before"/> that <paramref name="after"/> has not.</summary>
    private static IEnumerable<string> Lost(JsonNode? before, JsonNode? after, string path) => (before, after) switch
    {
        (JsonObject fields, JsonObject now) => fields.SelectMany(field => now.ContainsKey(field.Key)
            ? Lost(field.Value, now[field.Key], $"{path}.{field.Key}")
            : [$"{path}.{field.Key} is gone"]),
        (JsonArray items, JsonArray now) when items.Count == now.Count => items.SelectMany((item, index) => Lost(item, now[index], $"{path}[{index}]")),
        _ => JsonNode.DeepEquals(before, after) ? [] : [$"{path} was {before?.ToJsonString() ?? "null"} and is {after?.ToJsonString() ?? "null"}"],
    };
}

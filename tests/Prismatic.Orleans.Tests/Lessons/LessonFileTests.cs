using System.Text;
using Prismatic.Files;
using Prismatic.Lessons;
using Prismatic.Remediation;
using Xunit;

namespace Prismatic.Tests.Lessons;

public sealed class LessonFileTests
{
    private static readonly byte[] Secret = Encoding.UTF8.GetBytes("a key that two clusters have, both of them");

    private const string Good = """
        {
        "format": "prismatic-lessons",
        "version": 1,
        "exportedAt": "2026-01-01T12:00:00+00:00",
        "signature": "SIGNATURE",
        "lessons": [
          {
            "id": "g1",
            "failureMode": "System.TimeoutException: slow",
            "class": "ExternalDependency",
            "workerType": "IOrderGrain",
            "rootCause": "The bank is slow at noon.",
            "answeredBy": "ann",
            "origin": "Person",
            "signatures": [ "s1", "s2" ],
            "remediation": { "action": "RestartWithBackoff", "firstSeconds": 1, "initialSeconds": 1, "maxSeconds": 30 }
          },
          {
            "id": "g2",
            "failureMode": "refused",
            "class": "ExternalDependency",
            "origin": "Learned",
            "signatures": [ "s3" ],
            "remediation": { "action": "CircuitBreak", "durationSeconds": 30, "target": "bank" }
          }
        ]
        }
        """;

    [Fact]
    public async Task Lessons_of_one_cluster_heal_in_another_and_what_was_known_there_stays()
    {
        var here = new FakeLessons();
        await here.Lessons.Capture([Crashes.Report(1), Crashes.Report(2, group: "g2"), Crashes.Report(3, group: "g3")], []);
        await here.Lessons.Teach("g1", "g1", new Resolution { Remediation = new CircuitBreak { Target = "bank" }, RootCause = "Noon.", By = "ann" });
        await here.Lessons.RecordOutcomes([.. "abcd".Select(name => Crashes.Outcome($"{name}", group: "g2"))]);
        var there = new FakeLessons();
        await there.Lessons.Teach("g2", "g2", new Resolution { Remediation = new CircuitBreak(), RootCause = "Ours.", By = "bob" });

        var export = await here.Lessons.Export(null);
        var import = await there.Lessons.Import(export.File, "carl");

        Assert.Equal((2, null), (export.Lessons, export.Next));
        Assert.Equal((0, 1, 0, 1), (import.Mistakes.Length, import.Added, import.Completed, import.Kept));
        there.Restart();
        var lesson = (await there.Lessons.Get("g1"))!;
        Assert.Equal(("Noon.", "ann", RuleOrigin.Person, 0L), (lesson.RootCause, lesson.AnsweredBy, lesson.Origin, lesson.Crashes));
        Assert.Equal("Ours.", (await there.Lessons.Get("g2"))!.RootCause);
        Assert.Equal(new CircuitBreak { Target = "bank" }, there.Registry.Rules.Single(rule => rule.Id == "lesson-g1").Action);
        Assert.Equal(("imported", "carl"), ((await there.Lessons.Audit("g1", null, 1))[0].What, (await there.Lessons.Audit("g1", null, 1))[0].By));
        Assert.Equal(2, (await there.ListAll()).Count);
        Assert.Equal((0, 0, 2), (await there.Lessons.Import(export.File, "carl")) is var again ? (again.Added, again.Completed, again.Kept) : default);
    }

    [Fact]
    public async Task A_restart_arrives_with_every_one_of_its_parameters()
    {
        var restart = new RestartWithBackoff
        {
            First = TimeSpan.FromSeconds(1), Initial = TimeSpan.FromSeconds(2), Max = TimeSpan.FromSeconds(3), Factor = 1.5, Jitter = BackoffJitter.Equal, GiveUpAfter = 7,
        };
        var here = new FakeLessons();
        await here.Lessons.Capture([Crashes.Report(1)], []);
        await here.Lessons.Teach("g1", "g1", new Resolution { Remediation = restart, RootCause = "Noon.", By = "ann" });
        var there = new FakeLessons();

        await there.Lessons.Import((await here.Lessons.Export(null)).File, "carl");

        Assert.Equal(restart, there.Registry.Rules.Single(rule => rule.Id == "lesson-g1").Action);
    }

    [Fact]
    public async Task Without_a_key_nothing_is_exported_and_nothing_imported()
    {
        var fake = new FakeLessons { Key = null };

        Assert.Contains("LessonKey", (await Assert.ThrowsAsync<InvalidOperationException>(() => fake.Lessons.Export(null))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidOperationException>(() => fake.Lessons.Import(Signed(Good), "carl"));
    }

    [Fact]
    public void A_good_file_is_read_whole()
    {
        var (lessons, mistakes) = LessonFile.Read(Signed(Good), Secret);

        Assert.Empty(mistakes);
        Assert.Equal(["g1", "g2"], lessons.Select(lesson => lesson.Id));
        Assert.Equal(new RestartWithBackoff { First = TimeSpan.FromSeconds(1) }, lessons[0].Remediation);
        Assert.Equal(new CircuitBreak { Target = "bank" }, lessons[1].Remediation);
    }

    public static TheoryData<string, string, string> Mistakes => new()
    {
        { "\"format\": \"prismatic-lessons\"", "\"format\": \"something\"", "line 2: format" },
        { "\"format\": \"prismatic-lessons\",", "", "line 1: format is missing" },
        { "\"version\": 1", "\"version\": 2", "line 3: version is 2" },
        { "\"version\": 1", "\"version\": \"1\"", "line 3: version is a text" },
        { "\"exportedAt\": \"2026-01-01T12:00:00+00:00\"", "\"exportedAt\": \"yesterday\"", "line 4: exportedAt" },
        { "\"signature\": \"SIGNATURE\",", "", "line 1: signature is missing" },
        { "\"signature\": \"SIGNATURE\"", "\"signature\": \"AAAA\"", "line 5: signature does not fit" },
        { "\"version\": 1,", "\"version\": 1, \"note\": \"x\",", "line 3: note is not known" },
        { "\"version\": 1,", "\"version\": 1, \"version\": 1,", "line 3: version stands there twice" },
        { "\"id\": \"g1\",", "", "line 7: lessons[0].id is missing" },
        { "\"id\": \"g1\"", "\"id\": \"g 1; drop\"", "line 8: lessons[0].id" },
        { "\"id\": \"g1\"", "\"id\": 1", "line 8: lessons[0].id is a number" },
        { "\"id\": \"g2\"", "\"id\": \"g1\"", "line 6: lessons holds the lesson \"g1\" more than once" },
        { "\"failureMode\": \"System.TimeoutException: slow\"", "\"failureMode\": \"  \"", "line 9: lessons[0].failureMode" },
        { "\"failureMode\": \"System.TimeoutException: slow\"", "\"failureMode\": \"\\ud800\"", "line 9: the file is not JSON: a text is not valid Unicode" },
        { "\"failureMode\": \"System.TimeoutException: slow\",", "", "line 7: lessons[0].failureMode is missing" },
        { "\"class\": \"ExternalDependency\",\n    \"workerType\"", "\"class\": \"Weather\",\n    \"workerType\"", "line 10: lessons[0].class" },
        { "\"class\": \"ExternalDependency\",\n    \"workerType\"", "\"class\": 0,\n    \"workerType\"", "line 10: lessons[0].class is a number" },
        { "\"workerType\": \"IOrderGrain\"", "\"workerType\": [\"IOrderGrain\"]", "line 11: lessons[0].workerType is an array" },
        { "\"answeredBy\": \"ann\"", "\"answeredBy\": null", "line 13: lessons[0].answeredBy is null" },
        { "\"origin\": \"Person\"", "\"origin\": \"BuiltIn\"", "line 14: lessons[0].origin" },
        { "\"signatures\": [ \"s1\", \"s2\" ]", "\"signatures\": []", "line 15: lessons[0].signatures" },
        { "\"signatures\": [ \"s1\", \"s2\" ]", "\"signatures\": [ \"s1\", \"s/2\" ]", "line 15: lessons[0].signatures[1]" },
        { "\"signatures\": [ \"s3\" ]", "\"signatures\": [ \"s1\" ]", "line 6: lessons holds the signature \"s1\" in more than one lesson" },
        { "\"action\": \"RestartWithBackoff\"", "\"action\": \"RunScript\"", "line 16: lessons[0].remediation.action is \"RunScript\"" },
        { "\"action\": \"RestartWithBackoff\", ", "", "line 16: lessons[0].remediation.action is missing" },
        { "\"firstSeconds\": 1,", "\"firstSeconds\": -1,", "line 16: lessons[0].remediation.firstSeconds" },
        { "\"firstSeconds\": 1,", "\"firstSeconds\": 31,", "line 16: lessons[0].remediation.firstSeconds is 31" },
        { "\"maxSeconds\": 30", "\"maxSeconds\": 1e9", "line 16: lessons[0].remediation.maxSeconds" },
        { "\"maxSeconds\": 30", "\"maxSeconds\": 30, \"factor\": 0.5", "line 16: lessons[0].remediation.factor is 0.5" },
        { "\"maxSeconds\": 30", "\"maxSeconds\": 30, \"giveUpAfter\": 1.5", "line 16: lessons[0].remediation.giveUpAfter is 1.5" },
        { "\"maxSeconds\": 30", "\"maxSeconds\": 30, \"jitter\": \"Some\"", "line 16: lessons[0].remediation.jitter is \"Some\"" },
        { "\"firstSeconds\": 1,", "\"$type\": \"System.Diagnostics.Process\",", "line 16: lessons[0].remediation.$type is not known" },
        { "\"durationSeconds\": 30", "\"durationSeconds\": 0", "line 24: lessons[1].remediation.durationSeconds" },
        { "\"durationSeconds\": 30", "\"durationSeconds\": \"30\"", "line 24: lessons[1].remediation.durationSeconds is a text" },
        { "\"target\": \"bank\"", "\"target\": {}", "line 24: lessons[1].remediation.target is an object" },
        { "\"lessons\": [", "\"lessons\": [ 7,", "line 6: lessons[0] is a number" },
        { "\"id\": \"g2\",", "\"id\": \"g2\" ", "the file is not JSON" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task A_mistake_is_named_with_line_and_field_and_nothing_of_the_file_takes_effect(string right, string wrong, string named)
    {
        Assert.Contains(right, Good, StringComparison.Ordinal);
        var fake = new FakeLessons();

        var import = await fake.Lessons.Import(Signed(Good.Replace(right, wrong, StringComparison.Ordinal)), "carl");

        Assert.Contains(import.Mistakes, mistake => mistake.Contains(named, StringComparison.Ordinal));
        Assert.Empty(fake.Storage.Writes);
        Assert.Empty(fake.Registry.Rules);
    }

    [Fact]
    public void All_mistakes_are_told_at_once()
    {
        var file = Signed(Good.Replace("Person", "Nobody", StringComparison.Ordinal).Replace("CircuitBreak", "Explode", StringComparison.Ordinal));

        Assert.Equal(2, LessonFile.Read(file, Secret).Mistakes.Length);
    }

    [Fact]
    public void A_file_that_was_changed_by_one_letter_after_it_was_signed_is_refused()
    {
        var file = Signed(Good).Replace("slow at noon", "slow at moon", StringComparison.Ordinal);

        Assert.StartsWith("line 5: signature does not fit", Assert.Single(LessonFile.Read(file, Secret).Mistakes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_last_crash_of_a_lesson_is_a_drill()
    {
        var fake = new FakeLessons();
        await fake.Lessons.Capture([Crashes.Report(1, facts: Crashes.Facts("System.TimeoutException", "slow, Password=abc;"))], []);

        using var drill = System.Text.Json.JsonDocument.Parse((await fake.Lessons.ExportDrill("g1"))!);

        var fault = drill.RootElement.GetProperty("faults")[0];
        Assert.Equal("shop/orders", fault.GetProperty("child").GetString());
        Assert.Equal(("call", "System.TimeoutException", "slow, Password=***;"), (fault.GetProperty("where").GetString(), fault.GetProperty("exception").GetString(), fault.GetProperty("message").GetString()));
        Assert.Equal(1, drill.RootElement.GetProperty("expect").GetProperty("escalationsAtMost").GetInt32());
        Assert.Null(await fake.Lessons.ExportDrill("nobody"));
    }

    /// <summary>The file signed as it stands, as far as it can be.</summary>
    private static string Signed(string file)
    {
        try
        {
            var root = LocatedJson.Parse(Encoding.UTF8.GetBytes(file), deepest: 16);
            var lessons = root.Members.First(member => member.Name == "lessons").Value;
            var version = root.Members.First(member => member.Name == "version").Value.Text;
            var exportedAt = root.Members.First(member => member.Name == "exportedAt").Value.Text;
            return file.Replace("SIGNATURE", LessonFile.Sign(Secret, long.Parse(version, System.Globalization.CultureInfo.InvariantCulture), exportedAt, lessons.Bytes.Span), StringComparison.Ordinal);
        }
        catch (NotJsonException)
        {
            return file;
        }
    }
}

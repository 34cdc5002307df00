using System.Text.Json;
using Prismatic.Cli;
using Prismatic.Tests.Lessons;
using Xunit;

namespace Prismatic.Tests.Cli;

public sealed class EvaluateCommandTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("prismatic-evaluate-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task All_real_crashes_get_a_group_and_a_class_and_the_same_ones_each_time()
    {
        var crashes = File("crashes.jsonl");
        await using (var stream = typeof(RealCrashes).Assembly.GetManifestResourceStream("crashes.jsonl")!)
        await using (var file = System.IO.File.Create(crashes))
        {
            await stream.CopyToAsync(file, TestContext.Current.CancellationToken);
        }

        var first = await ToolRun.Of("lessons", "evaluate", crashes, "--output", File("first.jsonl"));
        var second = await ToolRun.Of("lessons", "evaluate", crashes, "-o", File("second.jsonl"));
        var piped = await ToolRun.Of("lessons", "evaluate", crashes);

        Assert.Equal((ExitCode.Fine, ExitCode.Fine, ExitCode.Fine), (first.ExitCode, second.ExitCode, piped.ExitCode));
        var lines = await System.IO.File.ReadAllLinesAsync(File("first.jsonl"), TestContext.Current.CancellationToken);
        Assert.Equal(lines, await System.IO.File.ReadAllLinesAsync(File("second.jsonl"), TestContext.Current.CancellationToken));
        Assert.Equal(lines, piped.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal("", first.Out);
        Assert.Equal(RealCrashes.All.Select(crash => crash.Id), lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("id").GetString()));
        Assert.All(lines, line => Assert.Matches(@"^\{""id"":""\w+"",""group"":""\w+"",""class"":""(state_corruption|external_dependency|resource_exhaustion|logic_error)""\}$", line));
    }

    [Fact]
    public async Task A_crash_is_decided_by_what_came_before_it_and_by_nothing_after()
    {
        var lines = new[] { Line("a", "Shop.Orders.Load"), Line("b", "Shop.Stock.Load"), Line("c", "Shop.Orders.Load") };
        var whole = await Evaluate(lines);
        for (var count = 1; count <= lines.Length; count++)
        {
            Assert.Equal(string.Join('\n', whole.Out.Split('\n').Take(count)), (await Evaluate(lines[..count])).Out.TrimEnd());
        }
    }

    [Theory]
    [InlineData("not json", "the line is no JSON")]
    [InlineData("[1]", "the line is an array; expected an object.")]
    [InlineData("""{"exception_type":"T"}""", "id is missing; expected a string.")]
    [InlineData("""{"id":7,"exception_type":"T"}""", "id is the number 7; expected a string.")]
    [InlineData("""{"id":"x","exception_type":" "}""", "exception_type is empty; expected a string that is not.")]
    [InlineData("""{"id":"x","exception_type":null}""", "exception_type is null; expected a string.")]
    [InlineData("""{"id":"x","exception_type":"T","message":{}}""", "message is an object; expected a string.")]
    [InlineData("""{"id":"x","exception_type":"T","stack":["at"]}""", "stack is an array; expected a string.")]
    [InlineData("""{"id":"x","exception_type":"T","inner":"T"}""", "inner is a string; expected an array of objects with type and message.")]
    [InlineData("""{"id":"x","exception_type":"T","inner":[{"type":"T"},{"message":"m"}]}""", "inner[1].type is missing; expected a string.")]
    [InlineData("""{"id":"x","exception_type":"T","inner":[true]}""", "inner[0] is true; expected an object with type and message.")]
    [InlineData("""{"id":"x","exception_type":"T","message":"\ud800"}""", "message holds half of a surrogate pair; expected text.")]
    [InlineData("""{"id":"good","exception_type":"T"}""", "id is 'good', as in line 1; expected an id of its own.")]
    public async Task A_bad_line_is_named_with_its_field_and_no_prediction_is_written(string bad, string mistake)
    {
        System.IO.File.WriteAllText(File("out.jsonl"), "as it was");

        var run = await Evaluate([Line("good", "Shop.Orders.Load"), "", bad], "--output", File("out.jsonl"));

        Assert.Equal((ExitCode.WrongUse, ""), (run.ExitCode, run.Out));
        Assert.Contains($"{File("in.jsonl")}, line 3: {mistake}", run.Error, StringComparison.Ordinal);
        Assert.Equal("as it was", System.IO.File.ReadAllText(File("out.jsonl")));
    }

    [Fact]
    public async Task Message_stack_and_inner_may_be_missing_or_null_and_other_fields_are_ignored()
    {
        var run = await Evaluate(["""{"id":"a","exception_type":"T"}""", """{"id":"b","exception_type":"T","message":null,"stack":null,"inner":null,"class":7}"""]);

        Assert.Equal(ExitCode.Fine, run.ExitCode);
        Assert.Equal(2, run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Theory]
    [InlineData("none.jsonl", "out.jsonl", "cannot be read")]
    [InlineData("in.jsonl", "no/such/out.jsonl", "cannot be written")]
    public async Task A_file_that_cannot_be_used_is_wrong_use(string crashes, string predictions, string mistake)
    {
        System.IO.File.WriteAllText(File("in.jsonl"), Line("a", "Shop.Orders.Load"));

        var run = await ToolRun.Of("lessons", "evaluate", File(crashes), "--output", File(predictions));

        Assert.Equal(ExitCode.WrongUse, run.ExitCode);
        Assert.Contains(mistake, run.Error, StringComparison.Ordinal);
    }

    private Task<ToolRun> Evaluate(string[] lines, params string[] options)
    {
        System.IO.File.WriteAllLines(File("in.jsonl"), lines);
        return ToolRun.Of(["lessons", "evaluate", File("in.jsonl"), .. options]);
    }

    private static string Line(string id, string method) => $$"""{"id":"{{id}}","exception_type":"T","message":"m","stack":"   at {{method}}()","inner":[]}""";

    private string File(string name) => Path.Combine(_directory.FullName, name);
}

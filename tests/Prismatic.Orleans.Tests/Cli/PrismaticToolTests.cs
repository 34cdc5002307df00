using Prismatic.Cli;
using Xunit;

namespace Prismatic.Tests.Cli;

public sealed class PrismaticToolTests
{
    [Theory]
    [InlineData("--help")]
    [InlineData("lessons --help")]
    [InlineData("lessons evaluate --help")]
    [InlineData("schema --help")]
    [InlineData("dead-letters --help")]
    [InlineData("tickets list --help")]
    [InlineData("--version")]
    public async Task Help_is_an_answer_on_standard_output(string line)
    {
        var run = await ToolRun.Of(line.Split(' '));

        Assert.Equal((ExitCode.Fine, ""), (run.ExitCode, run.Error));
        Assert.NotEqual("", run.Out);
    }

    [Theory]
    [InlineData("")]
    [InlineData("lessons")]
    [InlineData("bogus")]
    [InlineData("lessons evaluate")]
    [InlineData("lessons evaluate a b")]
    [InlineData("lessons evaluate a --unknown")]
    public async Task Wrong_use_ends_with_2_and_says_why_on_standard_error(string line)
    {
        var run = await ToolRun.Of(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(ExitCode.WrongUse, run.ExitCode);
        Assert.NotEqual("", run.Error);
    }

    [Fact]
    public async Task Words_are_completed()
    {
        Assert.Contains("lessons", (await ToolRun.Of("[suggest:3]", "les")).Out, StringComparison.Ordinal);
        Assert.Contains("evaluate", (await ToolRun.Of("[suggest:9]", "lessons e")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public void What_goes_into_a_pipe_is_plain_and_each_row_is_one_line()
    {
        using var output = new StringWriter();
        var terminal = new Terminal(output, TextWriter.Null);

        terminal.Show(OutputForm.Table, new { }, new Grid(["child", "message"], [["prismatic/core", new string('x', 300) + "\u001b[31m[red]"]]));

        Assert.DoesNotContain('\u001b', output.ToString());
        Assert.Contains(new string('x', 300) + "[red]", output.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Count(line => line.Trim().Length > 0));
    }

    [Fact]
    public void Json_is_one_document_in_camel_case()
    {
        using var output = new StringWriter();

        new Terminal(output, TextWriter.Null).Show(OutputForm.Json, new { ChildPath = "prismatic", Form = OutputForm.Table }, grid: null);

        Assert.Equal("""{"childPath":"prismatic","form":"Table"}""", string.Concat(output.ToString().Where(c => !char.IsWhiteSpace(c))));
    }
}

using Prismatic.Cli;

namespace Prismatic.Tests.Cli;

/// <summary>One run of the tool in this process, as a pipe sees it.</summary>
internal sealed record ToolRun(int ExitCode, string Out, string Error)
{
    public static async Task<ToolRun> Of(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await PrismaticTool.Run(args, new Terminal(output, error));
        return new ToolRun(code, output.ToString(), error.ToString());
    }
}

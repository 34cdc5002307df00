using Prismatic.SystemTests.Faults;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace Prismatic.SystemTests;

/// <summary>The program of this project: the tests, unless its first argument names another job.</summary>
internal static class EntryPoint
{
    public static Task<int> Main(string[] args) => args switch
    {
        [FaultsCommand.Verb, .. var rest] => FaultsCommand.Run(rest),
        [ArmSilo.Verb, var arm, .. var rest] => ArmSilo.Run(Enum.Parse<Arm>(arm), rest),

        // The same that xunit's own entry point does.
        _ when args.Any(argument => argument is "--server" or "--internal-msbuild-node") => TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
        _ => ConsoleRunner.Run(args),
    };
}

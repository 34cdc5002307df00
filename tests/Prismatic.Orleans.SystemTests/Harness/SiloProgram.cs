using System.Runtime.InteropServices;
using Prismatic.SystemTests.Faults;

namespace Prismatic.SystemTests.Harness;

/// <summary>The built host, as a user starts it: <c>dotnet Prismatic.Orleans.Silo.dll</c>.</summary>
internal static class SiloProgram
{
    private static readonly string Assembly = Path.Combine(AppContext.BaseDirectory, "Prismatic.Orleans.Silo.dll");

    /// <summary>The host's settings of the runtime, its collector among them: all sides of a comparison have the same.</summary>
    private static readonly string RuntimeConfig = Path.ChangeExtension(Assembly, ".runtimeconfig.json");

    // The runtime's directory is <root>/shared/Microsoft.NETCore.App/<version>.
    public static readonly string Dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));

    public static ProgramProcess Start(TemporaryDirectory directory, IEnumerable<KeyValuePair<string, string>> settings, params IEnumerable<string> arguments) =>
        ProgramProcess.Start(Dotnet, [Assembly, .. arguments], directory.Path, settings);

    /// <summary>Starts the silo of one side of a comparison, in a network of its own where the place has one, with the family of the storm where there is to be one.</summary>
    public static ProgramProcess Start(Arm arm, SiloPlace place, TemporaryDirectory directory, IEnumerable<KeyValuePair<string, string>> settings, bool storm)
    {
        string[] program = arm == Arm.Platform && !storm
            ? [Dotnet, Assembly]
            : [Dotnet, "exec", "--runtimeconfig", RuntimeConfig, typeof(ArmSilo).Assembly.Location, ArmSilo.Verb, arm.ToString(), .. storm ? [ArmSilo.WithStorm] : Array.Empty<string>()];
        string[] all = place.Network is { } network ? ["/usr/sbin/ip", "netns", "exec", network, .. program] : program;
        return ProgramProcess.Start(all[0], all[1..], directory.Path, settings);
    }
}

using System.Reflection;
using System.Runtime;
using System.Runtime.InteropServices;

namespace Prismatic.Measuring;

/// <summary>What the figures were measured on.</summary>
internal sealed record Machine(DateTimeOffset At, string Processor, int Cores, string System, string Runtime, string Orleans, bool ServerGc, string Build, string LoadBefore)
{
    public static Machine Now(TimeProvider time) => new(
        time.GetUtcNow(),
        FirstLine("/proc/cpuinfo", "model name")?.Split(':', 2)[1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString(),
        Environment.ProcessorCount,
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription,
        Version(typeof(Grain).Assembly),
        GCSettings.IsServerGC,
        typeof(Machine).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration,
        File.Exists("/proc/loadavg") ? string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ').Take(3)) : "unknown");

    public override string ToString() =>
        $"{At:yyyy-MM-dd HH:mm} UTC, {Processor}, {Cores} cores, {System}, {Runtime}, Orleans {Orleans}, {(ServerGc ? "server" : "workstation")} GC, {Build} build, load before {LoadBefore}";

    private static string Version(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+', '.', ' ') is [var major, var minor, var patch, ..]
            ? $"{major}.{minor}.{patch}"
            : assembly.GetName().Version!.ToString();

    private static string? FirstLine(string file, string start) =>
        File.Exists(file) ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(start, StringComparison.Ordinal)) : null;
}

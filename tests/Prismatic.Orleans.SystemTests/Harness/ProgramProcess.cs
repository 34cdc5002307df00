using System.Diagnostics;
using Xunit;

namespace Prismatic.SystemTests.Harness;

/// <summary>A program that runs as a process of its own, with all that it writes kept for the test's report.</summary>
internal sealed class ProgramProcess : IAsyncDisposable
{
    private readonly string _name;
    private readonly Process _process;
    private readonly Task _exited;
    private bool _disposed;

    private ProgramProcess(string name, ProcessStartInfo start)
    {
        _name = name;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Keep(Output, line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(Errors, line.Data);
        _process.Start();
        _process.StandardInput.Close();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _exited = _process.WaitForExitAsync();
    }

    public CapturedLines Output { get; } = new();

    public CapturedLines Errors { get; } = new();

    public bool HasExited => _disposed || _process.HasExited;

    /// <summary>Starts <paramref name="file"/> with this process's environment, less the platform's own settings, plus <paramref name="settings"/>.</summary>
    public static ProgramProcess Start(string file, IEnumerable<string> arguments, string directory, IEnumerable<KeyValuePair<string, string>> settings)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var inherited in start.Environment.Keys.Where(IsASetting).ToList())
        {
            start.Environment.Remove(inherited);
        }

        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        return new ProgramProcess(Path.GetFileNameWithoutExtension(file), start);
    }

    /// <summary>The exit code, once the process has ended and all that it wrote has been read.</summary>
    public async Task<int> Exit(TimeSpan? patience = null)
    {
        await Eventually.Completed(_exited, $"{_name} ends", Describe, patience);
        return _process.ExitCode;
    }

    /// <summary>Asks the process to end, as an operator or Kubernetes does: SIGTERM.</summary>
    public void Terminate() => Signals.Send(_process.Id, Signals.Terminate);

    /// <summary>Sends one of <see cref="Signals"/>: SIGSTOP, after which it does nothing, and SIGCONT, among them.</summary>
    public void Signal(int signal) => Signals.Send(_process.Id, signal);

    /// <summary>Ends the process at once: SIGKILL, which it cannot see coming.</summary>
    public async Task Kill()
    {
        _process.Kill(entireProcessTree: true);
        await Exit();
    }

    public string Describe() => $"{_name} wrote on standard output:\n{Output.Text}\nand on standard error:\n{Errors.Text}";

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        if (!HasExited)
        {
            await Kill();
        }

        _disposed = true;
        TestContext.Current.TestOutputHelper?.WriteLine(Describe());
        _process.Dispose();
    }

    private static void Keep(CapturedLines lines, string? line)
    {
        // The end of a stream comes as null.
        if (line is not null)
        {
            lines.Add(line);
        }
    }

    private static bool IsASetting(string name) =>
        name.StartsWith("PRISMATIC__", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("ASPNETCORE_", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("DOTNET_ENVIRONMENT", StringComparison.OrdinalIgnoreCase);
}

using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Prismatic.Peers;

/// <summary>Erlang/OTP in a process of its own, running the sources beside this program.</summary>
internal sealed class ErlangPeer : IPeer
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly string _beams;

    private ErlangPeer(string beams, string release)
    {
        _beams = beams;
        Name = $"Erlang/OTP {release}";
    }

    public string Name { get; }

    /// <summary>Compiles the sources; null where there is no Erlang.</summary>
    public static async Task<ErlangPeer?> Find()
    {
        var beams = Directory.CreateTempSubdirectory("otp-peer-").FullName;
        var sources = Path.Combine(AppContext.BaseDirectory, "Peers", "erlang");
        try
        {
            await Run(
                beams,
                "-eval",
                $"lists:foreach(fun(F) -> {{ok, _}} = compile:file(F, [{{outdir, \"{beams}\"}}]) end, filelib:wildcard(\"{sources}/*.erl\")), halt().");
            var release = await Run(beams, "-eval", "io:format(\"~s~n\", [erlang:system_info(otp_release)]), halt().");
            return new ErlangPeer(beams, release.Single());
        }
        catch (Win32Exception)
        {
            Directory.Delete(beams, recursive: true);
            return null;
        }
    }

    public async Task<IReadOnlyList<double>> Restarts(int count)
    {
        var result = (await Measure("restart", count)).Single();
        return [result["p50_us"], result["p99_us"]];
    }

    public async Task<IReadOnlyList<StormTime>> Storm(int supervisors, int children, int runs) =>
        [.. (await Measure("storm", supervisors, children, runs)).Select(result => new StormTime(result["ms"]))];

    public async Task<double> Calls(int clients, TimeSpan duration) =>
        (await Measure("calls", (int)duration.TotalMilliseconds, clients)).Single()["per_s"];

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_beams, recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task<List<Dictionary<string, double>>> Measure(string what, params int[] numbers)
    {
        var lines = await Run(
            _beams,
            ["-eval", "otp_peer:main(init:get_plain_arguments()).", "-extra", what, .. numbers.Select(number => number.ToString(CultureInfo.InvariantCulture))]);
        return [.. lines.Where(line => line.StartsWith(what, StringComparison.Ordinal)).Select(line => line.Split(' ').Skip(1)
            .Select(pair => pair.Split('='))
            .ToDictionary(pair => pair[0], pair => double.Parse(pair[1], CultureInfo.InvariantCulture)))];
    }

    private static async Task<string[]> Run(string beams, params string[] arguments)
    {
        using var erl = new Process
        {
            StartInfo = new ProcessStartInfo("erl", ["-noshell", "-noinput", "-pa", beams, .. arguments])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = beams,
            },
        };
        erl.Start();
        var errors = erl.StandardError.ReadToEndAsync();
        var output = await erl.StandardOutput.ReadToEndAsync().WaitAsync(Patience, TimeProvider.System);
        await erl.WaitForExitAsync();
        return erl.ExitCode == 0
            ? output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            : throw new InvalidOperationException($"erl ended with {erl.ExitCode}: {output} {await errors}");
    }
}

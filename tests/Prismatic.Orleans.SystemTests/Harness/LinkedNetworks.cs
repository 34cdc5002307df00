using System.Net;
using Xunit;

namespace Prismatic.SystemTests.Harness;

/// <summary>
/// A network of its own for each silo, with one address, all on one bridge, on which this process has an address too. Two of them can be cut off from each
/// other while both reach everybody else. Needs root and the program <c>ip</c>.
/// </summary>
internal sealed class LinkedNetworks : IAsyncDisposable
{
    private const string Ip = "/usr/sbin/ip";
    private readonly string _prefix;
    private readonly byte _subnet;
    private readonly int _count;

    private LinkedNetworks(int count)
    {
        _count = count;

        // Interface names have at most 15 characters.
        _prefix = $"pf{Environment.ProcessId % 100_000}";
        _subnet = (byte)(Environment.ProcessId % 250 + 1);
    }

    /// <summary>Why there can be none here; null when there can.</summary>
    public static string? Hindrance() =>
        !OperatingSystem.IsLinux() || Environment.UserName != "root" ? "Network namespaces need root on Linux."
        : !File.Exists(Ip) ? $"{Ip} is missing (the package iproute2)."
        : null;

    /// <summary>This process's address on the bridge.</summary>
    public IPAddress Own => new([10, 213, _subnet, 254]);

    public static async Task<LinkedNetworks> Make(int count)
    {
        var networks = new LinkedNetworks(count);
        try
        {
            await networks.Make();
            return networks;
        }
        catch
        {
            await networks.DisposeAsync();
            throw;
        }
    }

    public string NameOf(int silo) => $"{_prefix}n{silo}";

    public IPAddress AddressOf(int silo) => new([10, 213, _subnet, (byte)(silo + 1)]);

    /// <summary>From now on nothing passes between the two.</summary>
    public async Task Part(int one, int other)
    {
        await In(one, "route", "add", "blackhole", $"{AddressOf(other)}/32");
        await In(other, "route", "add", "blackhole", $"{AddressOf(one)}/32");
    }

    public async Task Join(int one, int other)
    {
        await In(one, "route", "del", "blackhole", $"{AddressOf(other)}/32");
        await In(other, "route", "del", "blackhole", $"{AddressOf(one)}/32");
    }

    public async ValueTask DisposeAsync()
    {
        for (var silo = 0; silo < _count; silo++)
        {
            await Run(mayFail: true, "netns", "del", NameOf(silo));
        }

        await Run(mayFail: true, "link", "del", $"{_prefix}b");
    }

    private async Task Make()
    {
        await Run("link", "add", $"{_prefix}b", "type", "bridge");
        await Run("addr", "add", $"{Own}/24", "dev", $"{_prefix}b");
        await Run("link", "set", $"{_prefix}b", "up");
        for (var silo = 0; silo < _count; silo++)
        {
            await Run("netns", "add", NameOf(silo));
            await Run("link", "add", $"{_prefix}v{silo}", "type", "veth", "peer", "name", "eth0", "netns", NameOf(silo));
            await Run("link", "set", $"{_prefix}v{silo}", "master", $"{_prefix}b");
            await Run("link", "set", $"{_prefix}v{silo}", "up");
            await In(silo, "addr", "add", $"{AddressOf(silo)}/24", "dev", "eth0");
            await In(silo, "link", "set", "eth0", "up");
            await In(silo, "link", "set", "lo", "up");
        }
    }

    private Task In(int silo, params string[] arguments) => Run(["-n", NameOf(silo), .. arguments]);

    private static Task Run(params string[] arguments) => Run(mayFail: false, arguments);

    private static async Task Run(bool mayFail, params string[] arguments)
    {
        await using var process = ProgramProcess.Start(Ip, arguments, "/", []);
        var code = await process.Exit();
        Assert.True(mayFail || code == 0, $"ip {string.Join(' ', arguments)} ended with {code}.\n{process.Describe()}");
    }
}

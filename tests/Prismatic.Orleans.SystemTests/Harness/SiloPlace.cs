using System.Net;

namespace Prismatic.SystemTests.Harness;

/// <summary>Where a silo is: its loopback address and its ports. A silo that starts at the place of another is its successor.</summary>
internal sealed record SiloPlace(IPAddress Address, int SiloPort, int GatewayPort, int HttpPort)
{
    /// <summary>The network namespace in which it runs; null for this process's own.</summary>
    public string? Network { get; init; }

    public Uri Http => new($"http://{Address}:{HttpPort}");

    public IPEndPoint Gateway => new(Address, GatewayPort);

    /// <summary>A place on 127.0.0.<paramref name="last"/>, whose ports were free a moment ago.</summary>
    public static SiloPlace Find(byte last = 1)
    {
        var ports = Ports.FindFree(3);
        return new SiloPlace(new IPAddress([127, 0, 0, last]), ports[0], ports[1], ports[2]);
    }
}

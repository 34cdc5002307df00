using System.Net;
using System.Net.Sockets;

namespace Prismatic.SystemTests.Harness;

internal static class Ports
{
    /// <summary>Loopback ports that were free a moment ago, all different.</summary>
    public static IReadOnlyList<int> FindFree(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(listener => listener.Start());
        var ports = listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToList();
        listeners.ForEach(listener => listener.Dispose());
        return ports;
    }
}

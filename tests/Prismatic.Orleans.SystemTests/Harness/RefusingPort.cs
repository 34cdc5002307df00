using System.Net;
using System.Net.Sockets;

namespace Prismatic.SystemTests.Harness;

/// <summary>A loopback port that refuses every connection: it is bound, so nobody else gets it, and nobody listens on it.</summary>
internal sealed class RefusingPort : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public RefusingPort() => _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    public int Number => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <summary>From now on connections are accepted by the system, and seen by <see cref="WasCalled"/>.</summary>
    public void BeginToListen() => _socket.Listen();

    /// <summary>Whether anybody has connected since <see cref="BeginToListen"/>.</summary>
    public bool WasCalled => _socket.Poll(TimeSpan.Zero, SelectMode.SelectRead);

    public void Dispose() => _socket.Dispose();
}

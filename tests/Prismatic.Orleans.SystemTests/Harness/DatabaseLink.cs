using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Prismatic.SystemTests.Harness;

/// <summary>
/// The way of one silo to its database: a port on the loopback that passes bytes on, slowly or not at all when told so. What the database sends back is
/// never delayed, so that a delay counts once for each message of the silo.
/// </summary>
internal sealed class DatabaseLink : IAsyncDisposable
{
    private readonly IPEndPoint _server;
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _lock = new();
    private readonly List<TcpClient> _open = [];
    private readonly Task _accepting;
    private bool _cut;
    private TimeSpan _delay;

    /// <param name="address">Where it listens.</param>
    /// <param name="server">The database's port on 127.0.0.1.</param>
    public DatabaseLink(IPAddress address, int server)
    {
        _server = new IPEndPoint(IPAddress.Loopback, server);
        _listener = new TcpListener(address, 0);
        _listener.Start();
        _accepting = Accept();
    }

    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>From now on each message to the database arrives this much later.</summary>
    public void Delay(TimeSpan delay)
    {
        lock (_lock)
        {
            _delay = delay;
        }
    }

    /// <summary>Cuts all connections; new ones are accepted and cut at once, until <see cref="Mend"/>.</summary>
    public void Cut()
    {
        lock (_lock)
        {
            _cut = true;
            CloseAll();
        }
    }

    public void Mend()
    {
        lock (_lock)
        {
            _cut = false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        lock (_lock)
        {
            CloseAll();
        }

        _listener.Dispose();
        _end.Dispose();
    }

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                var silo = await _listener.AcceptTcpClientAsync(_end.Token);
                _ = Task.Run(() => Serve(silo));
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It was disposed.
        }
    }

    private async Task Serve(TcpClient silo)
    {
        using var database = new TcpClient { NoDelay = true };
        using (silo)
        {
            silo.NoDelay = true;
            if (!Keep(silo, database))
            {
                return;
            }

            try
            {
                await database.ConnectAsync(_server, _end.Token);
                var there = PassSlowly(silo.GetStream(), database.GetStream());
                var back = database.GetStream().CopyToAsync(silo.GetStream(), _end.Token);
                await Task.WhenAny(there, back);
            }
            catch (Exception broken) when (broken is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // Either end is gone, or the link was cut: the other end sees its connection close.
            }
            finally
            {
                Forget(silo, database);
            }
        }
    }

    /// <summary>Reads at once and writes when each piece is due, so that the delay is one of arrival and not of bandwidth.</summary>
    private async Task PassSlowly(NetworkStream from, NetworkStream to)
    {
        var pieces = Channel.CreateUnbounded<(byte[] Bytes, long Read)>();
        var writing = Task.Run(async () =>
        {
            await foreach (var (bytes, read) in pieces.Reader.ReadAllAsync(_end.Token))
            {
                TimeSpan delay;
                lock (_lock)
                {
                    delay = _delay;
                }

                if (delay - TimeProvider.System.GetElapsedTime(read) is { Ticks: > 0 } wait)
                {
                    await Task.Delay(wait, TimeProvider.System, _end.Token);
                }

                await to.WriteAsync(bytes, _end.Token);
            }
        });
        var buffer = new byte[64 * 1024];
        int count;
        while ((count = await from.ReadAsync(buffer, _end.Token)) > 0)
        {
            pieces.Writer.TryWrite((buffer[..count], TimeProvider.System.GetTimestamp()));
        }

        pieces.Writer.Complete();
        await writing;
    }

    private bool Keep(params TcpClient[] both)
    {
        lock (_lock)
        {
            if (_cut)
            {
                return false;
            }

            _open.AddRange(both);
            return true;
        }
    }

    private void Forget(params TcpClient[] both)
    {
        lock (_lock)
        {
            _open.RemoveAll(both.Contains);
        }
    }

    private void CloseAll()
    {
        _open.ForEach(connection => connection.Close());
        _open.Clear();
    }
}

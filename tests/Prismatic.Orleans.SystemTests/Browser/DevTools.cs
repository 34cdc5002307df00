using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Prismatic.SystemTests.Browser;

/// <summary>The browser answered a command with an error.</summary>
internal sealed class DevToolsException(string method, string message) : Exception($"{method}: {message}");

/// <summary>The Chrome DevTools protocol over its web socket: commands with answers, and events.</summary>
internal sealed class DevTools : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly CancellationTokenSource _closed = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonNode>> _asked = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly Action<string, JsonNode> _onEvent;
    private Task _reading = Task.CompletedTask;
    private int _lastId;

    private DevTools(Action<string, JsonNode> onEvent) => _onEvent = onEvent;

    public static async Task<DevTools> Connect(Uri address, Action<string, JsonNode> onEvent)
    {
        var tools = new DevTools(onEvent);
        await tools._socket.ConnectAsync(address, tools._closed.Token);
        tools._reading = tools.Read();
        return tools;
    }

    /// <summary>Sends a command, to the page of <paramref name="session"/> or to the browser itself, and returns its result.</summary>
    public async Task<JsonNode> Send(string method, object parameters, string? session = null)
    {
        var id = Interlocked.Increment(ref _lastId);
        var answer = _asked[id] = new TaskCompletionSource<JsonNode>(TaskCreationOptions.RunContinuationsAsynchronously);
        var message = JsonSerializer.SerializeToUtf8Bytes(session is null
            ? new { id, method, @params = parameters }
            : (object)new { id, method, @params = parameters, sessionId = session });
        await _sending.WaitAsync(_closed.Token);
        try
        {
            await _socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, _closed.Token);
        }
        finally
        {
            _sending.Release();
        }

        var reply = await answer.Task.WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System);
        return reply["error"] is { } error ? throw new DevToolsException(method, error["message"]!.GetValue<string>()) : reply["result"]!;
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        await _reading;
        _socket.Dispose();
        _sending.Dispose();
        _closed.Dispose();
    }

    private async Task Read()
    {
        var buffer = new byte[64 * 1024];
        using var message = new MemoryStream();
        try
        {
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer, _closed.Token);
                message.Write(buffer, 0, part.Count);
                if (part.EndOfMessage)
                {
                    Take(JsonNode.Parse(message.ToArray())!);
                    message.SetLength(0);
                }
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or WebSocketException or JsonException)
        {
            foreach (var waiting in _asked.Values)
            {
                waiting.TrySetException(new DevToolsException("The connection to the browser ended", ended.Message));
            }
        }
    }

    private void Take(JsonNode message)
    {
        if (message["id"] is { } id)
        {
            if (_asked.TryRemove(id.GetValue<int>(), out var waiting))
            {
                waiting.TrySetResult(message);
            }
        }
        else
        {
            _onEvent(message["method"]!.GetValue<string>(), message["params"]!);
        }
    }
}

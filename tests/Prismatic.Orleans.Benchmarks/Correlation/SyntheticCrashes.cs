using System.Collections.Immutable;
using Prismatic.Lessons;
using Prismatic.Supervision;

namespace Prismatic.Correlation;

/// <summary>
/// Crashes of a big system: every lesson fails in code of its own, most of them through one of few libraries with one of few messages, so
/// that what is common is shared by as many as there are, and only what is rare tells them apart. The same number gives the same crash.
/// </summary>
internal static class SyntheticCrashes
{
    private static readonly (string Type, string Message, string[] Stack)[] Failures =
    [
        ("System.NullReferenceException", "Object reference not set to an instance of an object.", []),
        ("System.Net.Sockets.SocketException", "Connection refused 10.0.{0}.{1}:{2}",
            ["System.Net.Sockets.Socket.DoConnect(EndPoint endPointSnapshot, SocketAddress socketAddress)", "System.Net.Sockets.Socket.Connect(EndPoint remoteEP)"]),
        ("Npgsql.PostgresException", "40P01: deadlock detected by process {2}",
            ["Npgsql.Internal.NpgsqlConnector.<ReadMessage>g__ReadMessageLong|194_0(NpgsqlConnector connector, Boolean async)", "Npgsql.NpgsqlDataReader.NextResult(Boolean async)", "Npgsql.NpgsqlCommand.ExecuteReader(CommandBehavior behavior)"]),
        ("System.TimeoutException", "The operation timed out after {2} ms waiting for lease {0}",
            ["StackExchange.Redis.ConnectionMultiplexer.ExecuteSyncImpl[T](Message message)", "StackExchange.Redis.RedisDatabase.StringGet(RedisKey key, CommandFlags flags)"]),
        ("System.Text.Json.JsonException", "'0x00' is an invalid start of a value. Path: $ | LineNumber: {0} | BytePositionInLine: {1}.",
            ["System.Text.Json.ThrowHelper.ReThrowWithPath(ReadStack& state, JsonReaderException ex)", "System.Text.Json.JsonSerializer.Deserialize[TValue](Stream utf8Json, JsonTypeInfo`1 jsonTypeInfo)"]),
        ("System.InvalidOperationException", "Sequence contains no elements", ["System.Linq.ThrowHelper.ThrowNoElementsException()", "System.Linq.Enumerable.First[TSource](IEnumerable`1 source)"]),
        ("System.Collections.Generic.KeyNotFoundException", "The given key '{2}' was not present in the dictionary.",
            ["System.ThrowHelper.ThrowKeyNotFoundException[T](T key)", "System.Collections.Generic.Dictionary`2.get_Item(TKey key)"]),
        ("System.IO.IOException", "No space left on device : '/data/{0}/{1}.db'", ["System.IO.RandomAccess.WriteAtOffset(SafeFileHandle handle, ReadOnlySpan`1 buffer, Int64 fileOffset)", "System.IO.Strategies.OSFileStreamStrategy.Write(ReadOnlySpan`1 buffer)"]),
    ];

    /// <summary>The crash by which lesson <paramref name="lesson"/> is told; each <paramref name="variant"/> of it has other ids, callers and dispatch.</summary>
    public static CrashFacts Of(int lesson, int variant)
    {
        var failure = Failures[lesson % Failures.Length];
        var program = lesson / 5_000;
        var type = lesson / 50 % 100;
        var frames = failure.Stack.Select(frame => $"   at {frame}")
            .Append($"   at Shop{program}.Orders.Service{type}.<Handle{lesson}>d__{variant}.MoveNext() in /src/Shop{program}/Service{type}.cs:line {10 + variant}")
            .Append($"   at Shop{program}.Orders.Grain{type}.Call{variant}(Request request)")
            .Append("   at Orleans.Runtime.InsideRuntimeClient.Invoke(IGrainContext target, Message message)");
        var message = string.Format(System.Globalization.CultureInfo.InvariantCulture, failure.Message, variant % 200, lesson % 250, 1000 + (lesson * 7 % 9000));
        return new CrashFacts
        {
            Exceptions = [new ExceptionFact { Type = failure.Type, Message = message, Codes = ErrorCodes.FromText(failure.Type, message) }],
            Stack = string.Join('\n', frames),
            WorkerType = $"IGrain{type}",
        };
    }
}

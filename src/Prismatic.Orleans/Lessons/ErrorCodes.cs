using System.Collections.Immutable;
using System.ComponentModel;
using System.Data.Common;
using System.Globalization;
using System.Net.Http;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace Prismatic.Lessons;

/// <summary>
/// The codes of one exception: <c>socket</c>, <c>http</c>, <c>http.error</c>, <c>sqlstate</c>, <c>db.error</c>, <c>sqlite</c>, <c>grpc</c>,
/// <c>errno</c>, <c>win32</c>, <c>hresult</c>. Packages that the library does not reference are read through their base types or,
/// where these have no code, from the fixed form of their messages.
/// </summary>
internal static partial class ErrorCodes
{
    /// <summary>The codes that <paramref name="exception"/> carries. May throw what a hostile override throws.</summary>
    public static ImmutableDictionary<string, string> Of(Exception exception, string type, string message)
    {
        var codes = FromText(type, message).ToBuilder();
        switch (exception)
        {
            case SocketException socket:
                codes["socket"] = socket.SocketErrorCode.ToString();
                break;
            case Win32Exception win32:
                codes["win32"] = Number(win32.NativeErrorCode);
                break;
            case HttpRequestException http:
                if (http.StatusCode is { } status)
                {
                    codes["http"] = Number((int)status);
                }

                AddHttpError(codes, http.HttpRequestError);
                break;
            case HttpIOException http:
                AddHttpError(codes, http.HttpRequestError);
                break;
            case DbException database:
                if (database.SqlState is { Length: > 0 } sqlState)
                {
                    codes["sqlstate"] = sqlState;
                }

                if (database.ErrorCode is var error && !SaysTypeOnly(error))
                {
                    codes["db.error"] = error is > 0 and < 100_000 ? Number(error) : Hex(error);
                }

                break;
            case IOException when exception.HResult is > 0 and < 4096:
                codes["errno"] = Errno(exception.HResult);
                break;
            default:
                if (!SaysTypeOnly(exception.HResult))
                {
                    codes["hresult"] = Hex(exception.HResult);
                }

                break;
        }

        return codes.ToImmutable();
    }

    /// <summary>The codes that the text alone tells, for exceptions that carry them nowhere else, and for crashes read from a file.</summary>
    public static ImmutableDictionary<string, string> FromText(string type, string message)
    {
        var codes = ImmutableDictionary<string, string>.Empty;
        if (type.EndsWith("SqliteException", StringComparison.Ordinal) && First(Sqlite(), message) is { } sqlite)
        {
            codes = codes.Add("sqlite", sqlite);
        }
        else if (type.EndsWith("PostgresException", StringComparison.Ordinal) && First(SqlState(), message) is { } sqlState)
        {
            codes = codes.Add("sqlstate", sqlState);
        }
        else if (type.EndsWith("RpcException", StringComparison.Ordinal) && First(Grpc(), message) is { } grpc)
        {
            codes = codes.Add("grpc", grpc);
        }
        else if ((type.EndsWith("HttpRequestException", StringComparison.Ordinal) || type.EndsWith("WebException", StringComparison.Ordinal))
            && First(Http(), message) is { } http)
        {
            codes = codes.Add("http", http);
        }

        return codes;
    }

    private static void AddHttpError(ImmutableDictionary<string, string>.Builder codes, HttpRequestError error)
    {
        if (error != HttpRequestError.Unknown)
        {
            codes["http.error"] = error.ToString();
        }
    }

    /// <summary>The values that the runtime gives to every exception of a type: 0x8013xxxx, E_FAIL and the defaults of its basic types.</summary>
    private static bool SaysTypeOnly(int hresult) =>
        hresult == 0 || (uint)hresult >> 16 == 0x8013
        || (uint)hresult is 0x80004001 or 0x80004002 or 0x80004003 or 0x80004005 or 0x80070002 or 0x80070003 or 0x80070005 or 0x8007000E or 0x80070057
            or 0x80020012 or 0x80028CA0 or 0x800703E9;

    /// <summary>The numbers that Linux and macOS share have names; of the others the number says more than a name that is right on one of them.</summary>
    private static string Errno(int number) => number switch
    {
        5 => "EIO",
        12 => "ENOMEM",
        13 => "EACCES",
        17 => "EEXIST",
        23 => "ENFILE",
        24 => "EMFILE",
        27 => "EFBIG",
        28 => "ENOSPC",
        30 => "EROFS",
        32 => "EPIPE",
        _ => Number(number),
    };

    private static string? First(Regex pattern, string message)
    {
        var match = pattern.Match(message);
        return match.Success ? match.Groups["code"].Value : null;
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Hex(int value) => string.Create(CultureInfo.InvariantCulture, $"0x{value:X8}");

    [GeneratedRegex(@"SQLite Error (?<code>\d+)", RegexOptions.NonBacktracking)]
    private static partial Regex Sqlite();

    [GeneratedRegex(@"^(?<code>[0-9A-Z]{5}): ", RegexOptions.NonBacktracking)]
    private static partial Regex SqlState();

    [GeneratedRegex(@"StatusCode=""?(?<code>\w+)", RegexOptions.NonBacktracking)]
    private static partial Regex Grpc();

    [GeneratedRegex(@"(?:success: |\(|HTTP )(?<code>[1-5]\d\d)\b", RegexOptions.NonBacktracking)]
    private static partial Regex Http();
}

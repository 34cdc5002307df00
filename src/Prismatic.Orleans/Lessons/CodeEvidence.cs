namespace Prismatic.Lessons;

/// <summary>What error codes say about the class of a failure; null where they leave it open.</summary>
internal static class CodeEvidence
{
    /// <summary>The class that code <paramref name="name"/> with <paramref name="value"/> stands for.</summary>
    public static FailureClass? ClassOf(string name, string value) => name switch
    {
        "socket" => Socket(value),
        "http" => Http(value),
        "http.error" => FailureClass.ExternalDependency,
        "sqlstate" => SqlState(value),
        "sqlite" => Sqlite(value),
        "grpc" => Grpc(value),
        "errno" => Errno(value),
        "hresult" => HResult(value),
        _ => null,
    };

    private static FailureClass Socket(string error) => error switch
    {
        "TooManyOpenSockets" or "NoBufferSpaceAvailable" or "ProcessLimit" => FailureClass.ResourceExhaustion,
        "AddressAlreadyInUse" or "AddressNotAvailable" or "AccessDenied" or "InvalidArgument" or "NotSocket" or "NotInitialized" => FailureClass.LogicError,
        _ => FailureClass.ExternalDependency,
    };

    private static FailureClass? Http(string status) => status switch
    {
        "429" or "507" => FailureClass.ResourceExhaustion,
        "409" or "412" => FailureClass.StateCorruption,
        "400" or "404" or "405" or "406" or "413" or "414" or "415" or "422" => FailureClass.LogicError,
        ['4' or '5', ..] => FailureClass.ExternalDependency,
        _ => null,
    };

    /// <summary>By the standard's two-character classes, and PostgreSQL's own.</summary>
    private static FailureClass? SqlState(string state) => state switch
    {
        "40001" => FailureClass.StateCorruption,
        ['5', '3', ..] => FailureClass.ResourceExhaustion,
        ['X', 'X', '0', '0', '1' or '2'] => FailureClass.StateCorruption,
        ['0', '8', ..] or ['2', '8', ..] or ['4', '0', ..] or ['5', '7', ..] or ['5', '8', ..] or "55P03" => FailureClass.ExternalDependency,
        ['2', '1' or '2' or '3' or '5', ..] or ['4', '2', ..] or ['3', 'D' or 'F', ..] or ['5', '4', ..] or ['0', 'A', ..] => FailureClass.LogicError,
        _ => null,
    };

    private static FailureClass? Sqlite(string code) => code switch
    {
        "11" or "26" => FailureClass.StateCorruption,
        "7" or "13" => FailureClass.ResourceExhaustion,
        "5" or "6" or "10" => FailureClass.ExternalDependency,
        "1" or "8" or "14" or "17" or "18" or "19" or "20" or "21" or "25" => FailureClass.LogicError,
        _ => null,
    };

    private static FailureClass? Grpc(string status) => status switch
    {
        "ResourceExhausted" => FailureClass.ResourceExhaustion,
        "DataLoss" or "Aborted" => FailureClass.StateCorruption,
        "Unavailable" or "DeadlineExceeded" or "Internal" or "Unauthenticated" or "PermissionDenied" or "Cancelled" => FailureClass.ExternalDependency,
        "InvalidArgument" or "NotFound" or "AlreadyExists" or "FailedPrecondition" or "OutOfRange" or "Unimplemented" => FailureClass.LogicError,
        _ => null,
    };

    private static FailureClass? Errno(string errno) => errno switch
    {
        "ENOSPC" or "EMFILE" or "ENFILE" or "ENOMEM" or "EFBIG" => FailureClass.ResourceExhaustion,
        "EIO" or "EPIPE" => FailureClass.ExternalDependency,
        "EACCES" or "EEXIST" or "EROFS" => FailureClass.LogicError,
        _ => null,
    };

    /// <summary>Windows: disk full twice, no memory, no quota, no system resources, too many files; a file shared wrongly; a bad checksum.</summary>
    private static FailureClass? HResult(string hresult) => hresult switch
    {
        "0x80070070" or "0x80070027" or "0x80070008" or "0x80070718" or "0x800705AA" or "0x80070004" => FailureClass.ResourceExhaustion,
        "0x80070020" or "0x80070021" => FailureClass.LogicError,
        "0x80070017" or "0x80070570" => FailureClass.StateCorruption,
        _ => null,
    };
}

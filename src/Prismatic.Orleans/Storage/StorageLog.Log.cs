using Microsoft.Extensions.Logging;

namespace Prismatic.Storage;

internal static partial class StorageLog
{
    [LoggerMessage(
        EventId = 3101,
        EventName = "StateReset",
        Level = LogLevel.Warning,
        Message = "The state '{StateName}' of {Grain} was reset by order {ResetId}: {Damage}. {Source} The replaced bytes are kept as '{KeptAs}'.")]
    public static partial void StateReset(
        ILogger logger, string stateName, GrainId grain, string resetId, string damage, string source, string keptAs);

    [LoggerMessage(
        EventId = 3102,
        EventName = "StateSetAside",
        Level = LogLevel.Error,
        Message = "The state '{StateName}' of {Grain} could not be used and was set aside: {Damage}. {Source} The replaced bytes are kept as '{KeptAs}'.")]
    public static partial void StateSetAside(
        ILogger logger, string stateName, GrainId grain, string damage, string source, string keptAs);

    [LoggerMessage(
        EventId = 3103,
        EventName = "SnapshotNotKept",
        Level = LogLevel.Warning,
        Message = "The known-good snapshot of the state '{StateName}' of {Grain} was not kept; the state itself is stored.")]
    public static partial void SnapshotNotKept(ILogger logger, Exception exception, string stateName, GrainId grain);
}

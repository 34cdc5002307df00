using System.Runtime.CompilerServices;
using Orleans.Runtime;
using Prismatic.Supervision;

namespace Prismatic.Runtime;

/// <summary>
/// Where an exception was first thrown. Each silo notes, where calls are sent, which exceptions came in through a call and to which
/// grain; an exception that a grain's turn ends with, and that came in to this very grain, itself or in its inner chain, began somewhere
/// else. The note hangs on the exception object and dies with it; nothing crosses the wire, so nobody outside can forge it.
/// Measured on 10.4.2: Orleans copies an exception on its way to the caller, on the same silo too, so that a note never reaches the
/// grain that threw it. (A test keeps that true: OriginTests.)
/// </summary>
internal static class CrashOrigin
{
    private static readonly ConditionalWeakTable<Exception, Arrival> Arrivals = [];

    /// <summary>Notes that <paramref name="exception"/> came in to <paramref name="receiver"/> through a call.</summary>
    public static void Arrived(Exception exception, GrainId receiver) => Arrivals.AddOrUpdate(exception, new Arrival(receiver));

    /// <summary>Whether the exception, or one that it carries, came in to <paramref name="grain"/> from a grain that it called.</summary>
    public static bool IsElsewhere(Exception exception, GrainId grain)
    {
        if (Arrivals.TryGetValue(exception, out var arrival) && arrival.Receiver == grain)
        {
            return true;
        }

        return exception switch
        {
            AggregateException many => AnyIsElsewhere(many, grain),
            { InnerException: { } inner } => IsElsewhere(inner, grain),
            _ => false,
        };
    }

    private static bool AnyIsElsewhere(AggregateException many, GrainId grain) => many.InnerExceptions.Any(inner => IsElsewhere(inner, grain));

    /// <summary>Whether it is one of supervision's refusals: never a crash, wherever it came from.</summary>
    public static bool IsRefusal(Exception exception) => exception is SupervisionRefusedException
        || (exception.InnerException is { } inner && IsRefusal(inner));

    /// <summary>Writes a mark onto an exception, unless it carries one; an exception may refuse to be written to.</summary>
    public static void Mark(Exception exception, string mark, string value)
    {
        if (Read(exception, mark) is null && exception.Data is { IsReadOnly: false } data)
        {
            data[mark] = value;
        }
    }

    /// <summary>The nearest mark in the exception's chain, or null.</summary>
    public static string? Read(Exception exception, string mark)
    {
        for (var at = exception; at is not null; at = at.InnerException)
        {
            if (at.Data is { Count: > 0 } data && data[mark] is string value)
            {
                return value;
            }
        }

        return null;
    }

    private sealed record Arrival(GrainId Receiver);
}

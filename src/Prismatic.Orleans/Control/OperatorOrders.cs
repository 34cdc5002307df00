using System.Security.Cryptography;
using System.Text;
using Prismatic.Telemetry;

namespace Prismatic.Control;

/// <summary>Whether an order can be accepted, and under which id.</summary>
internal static class OperatorOrders
{
    public static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    public static bool IsOfChild(OperatorActionKind kind) => kind is not (OperatorActionKind.Isolate or OperatorActionKind.Close);

    /// <summary>Everything that is wrong with an order, in sentences; empty when nothing is.</summary>
    public static string FindMistakes(OperatorOrder order) => string.Join(" ", Mistakes(order));

    /// <summary>The order as it is kept and shown.</summary>
    public static OperatorOrder Clean(OperatorOrder order) => order with
    {
        By = PrintableText.Of(order.By.Trim(), 200),
        Reason = Redaction.Scrub(order.Reason.Trim(), 500),
    };

    /// <summary>The same for orders of one person with the same key.</summary>
    public static string IdOf(OperatorOrder order) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{order.By.Length}:{order.By}{order.IdempotencyKey}")).AsSpan(0, 12));

    public static bool IsId(string id) => id.Length == 24 && id.All(char.IsAsciiHexDigitLower);

    private static IEnumerable<string> Mistakes(OperatorOrder order)
    {
        if (!Enum.IsDefined(order.Kind))
        {
            yield return $"There is no action {(int)order.Kind}.";
        }

        if (string.IsNullOrWhiteSpace(order.Target) || order.Target.Length > 500)
        {
            yield return "'target' must have 1 to 500 characters.";
        }

        if (string.IsNullOrWhiteSpace(order.Reason) || order.Reason.Length > 500)
        {
            yield return "'reason' must say why, in 1 to 500 characters.";
        }

        if (string.IsNullOrWhiteSpace(order.By) || order.By.Length > 200)
        {
            yield return "An order says who gives it, in 1 to 200 characters.";
        }

        if (string.IsNullOrWhiteSpace(order.IdempotencyKey) || order.IdempotencyKey.Length > 200)
        {
            yield return "'idempotencyKey' must have 1 to 200 characters.";
        }

        if (order.Duration <= TimeSpan.Zero || order.Duration > Longest)
        {
            yield return $"The duration is {order.Duration.TotalSeconds:0.###} s; it must be more than 0 and at most {Longest.TotalSeconds:0} s.";
        }

        if (order.Incarnation is not null && !IsOfChild(order.Kind))
        {
            yield return "A breaker has no incarnation.";
        }
    }
}

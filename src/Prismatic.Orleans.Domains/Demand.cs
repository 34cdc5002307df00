using System.Diagnostics.CodeAnalysis;

namespace Prismatic.Domains;

/// <summary>Checks of arguments. A mistake is the request's, so each names the parameter and says what was expected.</summary>
internal static class Demand
{
    public static void That([DoesNotReturnIf(false)] bool holds, string parameter, string message)
    {
        if (!holds)
        {
            throw new ArgumentException(message, parameter);
        }
    }

    public static void Text([NotNull] string? value, string parameter, int longest = 200) =>
        That(!string.IsNullOrWhiteSpace(value) && value.Length <= longest, parameter, $"It must have 1 to {longest} characters that are not all blank.");

    public static void Slug([NotNull] string? value, string parameter) =>
        That(
            value is { Length: > 0 and <= 64 } && value.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-' or '_'),
            parameter,
            $"'{value}' is not an id: it must have 1 to 64 characters of a-z, 0-9, '-' and '_'.");

    public static void Range(double value, double least, double most, string parameter) =>
        That(value >= least && value <= most, parameter, FormattableString.Invariant($"{value} is outside {least} to {most}."));

    public static void Positive(TimeSpan value, string parameter) =>
        That(value > TimeSpan.Zero, parameter, $"{value} is not more than zero.");
}

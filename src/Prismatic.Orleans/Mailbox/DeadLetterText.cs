using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;
using Prismatic.Telemetry;

namespace Prismatic.Mailbox;

/// <summary>What may be shown of a dead letter.</summary>
internal static class DeadLetterText
{
    private const int MaxValue = 200;
    private const int MaxArguments = 20;

    public static string Of(Exception failure) => Redaction.Scrub($"{failure.GetType().FullName}: {failure.Message}", 500);

    /// <summary>The arguments in words. Never throws: a value that cannot say what it is shows as unreadable.</summary>
    public static ImmutableArray<DeadLetterArgument> Of(IInvokable request, MethodInfo? method)
    {
        var parameters = method?.GetParameters() ?? [];
        return
        [
            .. Enumerable.Range(0, Math.Min(request.GetArgumentCount(), MaxArguments))
                .Where(i => request.GetArgument(i) is not CancellationToken)
                .Select(i => Of(i < parameters.Length ? parameters[i].Name ?? $"argument {i}" : $"argument {i}", request.GetArgument(i))),
        ];
    }

    private static DeadLetterArgument Of(string name, object? value) =>
        new(name, value?.GetType().Name ?? "null", Redaction.IsSecretName(name) ? "***" : Redaction.Scrub(Say(value), MaxValue));

    private static string Say(object? value)
    {
        try
        {
            return value switch
            {
                null => "null",
                string text => text,
                byte[] bytes => string.Create(CultureInfo.InvariantCulture, $"{bytes.Length} bytes"),
                IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
                IEnumerable many => string.Create(CultureInfo.InvariantCulture, $"{many.Cast<object?>().Count()} items"),
                _ => value.ToString() ?? "",
            };
        }
        catch (Exception)
        {
            // Its own code: what it throws says nothing about the request.
            return "unreadable";
        }
    }
}

/// <summary>
/// Whether a request may be kept for a replay: only when all of it can be looked at, and nothing in it looks like a secret or bears the name of
/// one. In doubt it may not.
/// </summary>
internal static class KeptRequest
{
    /// <summary>The most bytes that are kept of one request.</summary>
    public const int MaxBytes = 64 * 1024;

    private const int Deepest = 8;
    private const int MostValues = 10_000;

    /// <summary>Why it may not be kept, in a sentence; null when it may.</summary>
    public static string? Refusal(IInvokable request, MethodInfo? method)
    {
        var parameters = method?.GetParameters() ?? [];
        var seen = 0;
        for (var i = 0; i < request.GetArgumentCount(); i++)
        {
            if (request.GetArgument(i) is CancellationToken)
            {
                continue;
            }

            var name = i < parameters.Length ? parameters[i].Name ?? "" : "";
            if (Find(name, request.GetArgument(i), 0, ref seen) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    /// <summary>The same of one argument.</summary>
    public static string? Refusal(string name, object? value)
    {
        var seen = 0;
        return Find(name, value, 0, ref seen);
    }

    private static string? Find(string name, object? value, int depth, ref int seen)
    {
        if (value is null)
        {
            return null;
        }

        if (Redaction.IsSecretName(name))
        {
            return $"Its request was not kept: '{name}' bears the name of a secret.";
        }

        if (++seen > MostValues || depth > Deepest)
        {
            return "Its request was not kept: it is too large to be looked through for secrets.";
        }

        var type = value.GetType();
        switch (value)
        {
            case string text:
                return Redaction.Scrub(text, Math.Max(1, text.Length)) == text ? null : $"Its request was not kept: '{name}' holds what looks like a secret.";
            case Uri address:
                return Find(name, address.OriginalString, depth, ref seen);
            case Enum or bool or char or Guid or DateTime or DateTimeOffset or DateOnly or TimeOnly or TimeSpan or GrainId:
                return null;
            case not null when type.IsPrimitive || value is decimal or Half or Int128 or UInt128:
                return null;
            case IEnumerable<byte> or Delegate or IAddressable or Type or Stream:
                return $"Its request was not kept: what '{name}' holds cannot be looked through for secrets.";
            case ITuple tuple:
                for (var i = 0; i < tuple.Length; i++)
                {
                    if (Find(name, tuple[i], depth + 1, ref seen) is { } inTuple)
                    {
                        return inTuple;
                    }
                }

                return null;
            case IDictionary entries:
                foreach (DictionaryEntry entry in entries)
                {
                    if (Find(entry.Key as string ?? name, entry.Value, depth + 1, ref seen) is { } inValue)
                    {
                        return inValue;
                    }

                    if (Find(name, entry.Key, depth + 1, ref seen) is { } inKey)
                    {
                        return inKey;
                    }
                }

                return null;
            case IEnumerable items when type.IsArray || type.Namespace?.StartsWith("System.Collections", StringComparison.Ordinal) == true:
                foreach (var item in items)
                {
                    if (Find(name, item, depth + 1, ref seen) is { } inItem)
                    {
                        return inItem;
                    }
                }

                return null;
        }

        if (type.Namespace is null || type.Namespace == "System" || type.Namespace.StartsWith("System.", StringComparison.Ordinal))
        {
            return $"Its request was not kept: what '{name}' holds cannot be looked through for secrets.";
        }

        for (var at = type; at is not null && at != typeof(object) && at != typeof(ValueType); at = at.BaseType)
        {
            foreach (var field in at.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                if (Find(NameOf(field), field.GetValue(value), depth + 1, ref seen) is { } inField)
                {
                    return inField;
                }
            }
        }

        return null;
    }

    /// <summary>A property's field bears the property's name in angle brackets.</summary>
    private static string NameOf(FieldInfo field) => field.Name.StartsWith('<') ? field.Name[1..field.Name.IndexOf('>')] : field.Name.TrimStart('_');
}

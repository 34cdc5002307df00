using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using Prismatic.Storage;
using Prismatic.Telemetry;

namespace Prismatic.Lessons;

/// <summary>
/// A grain's state as it was when it crashed, as far as the worker's author allowed it with <see cref="ShownInCrashesAttribute"/>.
/// Members of the grain bear their own name; members of a state that the grain holds bear the state type's name before it.
/// </summary>
internal static class StateSnapshot
{
    private const int MaxEntries = 20;
    private const int MaxValue = 200;
    private const BindingFlags Instance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly ConditionalWeakTable<Type, Shown[]> GrainMembers = [];
    private static readonly ConditionalWeakTable<Type, Shown[]> StateMembers = [];
    private static readonly ConditionalWeakTable<Type, PropertyInfo[]> Holders = [];
    private static readonly ConditionalWeakTable<Type, FieldInfo[]> HoldingFields = [];

    /// <summary>What may be shown of <paramref name="grain"/>; empty when nothing may. Never throws: a member whose getter does reads as unreadable.</summary>
    public static ImmutableDictionary<string, string> Of(object grain)
    {
        ArgumentNullException.ThrowIfNull(grain);
        try
        {
            var type = grain.GetType();
            var members = GrainMembers.GetValue(type, static t => MembersOf(t, prefix: ""));
            var fields = HoldingFields.GetValue(type, static t => FieldsOf(t));
            if (members.Length == 0 && fields.Length == 0)
            {
                return [];
            }

            var entries = ImmutableDictionary.CreateBuilder<string, string>();
            Add(entries, grain, members);
            foreach (var state in StatesOf(grain, fields))
            {
                Add(entries, state, StateMembers.GetValue(state.GetType(), static t => MembersOf(t, prefix: t.Name + ".")));
            }

            return entries.ToImmutable();
        }
        catch (Exception)
        {
            // A type that cannot even be reflected upon. A report without a snapshot is whole; a crash report that failed is not.
            return [];
        }
    }

    private static void Add(ImmutableDictionary<string, string>.Builder entries, object owner, Shown[] members)
    {
        foreach (var member in members)
        {
            if (entries.Count == MaxEntries)
            {
                return;
            }

            entries[member.Name] = Redaction.IsSecretName(member.Name) ? "***" : Text(member, owner);
        }
    }

    private static string Text(Shown member, object owner)
    {
        try
        {
            return member.Read(owner) switch
            {
                null => "(null)",
                string text => Redaction.Scrub(text, MaxValue),
                ICollection collection => string.Create(CultureInfo.InvariantCulture, $"{collection.Count} items"),
                IFormattable value => Redaction.Scrub(value.ToString(null, CultureInfo.InvariantCulture), MaxValue),
                var value => Redaction.Scrub(value.ToString() ?? "(null)", MaxValue),
            };
        }
        catch (Exception)
        {
            // The member's own code threw while its grain lies in pieces: that is to be expected here.
            return CrashCapture.Unreadable;
        }
    }

    private static Shown[] MembersOf(Type type, string prefix) =>
        [.. Hierarchy(type)
            .SelectMany(t => t.GetMembers(Instance))
            .Where(member => member.IsDefined(typeof(ShownInCrashesAttribute), inherit: false))
            .Select(member => new Shown(prefix + member.Name, member switch
            {
                FieldInfo field => field.GetValue,
                PropertyInfo { CanRead: true } property => property.GetValue,
                _ => _ => "(not readable)",
            }))];

    /// <summary>The values of all states that the grain holds in its fields, those captured by its constructor among them.</summary>
    private static List<object> StatesOf(object grain, FieldInfo[] fields)
    {
        var states = new List<object>();
        foreach (var field in fields)
        {
            if (field.GetValue(grain) is not { } held)
            {
                continue;
            }

            foreach (var value in Holders.GetValue(field.FieldType, static t => ValuesOf(t)))
            {
                if (value.GetValue(held) is { } state)
                {
                    states.Add(state);
                }
            }
        }

        return states;
    }

    /// <summary>The fields that may hold a state.</summary>
    private static FieldInfo[] FieldsOf(Type type) =>
        [.. Hierarchy(type).SelectMany(t => t.GetFields(Instance)).Where(field => field.FieldType.IsGenericType)];

    private static PropertyInfo[] ValuesOf(Type holder) =>
        [.. holder.GetInterfaces().Append(holder).Where(t => t.IsGenericType && t.IsInterface).Select(t =>
            t.GetGenericTypeDefinition() == typeof(ISupervisedState<>) ? t.GetProperty(nameof(ISupervisedState<object>.Value))
            : t.GetGenericTypeDefinition() == typeof(Orleans.Core.IStorage<>) ? t.GetProperty("State")
            : null).OfType<PropertyInfo>()];

    private static IEnumerable<Type> Hierarchy(Type type)
    {
        for (var t = type; t is not null && t != typeof(object) && t != typeof(Grain); t = t.BaseType)
        {
            yield return t;
        }
    }

    private sealed record Shown(string Name, Func<object, object?> Read);
}

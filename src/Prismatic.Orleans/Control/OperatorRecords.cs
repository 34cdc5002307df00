using System.Collections.Immutable;
using System.Globalization;

namespace Prismatic.Control;

/// <summary>The stored desk of the operators.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.OperatorDeskRecord")]
internal sealed record OperatorDeskRecord
{
    /// <summary>The form of this record; grows when a field changes its meaning.</summary>
    [Id(0)] public int SchemaVersion { get; init; } = 1;

    /// <summary>The number of the newest audit entry.</summary>
    [Id(1)] public long LastEntry { get; init; }

    /// <summary>Actions that are not over.</summary>
    [Id(2)] public ImmutableArray<string> Open { get; init; } = [];
}

/// <summary>One stored action.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.OperatorActionRecord")]
internal sealed record OperatorActionRecord
{
    /// <summary>The form of this record.</summary>
    [Id(0)] public int SchemaVersion { get; init; } = 1;

    /// <summary>The action; null when there is none.</summary>
    [Id(1)] public OperatorAction? Action { get; init; }
}

/// <summary>One stored page of the audit.</summary>
[GenerateSerializer, Immutable, Alias("prismatic.AuditPageRecord")]
internal sealed record AuditPageRecord
{
    /// <summary>The form of this record.</summary>
    [Id(0)] public int SchemaVersion { get; init; } = 1;

    /// <summary>The entries, oldest first.</summary>
    [Id(1)] public ImmutableArray<AuditEntry> Entries { get; init; } = [];
}

/// <summary>Where audit entries are: each number has its place on a page of a fixed size.</summary>
internal static class AuditPages
{
    private const int Size = 50;

    public static long PageOf(long number) => (number - 1) / Size;

    public static string Key(long page) => string.Create(CultureInfo.InvariantCulture, $"audit~{page}");
}

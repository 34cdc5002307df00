namespace Prismatic.Storage;

/// <summary>
/// A grain's durable state, kept with checksum, version and known-good snapshots, so that a worker whose stored record is damaged
/// can come back: the damaged bytes are kept aside and the last known-good state takes their place.
/// Use it in place of <c>IPersistentState</c>, as a constructor parameter with <see cref="SupervisedStateAttribute"/>:
/// <code>
/// public sealed class CaseManagerGrain([SupervisedState("cases")] ISupervisedState&lt;Cases&gt; cases) : Grain, ICaseManagerGrain
/// </code>
/// It is read before <c>OnActivateAsync</c> runs, from the grain storage named <see cref="StorageNames.Provider"/>. Stored as JSON
/// (System.Text.Json): fields may be added, never renamed or given another type.
/// </summary>
/// <remarks>
/// A snapshot is known-good when the activation came through the turn that wrote it. It is kept in a record of its own when a later turn writes
/// (at most once in <see cref="SupervisedStateAttribute.SnapshotEverySeconds"/>) and when the activation ends cleanly; so what comes back may
/// lack the last writes. The records are named <c>&lt;name&gt;~good</c>, <c>&lt;name&gt;~good~2</c> and so on; the
/// newest is in the first, and the oldest is written over. Replaced bytes are kept in <c>&lt;name&gt;~replaced~&lt;reset id&gt;</c>. A turn is recognised by its flow of
/// control: reading <see cref="Value"/> or writing from the grain method itself marks it; two writes that happen only inside asynchronous
/// helper methods, which never read <see cref="Value"/> outside of them, look like two turns.
/// </remarks>
/// <typeparam name="T">The state; has a public parameterless constructor, which makes the first state.</typeparam>
public interface ISupervisedState<T>
    where T : class, new()
{
    /// <summary>The state in memory. Changing it stores nothing until <see cref="WriteAsync"/>.</summary>
    T Value { get; set; }

    /// <summary>Whether a record is stored.</summary>
    bool Exists { get; }

    /// <summary>What the last reset put back, in a sentence; null when this activation was not reset.</summary>
    string? Restored { get; }

    /// <summary>
    /// Stores <see cref="Value"/>; durable when this returns. Calls that overlap are carried out one after the other. When it fails,
    /// <see cref="Value"/> keeps what was to be stored.
    /// </summary>
    /// <exception cref="Orleans.Storage.InconsistentStateException">Another activation wrote since; Orleans ends this one.</exception>
    Task WriteAsync();

    /// <summary>Reads the record again, dropping what was not written.</summary>
    /// <exception cref="StateDamagedException">The record cannot be used; <see cref="Value"/> stays as it was.</exception>
    Task ReadAsync();

    /// <summary>
    /// Removes the record and its known-good snapshot, so that what was cleared does not come back; <see cref="Value"/> becomes a new
    /// <typeparamref name="T"/>.
    /// </summary>
    Task ClearAsync();
}

/// <summary>Implemented by a state that can tell whether it makes sense. Asked after each read and before a snapshot is put back.</summary>
public interface ICheckedState
{
    /// <summary>What is wrong with it, in a sentence, or null when nothing is. A sentence is evidence for a state reset.</summary>
    string? FindDamage();
}

/// <summary>What happens when a record cannot be read.</summary>
public enum DamagePolicy
{
    /// <summary>The activation fails with <see cref="StateDamagedException"/>, and supervision resets the state. The default; for workers.</summary>
    Crash,

    /// <summary>The bytes are set aside and the grain starts with a new state; for control grains, which must come up.</summary>
    SetAside,
}

/// <summary>Marks a constructor parameter of type <see cref="ISupervisedState{T}"/>.</summary>
/// <param name="name">
/// The name under which the record is stored; 1 to 100 characters, without a tilde. The ADO.NET provider keys rows by this name and the grain's key, not by
/// the grain's type: it must be unique among all states of the service.
/// </param>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class SupervisedStateAttribute(string name) : Attribute, IFacetMetadata
{
    /// <summary>The name under which the record is stored.</summary>
    public string Name { get; } = name;

    /// <summary>What happens when the record cannot be read. Default <see cref="DamagePolicy.Crash"/>.</summary>
    public DamagePolicy OnDamage { get; init; }

    /// <summary>
    /// The version of the state's shape; 1 or more, default 1. Raise it when older code must not read what newer code wrote: a record of a
    /// higher version counts as damage. Records of lower versions are read.
    /// </summary>
    public int Schema { get; init; } = 1;

    /// <summary>
    /// How many known-good snapshots are kept, each in a record of its own; 1 to 10, default 3. A reset puts back the newest that can be read and
    /// in which <see cref="ICheckedState"/> finds no damage.
    /// </summary>
    public int Snapshots { get; init; } = 3;

    /// <summary>
    /// An activation stores at most one snapshot in this time, the one at its clean end aside. 1 to 86,400 s, default 10 s. With three snapshots a
    /// worker that writes all the time can go back half a minute; make it longer to reach further back.
    /// </summary>
    public int SnapshotEverySeconds { get; init; } = 10;
}

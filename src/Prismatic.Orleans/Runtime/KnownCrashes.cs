using System.Collections.Concurrent;
using System.Collections.Immutable;
using Prismatic.Lessons;
using Prismatic.Supervision;

namespace Prismatic.Runtime;

/// <summary>
/// Signature and class of the crashes seen last; the group of a signature is for <see cref="SiloGroups"/> to say. They follow from the facts alone, and crashes that come in numbers have the
/// same facts: each is worked out once. A message that names another id each time is another crash here, and pays in full.
/// </summary>
internal sealed class KnownCrashes
{
    private const int Kept = 1_024;

    private readonly ConcurrentDictionary<Key, Identity> _known = new();
    private int _count;

    public Identity Of(CrashFacts facts)
    {
        var key = new Key(facts);
        if (_known.TryGetValue(key, out var known))
        {
            return known;
        }

        var identity = new Identity(CrashSignature.Of(facts).Hash, FailureClassifier.Classify(facts));
        if (Interlocked.Increment(ref _count) > Kept)
        {
            // Whatever crashes now fills it again; to find the least used one would cost every crash something.
            Volatile.Write(ref _count, 0);
            _known.Clear();
        }

        return _known.GetOrAdd(key, identity);
    }

    /// <summary>What a crash is known by.</summary>
    public readonly record struct Identity(string Signature, FailureClass Class);

    /// <summary>What signature and class are made of. Holds the facts of the first crash with these.</summary>
    private readonly struct Key(CrashFacts facts) : IEquatable<Key>
    {
        private readonly CrashFacts _facts = facts;
        private readonly int _hash = HashOf(facts);

        public bool Equals(Key other)
        {
            if (other._hash != _hash
                || other._facts.WorkerType != _facts.WorkerType
                || other._facts.StateDamaged != _facts.StateDamaged
                || other._facts.Exceptions.Length != _facts.Exceptions.Length
                || other._facts.Stack != _facts.Stack)
            {
                return false;
            }

            for (var i = 0; i < _facts.Exceptions.Length; i++)
            {
                if (!Same(_facts.Exceptions[i], other._facts.Exceptions[i]))
                {
                    return false;
                }
            }

            return true;
        }

        public override bool Equals(object? obj) => obj is Key other && Equals(other);

        public override int GetHashCode() => _hash;

        private static bool Same(ExceptionFact one, ExceptionFact other) =>
            one.Type == other.Type
            && one.Message == other.Message
            && SameCodes(one.Codes, other.Codes)
            && one.BaseTypes.AsSpan().SequenceEqual(other.BaseTypes.AsSpan());

        private static bool SameCodes(ImmutableDictionary<string, string> one, ImmutableDictionary<string, string> other) =>
            one.Count == other.Count
            && (one.Count == 0 || one.All(code => other.TryGetValue(code.Key, out var value) && value == code.Value));

        private static int HashOf(CrashFacts facts)
        {
            var hash = new HashCode();
            hash.Add(facts.WorkerType);
            hash.Add(facts.Stack.Length);
            foreach (var fact in facts.Exceptions)
            {
                hash.Add(fact.Type);
                hash.Add(fact.Message);
            }

            return hash.ToHashCode();
        }
    }
}

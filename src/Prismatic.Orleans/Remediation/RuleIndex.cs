using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Prismatic.Remediation;

/// <summary>
/// Finds the rules that can match a crash without trying all of them. Each rule stands under one key, a part of its pattern that the crash must
/// have; of its parts the one that the fewest rules share. Rules without such a part, such as those with an expression alone, are tried
/// one by one, and <see cref="RuleValidation"/> keeps them few.
/// </summary>
internal sealed class RuleIndex
{
    private readonly FrozenDictionary<RuleKey, CompiledRule[]> _keys;
    private readonly FrozenDictionary<ulong, CompiledRule[]> _grams;
    private readonly FrozenDictionary<string, CompiledRule[]> _frames;
    private readonly FrozenDictionary<string, CompiledRule[]>.AlternateLookup<ReadOnlySpan<char>> _frame;
    private readonly FrozenDictionary<string, CompiledRule[]> _places;
    private readonly FrozenDictionary<string, CompiledRule[]>.AlternateLookup<ReadOnlySpan<char>> _place;
    private readonly int[] _frameLengths;
    private readonly string[] _codes;
    private readonly CompiledRule[] _rest;

    public RuleIndex(IReadOnlyList<CompiledRule> rules)
    {
        var sharing = rules.SelectMany(rule => RuleKey.Of(rule.Rule.Pattern).SelectMany(keys => keys)).CountBy(key => key).ToDictionary();
        var placed = rules.Select(rule => (Rule: rule, Keys: RuleKey.Of(rule.Rule.Pattern).MinBy(keys => keys.Sum(key => sharing[key])))).ToList();
        var buckets = placed.Where(entry => entry.Keys is not null)
            .SelectMany(entry => entry.Keys!.Select(key => (Key: key, entry.Rule)))
            .GroupBy(entry => entry.Key, entry => entry.Rule)
            .Select(group => (group.Key, Rules: group.OrderBy(rule => rule.Order).ToArray()))
            .ToList();
        _keys = buckets.Where(bucket => bucket.Key.Kind is not (RuleKeyKind.Gram or RuleKeyKind.Frame or RuleKeyKind.Under)).ToFrozenDictionary(bucket => bucket.Key, bucket => bucket.Rules);
        _grams = buckets.Where(bucket => bucket.Key.Kind == RuleKeyKind.Gram).ToFrozenDictionary(bucket => TextGrams.Pack(bucket.Key.Text), bucket => bucket.Rules);
        _frames = buckets.Where(bucket => bucket.Key.Kind == RuleKeyKind.Frame).ToFrozenDictionary(bucket => bucket.Key.Text, bucket => bucket.Rules);
        _frame = _frames.GetAlternateLookup<ReadOnlySpan<char>>();
        _places = buckets.Where(bucket => bucket.Key.Kind == RuleKeyKind.Under).ToFrozenDictionary(bucket => bucket.Key.Text, bucket => bucket.Rules);
        _place = _places.GetAlternateLookup<ReadOnlySpan<char>>();
        _frameLengths = [.. _frames.Keys.Select(prefix => prefix.Length).Distinct().Order()];
        _codes = [.. _keys.Keys.Where(key => key.Kind == RuleKeyKind.Code).Select(key => key.Text).Distinct()];
        _rest = [.. placed.Where(entry => entry.Keys is null).Select(entry => entry.Rule).OrderBy(rule => rule.Order)];
        AsksForTemplates = rules.Any(rule => rule.Rule.Pattern.MessageTemplate is not null);
    }

    /// <summary>Whether some rule asks for message templates, which cost more than the rest of a crash.</summary>
    public bool AsksForTemplates { get; }

    /// <summary>The rule that is to be applied, or null when none matches. Allocates nothing.</summary>
    public CompiledRule? First(in CrashInput crash)
    {
        var finder = new Finder(crash, null);
        Visit(ref finder);
        return finder.Best;
    }

    /// <summary>All rules that match, the one to be applied first.</summary>
    public ImmutableArray<CompiledRule> All(CrashInput crash)
    {
        var found = new HashSet<CompiledRule>();
        var finder = new Finder(crash, found);
        Visit(ref finder);
        return
        [
            .. found.OrderBy(rule => rule.Rank)
                .ThenByDescending(rule => rule.NearnessIn(crash))
                .ThenBy(rule => rule.Order),
        ];
    }

    private void Visit(ref Finder finder)
    {
        finder.Scan(_rest);
        if (_keys.Count > 0)
        {
            VisitKeys(ref finder);
        }

        if (_places.Count > 0)
        {
            VisitPlaces(finder.Crash.Facts.Child, ref finder);
        }

        if (_grams.Count > 0)
        {
            foreach (var exception in finder.Crash.Facts.Exceptions)
            {
                VisitText(exception.Message, ref finder);
            }
        }

        if (_frames.Count > 0)
        {
            VisitFrames(ref finder);
        }
    }

    private void VisitKeys(ref Finder finder)
    {
        var facts = finder.Crash.Facts;
        Try(new RuleKey(RuleKeyKind.Signature, finder.Crash.Signature), ref finder);
        Try(new RuleKey(RuleKeyKind.Worker, facts.WorkerType), ref finder);
        Try(RuleKey.OfClass(finder.Crash.Class), ref finder);
        foreach (var exception in facts.Exceptions)
        {
            Try(new RuleKey(RuleKeyKind.Type, exception.Type), ref finder);
            foreach (var type in exception.BaseTypes.IsDefault ? [] : exception.BaseTypes)
            {
                Try(new RuleKey(RuleKeyKind.Type, type), ref finder);
            }

            foreach (var code in _codes)
            {
                if (exception.Codes.TryGetValue(code, out var value))
                {
                    Try(new RuleKey(RuleKeyKind.Code, code, value), ref finder);
                    Try(new RuleKey(RuleKeyKind.Code, code, ""), ref finder);
                }
            }
        }

        foreach (var template in finder.Crash.Templates ?? [])
        {
            Try(new RuleKey(RuleKeyKind.Template, template), ref finder);
        }
    }

    private void VisitPlaces(ReadOnlySpan<char> path, ref Finder finder)
    {
        while (!path.IsEmpty)
        {
            if (_place.TryGetValue(path, out var rules))
            {
                finder.Scan(rules);
            }

            path = path[..Math.Max(0, path.LastIndexOf('/'))];
        }
    }

    private void VisitText(string message, ref Finder finder)
    {
        ulong gram = 0;
        for (var i = 0; i < message.Length; i++)
        {
            gram = TextGrams.Next(gram, message[i]);
            if (i >= TextGrams.Length - 1 && _grams.TryGetValue(gram, out var rules))
            {
                finder.Scan(rules);
            }
        }
    }

    private void VisitFrames(ref Finder finder)
    {
        foreach (var line in finder.Crash.Facts.Stack.AsSpan().EnumerateLines())
        {
            var frame = PatternMatch.FrameIn(line);
            foreach (var length in _frameLengths)
            {
                if (length > frame.Length)
                {
                    break;
                }

                if (_frame.TryGetValue(frame[..length], out var rules))
                {
                    finder.Scan(rules);
                }
            }
        }
    }

    private void Try(RuleKey key, ref Finder finder)
    {
        if (_keys.TryGetValue(key, out var rules))
        {
            finder.Scan(rules);
        }
    }

    /// <summary>Keeps the best of what it is shown, or all that match.</summary>
    private struct Finder(CrashInput crash, HashSet<CompiledRule>? all)
    {
        private (int Depth, int Nearness) _nearness;

        public readonly CrashInput Crash => crash;

        public CompiledRule? Best { get; private set; }

        public void Scan(CompiledRule[] rules)
        {
            foreach (var rule in rules)
            {
                if (all is not null)
                {
                    if (rule.Matches(crash))
                    {
                        all.Add(rule);
                    }
                }
                else if (Best is not null && rule.Rank > Best.Rank)
                {
                    return;
                }
                else if (rule != Best && rule.Matches(crash))
                {
                    Take(rule);
                }
            }
        }

        private void Take(CompiledRule rule)
        {
            var nearness = rule.NearnessIn(crash);
            if (Best is null || rule.Rank < Best.Rank || nearness.CompareTo(_nearness) is var order && (order > 0 || (order == 0 && rule.Order < Best.Order)))
            {
                (Best, _nearness) = (rule, nearness);
            }
        }
    }
}

using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Prismatic.Events;
using Prismatic.Runtime;
using Prismatic.Storage;
using Prismatic.Supervision;

namespace Prismatic.Remediation;

/// <summary>Keeps the rules that were added, and tells the silos when they change. Silos never wait for it to decide.</summary>
internal sealed partial class RemediationRegistryGrain(
    [SupervisedState("remediation-rules", OnDamage = DamagePolicy.SetAside)] ISupervisedState<RuleBook> book,
    ISiloBroadcast silos,
    ICrashIdentity identity,
    CodeRules code,
    EventSink events,
    TimeProvider time,
    ILogger<RemediationRegistryGrain> logger)
    : Grain, IRemediationRegistryGrain
{
    private static readonly TimeSpan PublishLimit = TimeSpan.FromSeconds(5);

    private RuleTable? _table;
    private RuleSnapshot? _snapshot;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (book.Restored is not null && book.Value.Version == 0)
        {
            // The versions of the book that was set aside are lost, and silos take higher versions only: count on from the clock, which is above them.
            book.Value.Version = time.GetUtcNow().ToUnixTimeSeconds();
        }

        return Task.CompletedTask;
    }

    public Task<RuleTable> GetRules() => Task.FromResult(Table());

    public Task<RemediationRule> Lookup(CrashFacts crash)
    {
        if (crash is null || crash.Exceptions.IsDefaultOrEmpty)
        {
            throw new ArgumentException("A crash needs at least one exception.", nameof(crash));
        }

        _snapshot ??= RuleSnapshot.From(Table());
        var (signature, failure) = identity.Identify(crash);
        return Task.FromResult(_snapshot.Decide(crash, signature, failure).Rule);
    }

    public Task<CrashTrial> Try(string exceptionText, string child)
    {
        if (PastedCrash.Read(exceptionText ?? "") is not { } read)
        {
            throw new ArgumentException("There is no exception in the text: it needs a line such as 'System.TimeoutException: It took too long.'", nameof(exceptionText));
        }

        var facts = read with { Child = child ?? "" };
        _snapshot ??= RuleSnapshot.From(Table());
        var (signature, failure) = identity.Identify(facts);
        var matching = _snapshot.Matching(facts, signature, failure);
        return Task.FromResult(new CrashTrial { Facts = facts, Signature = signature, Matching = RuleSnapshot.Try(matching, facts, signature, failure) });
    }

    public async Task<RuleReceipt> Register(RemediationRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        var problems = RuleValidation.FindProblems(rule, Table().Rules);
        if (problems.Length > 0)
        {
            throw new ArgumentException(string.Join(" ", problems), nameof(rule));
        }

        if (Table().Rules.FirstOrDefault(known => known.Id == rule.Id) is { } same)
        {
            if (Same(same, rule))
            {
                return await Publish();
            }

            if (same.Origin is RuleOrigin.Code or RuleOrigin.File && same.Origin != rule.Origin)
            {
                throw new ArgumentException($"'{rule.Id}' is declared in {(same.Origin == RuleOrigin.Code ? "the service's code" : "the rule file")}: change it there, or give the new rule another id.", nameof(rule));
            }
        }

        await Store(Checked(book.Value.With(rule), nameof(rule)));
        LogRegistered(rule.Id, rule.Origin, rule.Action.Name, book.Value.Version);
        return await Publish();
    }

    public async Task<RuleReceipt> ReplaceFile(ImmutableArray<RemediationRule> rules)
    {
        ImmutableArray<RemediationRule> read = rules.IsDefault ? [] : [.. rules.Select(rule => rule with { Origin = RuleOrigin.File })];
        var others = Table().Rules.Where(rule => rule.Origin != RuleOrigin.File).ToList();
        var taken = others.Select(rule => rule.Id).ToHashSet();
        string[] problems =
        [
            .. read.SelectMany(rule => RuleValidation.Find(rule)).Select(problem => problem.Sentence),
            .. read.CountBy(rule => rule.Id).Where(count => count.Value > 1 || taken.Contains(count.Key)).Select(count => $"'{count.Key}' is the id of another rule as well; ids must differ."),
            .. RuleValidation.FindInTable(read, others).Select(found => found.Problem.Sentence),
        ];
        if (problems.Length > 0)
        {
            throw new ArgumentException(string.Join(" ", problems), nameof(rules));
        }

        var before = Table().Rules.Where(rule => rule.Origin == RuleOrigin.File).ToList();
        if (before.Count == read.Length && before.All(known => read.Any(rule => Same(known, rule))))
        {
            return await Publish();
        }

        await Store(Checked(book.Value.WithFile(read), nameof(rules)));
        LogFile(read.Length, book.Value.Version);
        events.Emit(new SupervisionEvent { Kind = SupervisionEventKind.RulesChanged, Subject = IRemediationRegistryGrain.Key, Text = $"The rule file's {read.Length} rules are in force from table version {book.Value.Version} on." });
        return await Publish();
    }

    public async Task<RuleReceipt> SetMode(RemediationMode mode, string reason)
    {
        if (!Enum.IsDefined(mode))
        {
            throw new ArgumentException($"The mode is {mode}; it must be Active, Shadow or Off.", nameof(mode));
        }

        if (string.IsNullOrWhiteSpace(reason) || reason.Length > RuleValidation.MaxTextLength)
        {
            throw new ArgumentException($"A reason has 1 to {RuleValidation.MaxTextLength} characters; this one has {reason?.Length ?? 0}.", nameof(reason));
        }

        var before = book.Value.ReadMode();
        if (before != mode)
        {
            await Store(book.Value.With(mode));
            LogMode(before, mode, book.Value.Version, reason);
            events.Emit(new SupervisionEvent { Kind = SupervisionEventKind.OperatorActed, Subject = IRemediationRegistryGrain.Key, Text = $"Remediation went from {before} to {mode}: {reason}" });
        }

        return await Publish();
    }

    public async Task<bool> Remove(string ruleId)
    {
        if (!book.Value.Rules.Any(stored => stored.Id == ruleId))
        {
            return false;
        }

        var changed = book.Value.Without(ruleId);
        await Store(changed);
        LogRemoved(ruleId, changed.Version);
        await Publish();
        return true;
    }

    private static RuleBook Checked(RuleBook changed, string parameter) => changed.Rules.Count <= RuleBook.MaxRules
        ? changed
        : throw new ArgumentException($"{RuleBook.MaxRules} added rules are the most, and these would be {changed.Rules.Count}: remove some first.", parameter);

    private static bool Same(RemediationRule one, RemediationRule other) =>
        RuleOrder.SamePattern(one.Pattern, other.Pattern) && one with { Pattern = other.Pattern } == other;

    private RuleTable Table()
    {
        if (_table is null)
        {
            var (added, leftOut) = book.Value.Read();
            foreach (var sentence in leftOut)
            {
                LogLeftOut(sentence);
            }

            // What is declared in code comes first: a stored rule that ties with it is left out, not the other way round.
            var (stored, ties) = Untied(added);
            foreach (var sentence in ties)
            {
                LogLeftOut(sentence);
            }

            _table = new RuleTable { Version = book.Value.Version, Mode = book.Value.ReadMode(), Rules = RuleOrder.Sort([.. stored, .. code.Rules, .. BuiltInRules.All]) };
        }

        return _table;
    }

    private (IReadOnlyList<RemediationRule> Rules, IReadOnlyList<string> LeftOut) Untied(ImmutableArray<RemediationRule> added)
    {
        if (code.Rules.Count == 0)
        {
            return (added, []);
        }

        var leftOut = RuleTies.Find(added, code.Rules)
            .Where(tie => code.Rules.Contains(tie.Other))
            .Select(tie => (tie.Rule, Sentence: $"Rule '{tie.Rule.Id}' is left out: it ties with '{tie.Other.Id}', which the service's code declares."))
            .Concat(added.Where(rule => code.Rules.Any(declared => declared.Id == rule.Id)).Select(rule => (Rule: rule, Sentence: $"Rule '{rule.Id}' is left out: the service's code declares one with that id.")))
            .ToList();
        return ([.. added.Except(leftOut.Select(entry => entry.Rule))], [.. leftOut.Select(entry => entry.Sentence)]);
    }

    private async Task Store(RuleBook changed)
    {
        var before = book.Value;
        book.Value = changed;
        try
        {
            await book.WriteAsync();
        }
        catch
        {
            book.Value = before;
            throw;
        }

        (_table, _snapshot) = (null, null);
    }

    private async Task<RuleReceipt> Publish()
    {
        var table = Table();
        try
        {
            return new RuleReceipt { Version = table.Version, Silos = await silos.PublishRules(table).WaitAsync(PublishLimit, time) };
        }
        catch (Exception exception)
        {
            // The rule is stored; silos that were not reached ask for the table themselves.
            LogNotPublished(exception, table.Version);
            return new RuleReceipt { Version = table.Version };
        }
    }
}

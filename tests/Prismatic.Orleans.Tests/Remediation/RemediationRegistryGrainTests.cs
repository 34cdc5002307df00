using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Prismatic.Events;
using Prismatic.Lessons;
using Prismatic.Remediation;
using Prismatic.Runtime;
using Prismatic.Supervision;
using Prismatic.Tests.Cluster;
using Xunit;

namespace Prismatic.Tests.Remediation;

public sealed class RemediationRegistryGrainTests
{
    private static readonly RemediationRule Mine = Crash.Rule("mine", new CrashPattern { Signature = "sig" }, new CircuitBreak());

    private readonly InMemoryRecords _records = new();
    private readonly RecordedBroadcast _silos = new();
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Without_added_rules_the_table_is_the_built_in_one_in_the_order_of_trial()
    {
        var table = await Activate().GetRules();

        Assert.Equal(0, table.Version);
        Assert.Equal(BuiltInRules.All, table.Rules);
    }

    [Fact]
    public async Task A_registered_rule_is_stored_pushed_and_tried_in_its_place()
    {
        var receipt = await Activate().Register(Mine);

        var table = await Activate().GetRules();
        Assert.Equal(1, receipt.Version);
        Assert.True(receipt.Everywhere);
        Assert.Equal(("one", 1L), (Assert.Single(receipt.Silos).Silo, receipt.Silos[0].Version));
        Assert.Equal((1, "mine"), (table.Version, table.Rules[0].Id));
        Assert.Equal(1, Assert.Single(_silos.Tables).Version);
    }

    [Fact]
    public async Task Registering_the_same_rule_again_changes_nothing()
    {
        var registry = Activate();
        await registry.Register(Mine);

        Assert.Equal(1, (await registry.Register(Mine with { Pattern = new CrashPattern { Signature = "sig" } })).Version);
        Assert.All(_silos.Tables, table => Assert.Equal(1, table.Version));
    }

    [Fact]
    public async Task A_rule_with_a_known_id_replaces_the_one_before()
    {
        var registry = Activate();
        await registry.Register(Mine);

        Assert.Equal(2, (await registry.Register(Mine with { Action = new Escalate { Reason = "ask" } })).Version);

        var rule = Assert.Single((await registry.GetRules()).Rules, rule => rule.Id == "mine");
        Assert.Equal(new Escalate { Reason = "ask" }, rule.Action);
    }

    [Fact]
    public async Task An_invalid_rule_is_refused_with_all_its_problems_and_nothing_changes()
    {
        var registry = Activate();

        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => registry.Register(Crash.Rule("two words", new CrashPattern())));

        Assert.Contains("may hold ASCII letters", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("The pattern is empty", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(0, (await registry.GetRules()).Version);
        Assert.Empty(_records.Records);
    }

    [Fact]
    public async Task A_tie_with_a_registered_rule_names_both()
    {
        var registry = Activate();
        await registry.Register(Mine);

        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => registry.Register(Mine with { Id = "yours" }));

        Assert.Contains("'yours' ties with 'mine'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_that_could_not_be_stored_is_not_in_force()
    {
        var state = new InMemoryState<RuleBook>(_records, "book") { FailWritesWith = new TimeoutException() };
        var registry = Activate(state);

        await Assert.ThrowsAsync<TimeoutException>(() => registry.Register(Mine));

        Assert.DoesNotContain((await registry.GetRules()).Rules, rule => rule.Id == "mine");
        Assert.Empty(_silos.Tables);
    }

    [Fact]
    public async Task Silos_that_cannot_be_told_do_not_undo_a_registration()
    {
        _silos.Failure = new TimeoutException();

        var receipt = await Activate().Register(Mine);
        Assert.Equal((1L, 0), (receipt.Version, receipt.Silos.Length));
        Assert.Equal(1, (await Activate().GetRules()).Version);
    }

    [Fact]
    public async Task A_removed_rule_is_gone_and_a_built_in_one_cannot_be_removed()
    {
        var registry = Activate();
        await registry.Register(Mine);

        Assert.True(await registry.Remove("mine"));
        Assert.False(await registry.Remove("mine"));
        Assert.False(await registry.Remove("connection-refused"));
        var table = await Activate().GetRules();
        Assert.Equal(2, table.Version);
        Assert.Equal(BuiltInRules.All, table.Rules);
    }

    [Fact]
    public async Task Lookup_names_the_rule_that_a_silo_would_apply()
    {
        var registry = Activate();
        var crash = Crash.Of("System.NullReferenceException");
        Assert.Equal("null-reference", (await registry.Lookup(crash)).Id);

        await registry.Register(Mine);

        Assert.Equal("mine", (await registry.Lookup(crash)).Id);
        await Assert.ThrowsAsync<ArgumentException>(() => registry.Lookup(new CrashFacts { Exceptions = [] }));
    }

    [Fact]
    public async Task After_its_record_was_set_aside_the_table_counts_on_above_all_versions_that_silos_may_hold()
    {
        var state = new InMemoryState<RuleBook>(_records, "book") { Restored = "a new record" };
        var registry = Activate(state);
        await registry.OnActivateAsync(TestContext.Current.CancellationToken);

        Assert.True((await registry.Register(Mine)).Version > 1_000_000);
    }

    [Fact]
    public async Task The_rules_of_a_file_take_the_place_of_those_before_all_or_none()
    {
        var registry = Activate();
        await registry.Register(Mine);
        await registry.ReplaceFile([Crash.Rule("f1", new CrashPattern { ExceptionType = "A" }), Crash.Rule("f2", new CrashPattern { ExceptionType = "B" })]);

        await registry.ReplaceFile([Crash.Rule("f2", new CrashPattern { ExceptionType = "C" })]);
        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => registry.ReplaceFile([Crash.Rule("f3", new CrashPattern { ExceptionType = "D" }), Crash.Rule("mine", new CrashPattern())]));

        Assert.Contains("The pattern is empty", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("'mine' is the id of another rule", refusal.Message, StringComparison.Ordinal);
        var added = (await Activate().GetRules()).Rules.Where(rule => rule.Origin != RuleOrigin.BuiltIn).Select(rule => (rule.Id, rule.Origin, rule.Pattern.ExceptionType));
        Assert.Equal([("mine", RuleOrigin.Registered, null), ("f2", RuleOrigin.File, "C")], added);
    }

    [Fact]
    public async Task The_same_file_again_changes_no_version()
    {
        var registry = Activate();
        var rule = Crash.Rule("f1", new CrashPattern { ExceptionType = "A" }) with { Ladder = [new Escalate()] };
        await registry.ReplaceFile([rule]);

        Assert.Equal(1, (await Activate().ReplaceFile([rule with { Ladder = [new Escalate()] }])).Version);
    }

    [Fact]
    public async Task The_switch_is_stored_pushed_and_told_with_its_reason()
    {
        var receipt = await Activate().SetMode(RemediationMode.Off, "it made things worse");

        Assert.Equal((1L, RemediationMode.Off), (receipt.Version, _silos.Tables.Last().Mode));
        Assert.Equal(RemediationMode.Off, (await Activate().GetRules()).Mode);
        var told = await _events.WaitFor(SupervisionEventKind.OperatorActed, IRemediationRegistryGrain.Key);
        Assert.Contains("from Active to Off: it made things worse", told.Text, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => Activate().SetMode(RemediationMode.Active, " "));
        await Assert.ThrowsAsync<ArgumentException>(() => Activate().SetMode((RemediationMode)7, "why"));
    }

    [Fact]
    public async Task A_rule_that_ties_with_one_of_the_code_is_refused_and_one_stored_before_is_left_out()
    {
        var declared = Crash.Rule("declared", new CrashPattern { Signature = "sig" }, origin: RuleOrigin.Code);
        await Activate().Register(Mine);

        var registry = Activate(code: declared);
        var table = await registry.GetRules();
        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => registry.Register(Mine with { Id = "yours" }));

        Assert.DoesNotContain(table.Rules, rule => rule.Id == "mine");
        Assert.Contains(table.Rules, rule => rule.Id == "declared");
        Assert.Contains("'yours' ties with 'declared'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pasted_crash_is_told_which_rules_match_it_and_what_they_say()
    {
        var registry = Activate();
        await registry.Register(Crash.Rule("pool", new CrashPattern { ExceptionType = "System.InvalidOperationException", MessageContains = "pool" }, new CircuitBreak { Target = "db" }));

        var trial = await registry.Try("System.InvalidOperationException: The pool is exhausted\n   at Shop.Orders.Load(String id) in Orders.cs:line 7", "shop/orders");

        Assert.Equal(["pool", "invalid-operation", "unknown"], trial.Matching.Select(match => match.Rule.Id));
        Assert.Equal("When a System.InvalidOperationException is in the chain and a message contains 'pool', then break the circuit to db for 30 s.", trial.Matching[0].Sentence);
        await Assert.ThrowsAsync<ArgumentException>(() => registry.Try("all is well", ""));
    }

    private readonly EventRecorder _events = new();

    private RemediationRegistryGrain Activate(InMemoryState<RuleBook>? state = null, params RemediationRule[] code) => new(
        state ?? new InMemoryState<RuleBook>(_records, "book"),
        _silos,
        new FixedIdentity(),
        new CodeRules(code),
        new EventSink(NullLogger<EventSink>.Instance, new MonotonicClock(_time), [_events], new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>()),
        _time,
        NullLogger<RemediationRegistryGrain>.Instance);

    private sealed class FixedIdentity : ICrashIdentity
    {
        public CrashIdentity Identify(CrashFacts facts) => new("sig", FailureClass.LogicError);
    }
}

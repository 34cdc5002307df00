using Prismatic.Remediation;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Remediation;

public sealed class BuiltInRulesTests
{
    private static readonly string[] Socket = ["System.ComponentModel.Win32Exception", "System.Runtime.InteropServices.ExternalException", "System.SystemException"];
    private static readonly string[] Database = ["System.Data.Common.DbException", "System.Runtime.InteropServices.ExternalException", "System.SystemException"];

    public static TheoryData<string, CrashFacts, string, string> Table => new()
    {
        { "the article: connection refused", Crash.Of("System.Exception", "connection refused"), "connection-refused", "CircuitBreak" },
        { "the article, as .NET would throw it", Crash.Of("System.InvalidOperationException", "connection refused"), "refused-in-operation", "CircuitBreak" },
        { "the article: database connection", Crash.Of("Npgsql.NpgsqlException", "down", Database), "database", "RestartWithBackoff" },
        { "a database that refuses", Crash.Facts(Crash.Fact("Npgsql.NpgsqlException", "Failed to connect", Database), Crash.Fact("System.Net.Sockets.SocketException", "", Socket, ("socket", "ConnectionRefused"))), "database-connection", "RestartWithBackoff" },
        { "the article: unknown", Crash.Of("My.NovelException"), "unknown", "Escalate" },
        { "socket refused", Crash.Of("System.Net.Sockets.SocketException", "", Socket, ("socket", "ConnectionRefused")), "socket-refused", "CircuitBreak" },
        { "http around a refused socket", Crash.Facts(Crash.Fact("System.Net.Http.HttpRequestException", "Connection refused (127.0.0.1:9)"), Crash.Fact("System.Net.Sockets.SocketException", "", Socket, ("socket", "ConnectionRefused"))), "socket-refused", "CircuitBreak" },
        { "http with the message alone", Crash.Of("System.Net.Http.HttpRequestException", "Connection refused (127.0.0.1:9)"), "connection-refused", "CircuitBreak" },
        { "http connection error", Crash.Of("System.Net.Http.HttpRequestException", "", code: ("http.error", "ConnectionError")), "http-connection", "CircuitBreak" },
        { "too many requests", Crash.Of("System.Net.Http.HttpRequestException", "", code: ("http", "429")), "http-too-many", "RestartWithBackoff" },
        { "unavailable", Crash.Of("System.Net.Http.HttpRequestException", "", code: ("http", "503")), "http-unavailable", "CircuitBreak" },
        { "no such page", Crash.Of("System.Net.Http.HttpRequestException", "", code: ("http", "404")), "unknown", "Escalate" },
        { "transient io", Crash.Of("System.IO.IOException", "Broken pipe"), "input-output", "RestartWithBackoff" },
        { "disk full", Crash.Of("System.IO.IOException", "No space left on device : '/data/x'"), "disk-full", "RestartWithBackoff" },
        { "file missing", Crash.Of("System.IO.FileNotFoundException", "", ["System.IO.IOException"]), "file-missing", "Escalate" },
        { "timeout", Crash.Of("System.TimeoutException"), "timeout", "RedirectToFallback" },
        { "timeout inside a wrapper", Crash.Facts(Crash.Fact("System.InvalidOperationException"), Crash.Fact("System.TimeoutException")), "timeout", "RedirectToFallback" },
        { "http timeout", Crash.Facts(Crash.Fact("System.Threading.Tasks.TaskCanceledException", "", ["System.OperationCanceledException"])), "task-cancelled", "RedirectToFallback" },
        { "remote json", Crash.Of("System.Text.Json.JsonException") with { Target = "source:justice" }, "unreadable-answer", "CircuitBreak" },
        { "json of nobody known", Crash.Of("System.Text.Json.JsonException"), "unknown", "Escalate" },
        { "json of damaged state", Crash.Of("System.Text.Json.JsonException") with { StateDamaged = true }, "state-damaged", "RestartWithStateReset" },
        { "conflict", Crash.Of("Orleans.Storage.InconsistentStateException"), "inconsistent-state", "RestartWithBackoff" },
        { "memory", Crash.Of("System.OutOfMemoryException"), "out-of-memory", "RestartWithBackoff" },
        { "null", Crash.Of("System.NullReferenceException"), "null-reference", "Escalate" },
        { "range", Crash.Of("System.ArgumentOutOfRangeException"), "argument-out-of-range", "Escalate" },
        { "disposed", Crash.Of("System.ObjectDisposedException", "", ["System.InvalidOperationException"]), "invalid-operation", "Escalate" },
        { "missing key", Crash.Of("System.Collections.Generic.KeyNotFoundException"), "key-not-found", "Escalate" },
        { "index", Crash.Of("System.IndexOutOfRangeException"), "index-out-of-range", "Escalate" },
        { "format", Crash.Of("System.FormatException"), "format", "Escalate" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void A_known_failure_gets_its_remedy(string failure, CrashFacts facts, string rule, string action)
    {
        var match = RuleSnapshot.BuiltIn.Decide(facts);

        Assert.Equal((failure, rule, action), (failure, match.RuleId, match.Action.Name));
    }

    [Fact]
    public void Delays_and_breaks_are_those_of_the_article()
    {
        Assert.Equal(new CircuitBreak { Duration = TimeSpan.FromSeconds(30) }, Action("connection-refused"));
        Assert.Equal(new RestartWithBackoff { First = TimeSpan.FromSeconds(1), Initial = TimeSpan.FromSeconds(1), Max = TimeSpan.FromSeconds(30) }, Action("database"));
        Assert.Equal(TimeSpan.Zero, Assert.IsType<RestartWithBackoff>(Action("inconsistent-state")).First);

        static RemediationAction Action(string id) => BuiltInRules.All.Single(rule => rule.Id == id).Action;
    }

    [Fact]
    public void Every_rule_is_valid_but_for_being_built_in_and_no_two_tie()
    {
        var seen = new List<RemediationRule>();
        foreach (var rule in BuiltInRules.All.Where(rule => rule.Id != "unknown"))
        {
            Assert.Empty(RuleValidation.FindProblems(rule with { Id = "my-" + rule.Id, Origin = RuleOrigin.Registered }, seen));
            seen.Add(rule);
        }

        Assert.Equal(BuiltInRules.All.Length, BuiltInRules.All.Select(rule => rule.Id).Distinct().Count());
    }

    [Fact]
    public void A_registered_rule_with_a_built_in_pattern_outranks_it_without_asking_for_a_priority()
    {
        foreach (var rule in BuiltInRules.All)
        {
            var mine = Crash.Rule("mine", rule.Pattern);
            Assert.True(RuleOrder.Instance.Compare(mine, rule) < 0 && rule.Priority < 0, rule.Id);
        }
    }

    [Fact]
    public void Only_evidence_of_the_state_facet_resets_state()
    {
        var rule = Assert.Single(BuiltInRules.All, rule => rule.Action is RestartWithStateReset);

        Assert.Equal(new CrashPattern { StateDamaged = true }, rule.Pattern);
    }

    [Fact]
    public void The_last_rule_matches_everything() => Assert.Same(BuiltInRules.Unknown, BuiltInRules.All[^1]);
}

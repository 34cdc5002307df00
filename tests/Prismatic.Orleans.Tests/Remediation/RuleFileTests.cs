using System.Text;
using Prismatic.Lessons;
using Prismatic.Remediation;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Remediation;

public sealed class RuleFileTests
{
    // The rule stands on line 4, its parts on the lines behind it, one on each.
    private const string Id = "\"id\": \"r\"";
    private const string Pattern = "\"pattern\": { \"exceptionType\": \"My.Exception\" }";
    private const string Remediation = "\"remediation\": { \"action\": \"CircuitBreak\" }";

    [Fact]
    public void A_file_with_every_field_is_read_as_it_is_written()
    {
        var content = Read("""
            {
              "schema": 1,
              "rules": [
                {
                  "id": "everything", "description": "for the reader", "priority": -3, "shadow": true,
                  "pattern": { "signature": "s", "exceptionType": "T", "code": "http", "codeValues": ["500", "503"], "messageTemplate": "m <n>", "messageContains": "m",
                    "messageRegex": "^m", "frameStartsWith": "My.", "worker": "IOneGrain", "under": "app/work", "class": "externaldependency", "blame": "Worker", "stateDamaged": true, "targetKnown": true, "failedStart": true },
                  "remediation": { "action": "RestartWithBackoff", "firstSeconds": 0.5, "initialSeconds": 1, "maxSeconds": 60, "factor": 2.5, "jitter": "full", "giveUpAfter": 3 },
                  "ladder": [ { "action": "RestartWithStateReset" }, { "action": "RedirectToFallback", "durationSeconds": 5 }, { "action": "CircuitBreak", "target": "t", "durationSeconds": 6 }, { "action": "Escalate", "reason": "ask" } ]
                }
              ]
            }
            """);

        Assert.Empty(content.Errors);
        var rule = Assert.Single(content.Rules);
        Assert.Equal(("everything", -3, true, RuleOrigin.File), (rule.Id, rule.Priority, rule.Shadow, rule.Origin));
        Assert.True(RuleOrder.SamePattern(rule.Pattern, new CrashPattern
        {
            Signature = "s",
            ExceptionType = "T",
            Code = "http",
            CodeValues = ["500", "503"],
            MessageTemplate = "m <n>",
            MessageContains = "m",
            MessageRegex = "^m",
            FrameStartsWith = "My.",
            Worker = "IOneGrain",
            Under = "app/work",
            Class = FailureClass.ExternalDependency,
            Blame = Blame.Worker,
            StateDamaged = true,
            TargetKnown = true,
            FailedStart = true,
        }));
        Assert.Equal(
            new RestartWithBackoff { First = TimeSpan.FromSeconds(0.5), Initial = TimeSpan.FromSeconds(1), Max = TimeSpan.FromMinutes(1), Factor = 2.5, Jitter = BackoffJitter.Full, GiveUpAfter = 3 },
            rule.Action);
        Assert.Equal(
            [new RestartWithStateReset(), new RedirectToFallback { Duration = TimeSpan.FromSeconds(5) }, new CircuitBreak { Target = "t", Duration = TimeSpan.FromSeconds(6) }, new Escalate { Reason = "ask" }],
            rule.Ladder.AsEnumerable());
    }

    /// <summary>Mistakes in one rule: the lines of the rule from line 5 on, the line and the field that must be named, and a word of the sentence.</summary>
    public static TheoryData<string[], int, string, string> MistakesInARule => new()
    {
        { [Pattern, Remediation], 4, "rules[0].id", "\"id\" is missing" },
        { ["\"id\": 7", Pattern, Remediation], 5, "rules[0].id", "must be a text; it is the number 7" },
        { ["\"id\": \"two words\"", Pattern, Remediation], 5, "rules[0].id", "ASCII letters" },
        { ["\"id\": \"\"", Pattern, Remediation], 5, "rules[0].id", "0 characters" },
        { ["\"id\": \"unknown\"", Pattern, Remediation], 5, "rules[0].id", "built-in rule" },
        { [Id, Remediation], 4, "rules[0].pattern", "\"pattern\" is missing" },
        { [Id, "\"pattern\": \"all\"", Remediation], 6, "rules[0].pattern", "must be an object; it is the text \"all\"" },
        { [Id, "\"pattern\": {}", Remediation], 6, "rules[0].pattern", "The pattern is empty" },
        { [Id, Parts("\"exceptonType\": \"T\"", "\"code\": \"http\""), Remediation], 7, "rules[0].pattern.exceptonType", "is not known here; known are signature, exceptionType" },
        { [Id, Parts("\"code\": \"http\"", "\"code\": \"socket\""), Remediation], 8, "rules[0].pattern.code", "is there 2 times, first on line 7" },
        { [Id, Parts("\"messageContains\": \" \""), Remediation], 7, "rules[0].pattern.messageContains", "not blank" },
        { [Id, Parts($"\"worker\": \"{new string('w', 501)}\""), Remediation], 7, "rules[0].pattern.worker", "501 characters" },
        { [Id, Parts("\"messageRegex\": \"a(b\""), Remediation], 7, "rules[0].pattern.messageRegex", "cannot be used" },
        { [Id, Parts("\"messageRegex\": \"(?<=a)b\""), Remediation], 7, "rules[0].pattern.messageRegex", "without backtracking" },
        { [Id, Parts($"\"messageRegex\": \"{new string('x', 201)}\""), Remediation], 7, "rules[0].pattern.messageRegex", "201 characters" },
        { [Id, Parts("\"messageRegex\": \"x*\""), Remediation], 7, "rules[0].pattern.messageRegex", "matches the empty text" },
        { [Id, Parts("\"under\": \"app//work\""), Remediation], 7, "rules[0].pattern.under", "without empty segments" },
        { [Id, Parts("\"class\": \"Weather\""), Remediation], 7, "rules[0].pattern.class", "one of StateCorruption" },
        { [Id, Parts("\"exceptionType\": \"T\"", "\"class\": \"2\""), Remediation], 8, "rules[0].pattern.class", "\"2\" is not known here" },
        { [Id, Parts("\"blame\": \"Host\""), Remediation], 7, "rules[0].pattern.blame", "must be Worker, Request or Dependency" },
        { [Id, Parts("\"exceptionType\": \"T\"", "\"codeValues\": [\"1\"]"), Remediation], 8, "rules[0].pattern.codeValues", "without Code" },
        { [Id, Parts("\"code\": \"http\"", "\"codeValues\": [503]"), Remediation], 8, "rules[0].pattern.codeValues[0]", "must be a text; it is the number 503" },
        { [Id, Parts("\"exceptionType\": \"T\"", "\"stateDamaged\": \"yes\""), Remediation], 8, "rules[0].pattern.stateDamaged", "true or false" },
        { [Id, Pattern], 4, "rules[0].remediation", "\"remediation\" is missing" },
        { [Id, Pattern, "\"remediation\": {}"], 7, "rules[0].remediation.action", "\"action\" is missing" },
        { [Id, Pattern, Then("\"action\": \"Reboot\"")], 8, "rules[0].remediation.action", "\"Reboot\" is no action" },
        { [Id, Pattern, Then("\"action\": \"Escalate\"", "\"target\": \"t\"")], 9, "rules[0].remediation.target", "known are action, reason" },
        { [Id, Pattern, Then("\"action\": \"CircuitBreak\"", "\"durationSeconds\": 0")], 9, "rules[0].remediation.durationSeconds", "must be positive" },
        { [Id, Pattern, Then("\"action\": \"CircuitBreak\"", "\"durationSeconds\": -1")], 9, "rules[0].remediation.durationSeconds", "the number -1; it must be a number of seconds" },
        { [Id, Pattern, Then("\"action\": \"RedirectToFallback\"", "\"durationSeconds\": 86401")], 9, "rules[0].remediation.durationSeconds", "from 0 to 86400" },
        { [Id, Pattern, Then("\"action\": \"RestartWithBackoff\"", "\"initialSeconds\": \"1 s\"")], 9, "rules[0].remediation.initialSeconds", "must be a number; it is the text" },
        { [Id, Pattern, Then("\"action\": \"RestartWithBackoff\"", "\"initialSeconds\": 40")], 9, "rules[0].remediation.initialSeconds", "must be at most Max" },
        { [Id, Pattern, Then("\"action\": \"RestartWithBackoff\"", "\"factor\": 0.5")], 9, "rules[0].remediation.factor", "from 1 to 100" },
        { [Id, Pattern, Then("\"action\": \"RestartWithBackoff\"", "\"jitter\": \"some\"")], 9, "rules[0].remediation.jitter", "one of Decorrelated, Full, Equal, None" },
        { [Id, Pattern, Then("\"action\": \"RestartWithBackoff\"", "\"giveUpAfter\": 1.5")], 9, "rules[0].remediation.giveUpAfter", "must be a whole number" },
        { [Id, Pattern, Then("\"action\": \"RestartWithStateReset\"")], 7, "rules[0].remediation", "must have StateDamaged" },
        { [Id, Pattern, Remediation, "\"ladder\": {}"], 8, "rules[0].ladder", "must be a list of remediations; it is an object" },
        { [Id, Pattern, Remediation, "\"ladder\": [\n{ \"action\": \"Escalate\" },\n{ \"action\": \"RedirectToFallback\" } ]"], 9, "rules[0].ladder[0]", "Escalate can be the last step only" },
        { [Id, Pattern, Remediation, "\"ladder\": [\n{ \"action\": \"RedirectToFallback\",\n\"durationSeconds\": 0 } ]"], 10, "rules[0].ladder[0].durationSeconds", "must be positive" },
        { [Id, Pattern, Remediation, "\"ladder\": [\n{ \"action\": \"CircuitBreak\" } ]"], 9, "rules[0].ladder[0]", "would do again what did not help" },
        { [Id, Pattern, Remediation, "\"priority\": 1e3"], 8, "rules[0].priority", "must be a whole number" },
        { [Id, Pattern, Remediation, "\"shadow\": 1"], 8, "rules[0].shadow", "true or false" },
        { [Id, Pattern, Remediation, "\"then\": 1"], 8, "rules[0].then", "is not known here" },
    };

    [Theory]
    [MemberData(nameof(MistakesInARule))]
    public void A_mistake_in_a_rule_is_named_with_its_line_and_field_and_nothing_of_the_file_is_taken(string[] lines, int line, string field, string sentence)
    {
        var content = Read($"{{\n\"schema\": 1,\n\"rules\": [\n{{\n{string.Join(",\n", lines)}\n}}, {{ \"id\": \"fine\", \"pattern\": {{ \"code\": \"grpc\" }}, {Remediation} }} ]\n}}");

        var error = Assert.Single(content.Errors);
        Assert.Equal((line, field), (error.Line, error.Field));
        Assert.Contains(sentence, error.Problem, StringComparison.Ordinal);
        Assert.Empty(content.Rules);
    }

    public static TheoryData<string, int, string, string> MistakesInTheFile => new()
    {
        { "", 1, "", "the file is empty" },
        { "{\n\"schema\": 1,\n\"rules\": [}", 3, "", "This is not JSON" },
        { "{\n\"schema\": 1,\n\"rules\": [],\n}", 4, "", "This is not JSON" },
        { "{\n// no comments\n}", 2, "", "This is not JSON" },
        { "{ \"schema\": 1, \"rules\": [] }\n{}", 2, "", "This is not JSON" },
        { "\n[]", 2, "", "The file must be an object" },
        { "{\n\"rules\": []\n}", 1, "schema", "\"schema\" is missing" },
        { "{\n\"rules\": [],\n\"schema\": 2\n}", 3, "schema", "is the number 2; this build reads 1" },
        { "{\n\"schema\": \"1\",\n\"rules\": []\n}", 2, "schema", "is the text \"1\"" },
        { "{\n\"schema\": 1\n}", 1, "rules", "\"rules\" is missing" },
        { "{\n\"schema\": 1,\n\"rules\": {}\n}", 3, "rules", "must be a list" },
        { "{\n\"schema\": 1,\n\"rules\": [\n7 ]\n}", 4, "rules[0]", "must be an object" },
        { "{\n\"schema\": 1,\n\"rules\": [],\n\"rule\": []\n}", 4, "rule", "is not known here" },
    };

    [Theory]
    [MemberData(nameof(MistakesInTheFile))]
    public void A_mistake_in_the_file_itself_is_named_with_its_line(string json, int line, string field, string sentence)
    {
        var error = Assert.Single(Read(json).Errors);

        Assert.Equal((line, field), (error.Line, error.Field));
        Assert.Contains(sentence, error.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_rules_that_tie_or_bear_one_id_are_named_both_and_so_is_one_that_ties_with_a_rule_from_elsewhere()
    {
        var others = new[] { Crash.Rule("registered", new CrashPattern { Code = "grpc" }, new RedirectToFallback()) };
        var content = Read($$"""
            { "schema": 1, "rules": [
            { "id": "a", "pattern": { "messageContains": "one" }, "remediation": { "action": "CircuitBreak" } },
            { "id": "b", "pattern": { "messageContains": "two" }, "remediation": { "action": "RedirectToFallback" } },
            { "id": "a", "pattern": { "code": "http" }, "remediation": { "action": "CircuitBreak" } },
            { "id": "registered", "pattern": { "code": "errno" }, "remediation": { "action": "CircuitBreak" } },
            { "id": "c", "pattern": { "code": "grpc" }, "remediation": { "action": "CircuitBreak" },
              "priority": 0 }
            ] }
            """, others);

        Assert.Equal(
            [(3, "rules[1].priority", "'b' ties with 'a'"), (4, "rules[2].id", "'a' is the id of rules[0] on line 2 as well"), (5, "rules[3].id", "'registered' is the id of a rule that does not come from a file"), (7, "rules[4].priority", "'c' ties with 'registered'")],
            content.Errors.Select(error => (error.Line, error.Field, error.Problem[..Math.Min(error.Problem.Length, error.Field.EndsWith("id", StringComparison.Ordinal) ? error.Problem.IndexOf(';', StringComparison.Ordinal) : error.Problem.IndexOf(':', StringComparison.Ordinal))])).Select(error => (error.Line, error.Field, error.Item3.Replace(" (Registered)", "", StringComparison.Ordinal))));
    }

    [Fact]
    public void All_mistakes_are_told_at_once_in_the_order_of_their_lines()
    {
        var content = Read("{ \"schema\": 1, \"rules\": [\n{ \"id\": \"\", \"pattern\": {},\n\"remediation\": { \"action\": \"Reboot\" } },\n{ }\n] }");

        Assert.Equal([(3, "rules[0].remediation.action"), (4, "rules[1].id"), (4, "rules[1].pattern"), (4, "rules[1].remediation")], content.Errors.Select(error => (error.Line, error.Field)));
    }

    [Fact]
    public void A_file_that_is_too_long_is_refused_without_being_read() =>
        Assert.Contains("at most", Assert.Single(RuleFile.Read(new byte[RuleFile.MaxBytes + 1], []).Errors).Problem, StringComparison.Ordinal);

    [Fact]
    public void Bytes_that_are_no_text_are_refused() =>
        Assert.Equal(2, Assert.Single(RuleFile.Read([.. "{ \"schema\": 1,\n\"rules\": [ { \"id\": \""u8, 0xC3, 0x28, .. "\" } ] }"u8], []).Errors).Line);

    [Fact]
    public void The_example_of_the_repository_is_valid()
    {
        var content = RuleFile.Read(Encoding.UTF8.GetBytes(Architecture.Repository.Read("infra/remediation/rules.example.json")), BuiltInRules.All);

        Assert.Empty(content.Errors);
        Assert.NotEmpty(content.Rules);
    }

    private static string Parts(params string[] parts) => $"\"pattern\": {{\n{string.Join(",\n", parts)} }}";

    private static string Then(params string[] parts) => $"\"remediation\": {{\n{string.Join(",\n", parts)} }}";

    private static RuleFileContent Read(string json, params RemediationRule[] others) => RuleFile.Read(Encoding.UTF8.GetBytes(json), others);
}

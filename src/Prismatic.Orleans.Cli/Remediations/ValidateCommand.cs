using System.CommandLine;
using Prismatic.Lessons;
using Prismatic.Remediation;

namespace Prismatic.Cli.Remediations;

/// <summary>
/// <c>prismatic remediations validate</c>: reads a rule file with the code that silos read it with, and says every mistake with its line and
/// field; for a file without one, each rule in a sentence. Given a crash, it says which rule would be applied to it.
/// </summary>
internal static class ValidateCommand
{
    /// <summary>The command.</summary>
    public static Command Create(Terminal terminal)
    {
        var file = new Argument<FileInfo>("rules.json") { Description = "The rule file." };
        var crash = new Option<FileInfo?>("--crash")
        {
            Description = "A file with an exception as .NET prints it; shows which rule would be applied to it.",
            HelpName = "exception.txt",
        };
        var child = new Option<string>("--child")
        {
            Description = "The path of the child that the crash is tried for, such as prismatic/osint/source-manager.",
            HelpName = "path",
            DefaultValueFactory = _ => "",
        };
        var output = OutputOption.Create();
        var command = new Command("validate", "Checks a file of remediation rules; every mistake is named with its line and field.") { file, crash, child, output };
        command.SetAction((parsed, cancelled) => Run(
            terminal, parsed.GetRequiredValue(file), parsed.GetValue(crash), parsed.GetValue(child) ?? "", parsed.GetValue(output), cancelled));
        return command;
    }

    private static async Task<int> Run(Terminal terminal, FileInfo file, FileInfo? crash, string child, OutputForm form, CancellationToken cancelled)
    {
        var content = RuleFile.Read(await Bytes(file, cancelled), BuiltInRules.All);
        if (!content.IsValid)
        {
            terminal.Show(
                form,
                new { file = file.FullName, valid = false, errors = content.Errors.Select(error => new { error.Line, error.Field, error.Problem }) },
                new Grid(["line", "field", "problem"], [.. content.Errors.Select(error => new[] { $"{error.Line}", error.Field, error.Problem })]),
                $"{file.Name} has {Mistakes(content.Errors.Length)}; a silo would take nothing of it.");
            return ExitCode.NotFine;
        }

        if (crash is not null)
        {
            Try(terminal, form, content, await File.ReadAllTextAsync(Existing(crash), cancelled), crash.Name, child);
            return ExitCode.Fine;
        }

        terminal.Show(
            form,
            new { file = file.FullName, valid = true, rules = content.Rules.Select(rule => new { rule.Id, rule.Priority, sentence = rule.Describe() }) },
            new Grid(["rule", "priority", "sentence"], [.. content.Rules.Select(rule => new[] { rule.Id, $"{rule.Priority}", rule.Describe() })]),
            $"{file.Name} is valid: {content.Rules.Length} rules.");
        return ExitCode.Fine;
    }

    private static void Try(Terminal terminal, OutputForm form, RuleFileContent content, string text, string name, string child)
    {
        var facts = PastedCrash.Read(text)
            ?? throw new CommandFailedException(ExitCode.WrongUse, $"There is no exception in {name}: it needs a line such as 'System.TimeoutException: It took too long.'");
        facts = facts with { Child = child };
        var signature = CrashSignature.Of(facts).Hash;
        var failure = FailureClassifier.Classify(facts);
        var matching = RuleSnapshot.From(new RuleTable { Version = 1, Rules = [.. content.Rules, .. BuiltInRules.All] }).Matching(facts, signature, failure);
        var trials = RuleSnapshot.Try(matching.Concat(content.Rules).Distinct(), facts, signature, failure).ToDictionary(trial => trial.Rule.Id);
        var rows = matching.Select(rule => trials[rule.Id]).Concat(trials.Values.Where(trial => !trial.Matches)).ToList();
        terminal.Show(
            form,
            new { crash = name, signature, @class = failure, applied = matching.FirstOrDefault()?.Id, rules = rows.Select(trial => new { trial.Rule.Id, trial.Rule.Origin, trial.Matches, trial.Missing, trial.Sentence }) },
            new Grid(
                ["rule", "from", "matches", "sentence"],
                [.. rows.Select(trial => new[] { trial.Rule.Id, $"{trial.Rule.Origin}", trial.Matches ? "yes" : $"no: not so that {string.Join(", ", trial.Missing)}", trial.Sentence })]),
            matching.IsEmpty ? "No rule matches." : $"Applied would be {matching[0].Id}: {matching[0].Describe()}");
    }

    private static async Task<byte[]> Bytes(FileInfo file, CancellationToken cancelled)
    {
        try
        {
            return await File.ReadAllBytesAsync(Existing(file), cancelled);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(ExitCode.WrongUse, $"{file.FullName} cannot be read: {failure.Message}");
        }
    }

    private static string Existing(FileInfo file) =>
        file.Exists ? file.FullName : throw new CommandFailedException(ExitCode.WrongUse, $"There is no file {file.FullName}.");

    private static string Mistakes(int count) => count == 1 ? "a mistake" : $"{count} mistakes";
}

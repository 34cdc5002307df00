using System.Globalization;
using Prismatic.Lessons;
using Prismatic.Remediation;

namespace Prismatic.Silo.Demo.Steps;

/// <summary>What the lessons and the tree say after all that.</summary>
internal sealed class Figures(DemoSilo silo, Narrator narrator)
{
    public async Task Tell()
    {
        var figures = await silo.Lessons.GetStatistics();
        Line("lessons", Count(figures.TotalLessons), "groups of crashes that are the same failure");
        Line("crashes", Count(figures.TotalCrashes), "since the first run");
        Line("auto-remediated", Share(figures.AutoRemediatedRate), "healed with no person involved, of those whose outcome is known");
        Line("escalated", Share(figures.EscalationRate), "opened or joined a ticket");
        Line("false positives", Share(figures.FalsePositiveRate), "a rule acted and the failure returned");
        Line("time to recovery", Seconds(figures.MeanTimeToRecoverySeconds), "mean, from the crash to the same method served again");

        foreach (var lesson in (await silo.Lessons.List(new LessonQuery { Limit = 10 })).Items)
        {
            var healed = lesson.Outcomes.Values.Sum(counts => counts.Healed);
            narrator.Say($"- {lesson.FailureMode}");
            narrator.Say($"  {Narrator.Count(lesson.Crashes, "crash")}, {healed} healed; {Origin(lesson)}");
        }

        var health = await silo.Health();
        narrator.Say(string.Create(CultureInfo.InvariantCulture, $"Health of the tree: {health.HealthScore:0.#} of 100; {health.TotalProcesses} live processes."));
        var restarted = health.Nodes.Where(node => node is { Kind: "worker", Restarts: > 0 });
        narrator.Say("Restarts since the first run: " + string.Join(", ", restarted.Select(node => $"{node.Path["prismatic/".Length..]} {node.Restarts}")) + ".");
        foreach (var hotspot in health.Hotspots)
        {
            narrator.Say($"Hotspot: {hotspot.Path}, {Narrator.Count(hotspot.Restarts, "restart")} in 5 minutes.");
        }

        foreach (var missing in health.Missing)
        {
            narrator.Say(missing);
        }
    }

    private void Line(string name, string figure, string meaning) => narrator.Say($"{name,-17} {figure,8}  {meaning}");

    private static string Origin(Lesson lesson) => (lesson.Remediation, lesson.Origin) switch
    {
        (null, _) => "no remedy of its own yet",
        ({ } remedy, RuleOrigin.Person) => $"a person's remedy: {remedy.Describe()}",
        ({ } remedy, _) => $"the remedy that healed it: {remedy.Describe()}",
    };

    private static string Count(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Share(double? rate) => rate is { } share ? share.ToString("0 %", CultureInfo.InvariantCulture) : "none yet";

    private static string Seconds(double? time) => time is { } seconds ? seconds.ToString("0.0 s", CultureInfo.InvariantCulture) : "none yet";
}

using System.Globalization;
using Prismatic.Domains.DueDiligence;
using Prismatic.Domains.Osint;
using Prismatic.Lessons;
using Prismatic.Silo.Demo.Steps;
using Prismatic.Storage;
using Prismatic.Supervision;

namespace Prismatic.Silo.Demo;

/// <summary>Tells the order; each step knows its own detail and what it expects.</summary>
internal sealed class Story(DemoSilo silo, DemoData data, Narrator narrator)
{
    public const string List = "sample-entities";
    public const string ListPath = "entities.ftm.jsonl";

    public async Task Tell()
    {
        var healedBefore = await Introduce();
        await using var source = await LoopbackSource.Start(0, Company.OpenRegisters);
        var registers = await Prepare(source);
        var breakerCrash = await new RefusedSource(silo, data, narrator).Tell(registers);
        await new DamagedRecord(silo, data, narrator).Tell();
        await new UnknownFailure(silo, data, narrator).Tell();
        await new SourceComesBack(silo, data, narrator).Tell(registers, breakerCrash);
        await Close(healedBefore);
    }

    private async Task<long> Introduce()
    {
        narrator.Say($"Everything below happens for real, in the platform's own host. Its data are in {data.Shown}; --fresh forgets them.");
        narrator.Say($"Outcomes are known after {DemoSilo.VerificationWindow.TotalSeconds:0} s instead of 60, and lessons try nothing new; every other setting is the default.");
        var statistics = await silo.Lessons.GetStatistics();
        narrator.Say($"Silo on port {silo.SiloPort}, admin API at {silo.Address}/admin/supervision.");
        narrator.Say(statistics.TotalLessons == 0
            ? "It starts with no lessons."
            : $"It starts with {Narrator.Count(statistics.TotalLessons, "lesson")} from {Narrator.Count(statistics.TotalCrashes, "crash")} of earlier runs.");
        return await Healed();
    }

    private async Task<Registers> Prepare(LoopbackSource source)
    {
        narrator.Step("Lists and registers");
        await WaitForCalm();
        await FinishWhatWasBegun();
        await WaitForCalm();
        var entries = await Expect.Served("Loading the sample list", () => silo.Resolver.LoadList(List, ListFormat.FtmJsonLines, ListPath));
        var sanctions = await Expect.Served("Loading the sample OFAC list", () => silo.Resolver.LoadList("sample-ofac", ListFormat.OfacCsv, "ofac/sdn.csv"));
        narrator.Say($"Two invented lists are loaded, with {entries} and {sanctions} entries.");

        var refusing = LoopbackSource.RefusingPort();
        var register = Company.Adapter(Company.Register, "ownership", source.Port);
        var accounts = Company.Adapter(Company.Accounts, "financial", source.Port);
        var court = Company.Adapter(Company.Court, "litigation", refusing);
        foreach (var adapter in new[] { register, accounts, court })
        {
            await Register(adapter);
        }

        narrator.Say($"Registered: {register.Slug} and {accounts.Slug}, which answer, and {court.Slug}, where nobody listens.");
        return new Registers(register.Slug, accounts.Slug, court.Slug, refusing);
    }

    /// <summary>A run that a killed demo left goes on by itself as soon as the coordinator is called; the story waits until it is over.</summary>
    private async Task FinishWhatWasBegun()
    {
        if (File.Exists(data.RunFile))
        {
            var last = await File.ReadAllTextAsync(data.RunFile);
            var run = await Expect.Soon($"The end of {last}", () => silo.Pipeline.Status(last), run => run.State is not RunState.Running, silo.Time);
            narrator.Say($"The last run of the demo before this one, {last}, is {run.State}.");
        }
    }

    /// <summary>
    /// Restarts of a demo that was killed a moment ago still count in its supervisors' windows, as they must: together with those to come
    /// they could exceed one.
    /// </summary>
    private async Task WaitForCalm()
    {
        if (!IsCalm(await Domains()))
        {
            narrator.Say("The demo before this one was killed a moment ago, and its restarts still count; the story waits until they do not.");
            await Expect.Soon("Calm after the last demo", Domains, IsCalm, silo.Time, TimeSpan.FromMinutes(1));
        }
    }

    private Task<SupervisorView[]> Domains() =>
        Task.WhenAll(silo.Supervisor("prismatic/osint").GetState(), silo.Supervisor("prismatic/dd").GetState());

    private static bool IsCalm(SupervisorView[] domains) =>
        domains.All(domain => domain.RestartsInWindow == 0 && domain.Status is ChildStatus.Up or ChildStatus.Idle);

    private async Task Register(AdapterInfo adapter)
    {
        try
        {
            await silo.Adapters.Register(adapter);
        }
        catch (StateDamagedException left)
        {
            narrator.Say($"A demo that was killed left its damage behind. {left.Message}");
            await Expect.Served("Registering again", () => silo.Adapters.Register(adapter));
        }
    }

    private async Task Close(long healedBefore)
    {
        narrator.Step("What is known now");
        var healedNow = silo.Events.HealedHere();
        await Expect.Soon("The lessons' count of healed crashes", Healed, healed => healed >= healedBefore + healedNow, silo.Time);
        await new Figures(silo, narrator).Tell();
        narrator.Say("");
        narrator.Say(string.Create(CultureInfo.InvariantCulture, $"Every step healed as told, in {narrator.Elapsed.TotalSeconds:0.0} s. Run it again: it remembers."));
    }

    private async Task<long> Healed()
    {
        var page = await silo.Lessons.List(new LessonQuery { Limit = 500 });
        return page.Items.Sum(lesson => lesson.Outcomes.Values.Sum(counts => counts.Healed));
    }
}

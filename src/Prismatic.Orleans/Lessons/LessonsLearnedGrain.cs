using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Serialization.Invocation;
using Prismatic.Remediation;
using Prismatic.Storage;
using Prismatic.Supervision;

namespace Prismatic.Lessons;

/// <summary>
/// The one entrance to all lessons. Each write goes, in this order, to the lesson's record, to the index when the lesson is new, to the
/// totals, and to the registry when the lesson changed what is done. Whatever dies in between, the batch told again completes it and counts
/// nothing twice: lesson and totals each know what they counted, and a lesson knows whether the index lists it and which of its rules the
/// registry has. Calls go from here to lessons, index and registry; nobody calls back.
/// </summary>
[GrainType("prismatic-lessons"), MayInterleave(nameof(Reads))]
internal sealed partial class LessonsLearnedGrain(
    [SupervisedState("lessons-totals", OnDamage = DamagePolicy.SetAside)] ISupervisedState<LessonTotals> totals,
    IGrainFactory grains,
    LessonTrials trials,
    LessonKey key,
    TimeProvider time,
    ILogger<LessonsLearnedGrain> log)
    : Grain, ILessonsLearnedGrain
{
    private readonly ClusterGroups _index = new(grains);

    /// <summary>A filtered list asks at most this many lessons before it answers with what it found and where to go on.</summary>
    private const int MaxAsked = 1000;
    private const int AskedAtOnce = 50;
    private const int ExportedAtOnce = 500;

    /// <summary>Reading waits for no write: it looks at the totals in memory and at records of other grains.</summary>
    public static bool Reads(IInvokable request) =>
        request.GetMethodName() is nameof(GetStatistics) or nameof(List) or nameof(Get) or nameof(Audit) or nameof(Export) or nameof(ExportDrill);

    /// <summary>
    /// Totals that were set aside as damaged start again at zero; the index tells how many lessons there are. Its pages fill in order, so
    /// that its end is found by doubling and halving: some forty pages are read in an index of a million lessons.
    /// </summary>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (totals.Value.Lessons == 0)
        {
            var (page, count) = await LessonPages.FindEnd(async number => (await Page(number).Read()).Length);
            totals.Value = totals.Value with { LastPage = page, LastPageCount = count };
        }
    }

    /// <inheritdoc/>
    public Task<LessonStatistics> GetStatistics() => Task.FromResult(totals.Value.Statistics());

    /// <inheritdoc/>
    public Task<Lesson?> Get(string lessonId)
    {
        ArgumentException.ThrowIfNullOrEmpty(lessonId);
        return Lesson(lessonId).Get();
    }

    /// <inheritdoc/>
    public async Task<LessonPage> List(LessonQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, 500);
        return await Walk(query.Cursor, query.Limit, lesson => LessonFilter.Matches(query, lesson));
    }

    /// <inheritdoc/>
    public async Task Capture(ImmutableArray<CrashReport> crashes, ImmutableArray<string> ticketed)
    {
        if (crashes.IsDefaultOrEmpty)
        {
            return;
        }

        var marks = ticketed.IsDefault ? [] : ticketed;
        var grouped = await Grouped(crashes);
        var told = await TellEach(
            grouped, crash => crash.Group, crash => crash.Signature, (crash, group) => crash with { Group = group },
            (lesson, items, moment) => lesson.Capture(items, marks, moment));
        await Settle(told, next => next.With(crashes, [.. marks]));
    }

    /// <inheritdoc/>
    public async Task RecordOutcomes(ImmutableArray<RemediationOutcome> outcomes)
    {
        if (outcomes.IsDefaultOrEmpty)
        {
            return;
        }

        var grouped = await Task.WhenAll(outcomes.Select(async outcome => outcome with { Group = await _index.Find(outcome.Signature) ?? outcome.Group }));
        var told = await TellEach(
            [.. grouped], outcome => outcome.Group, outcome => outcome.Signature, (outcome, group) => outcome with { Group = group },
            (lesson, items, moment) => lesson.RecordOutcomes(items, moment));
        var classes = told.GroupBy(one => one.Group).ToDictionary(one => one.Key, one => one.First().Answer.Class);
        await Settle(told, next => next.With(grouped, outcome => classes.TryGetValue(outcome.Group, out var known) ? known : null));
    }

    /// <inheritdoc/>
    public async Task<Lesson> Teach(string group, string signature, Resolution resolution)
    {
        var answer = ResolutionCheck.Checked(group, signature, resolution);
        group = await _index.Find(signature) ?? group;
        var told = (Group: group, Answer: await Lesson(group).Teach(group, signature, answer, Moment()));
        if (told.Answer.Elsewhere.TryGetValue(signature, out var split))
        {
            told = (split.Group, await Lesson(split.Group).Teach(split.Group, signature, answer, Moment(group, split)));
        }

        return await Changed(told.Group, told.Answer);
    }

    /// <inheritdoc/>
    public async Task<Lesson> Edit(LessonEdit edit)
    {
        var correct = LessonEditing.Checked(edit, time.GetUtcNow());
        return await Changed(edit.LessonId, await Lesson(edit.LessonId).Edit(correct, Moment()));
    }

    /// <inheritdoc/>
    public Task<ImmutableArray<LessonAuditEntry>> Audit(string lessonId, long? before, int limit)
    {
        ArgumentException.ThrowIfNullOrEmpty(lessonId);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 500);
        return Lesson(lessonId).Audit(before, limit);
    }

    /// <inheritdoc/>
    public async Task<LessonExport> Export(string? cursor)
    {
        var secret = key.Secret();
        var page = await Walk(cursor, ExportedAtOnce, LessonFile.IsWorthExporting);
        return new LessonExport { File = LessonFile.Write(page.Items, secret, time.GetUtcNow()), Lessons = page.Items.Length, Next = page.Next };
    }

    /// <inheritdoc/>
    public async Task<LessonImport> Import(string file, string by)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        var read = LessonFile.Read(file, key.Secret());
        if (read.Mistakes.Length > 0)
        {
            return new LessonImport { Mistakes = read.Mistakes };
        }

        var (added, completed) = (0, 0);
        foreach (var lesson in read.Lessons)
        {
            if (await Lesson(lesson.Id).Import(lesson, by, Moment()) is { } answer)
            {
                (added, completed) = answer.Unlisted is null ? (added, completed + 1) : (added + 1, completed);
                await Changed(lesson.Id, answer);
            }
        }

        return new LessonImport { Added = added, Completed = completed, Kept = read.Lessons.Length - added - completed };
    }

    /// <inheritdoc/>
    public async Task<string?> ExportDrill(string lessonId) => await Get(lessonId) is { Crashes: > 0 } lesson ? LessonDrill.Write(lesson) : null;

    /// <summary>
    /// The crashes with the groups that all silos' crashes together say. One after the other: of two new signatures of the same failure the
    /// second has to find the first. What a silo said stands where a crash has no signature of ours to go by.
    /// </summary>
    private async Task<ImmutableArray<CrashReport>> Grouped(ImmutableArray<CrashReport> crashes)
    {
        var correlator = new CrashCorrelator(_index);
        var grouped = ImmutableArray.CreateBuilder<CrashReport>(crashes.Length);
        foreach (var crash in crashes)
        {
            grouped.Add(crash with { Group = await correlator.GroupOf(crash.Signature, crash.Facts) });
        }

        return grouped.MoveToImmutable();
    }

    /// <summary>
    /// Tells each lesson its part. A member that a lesson says is one of its own by now is told there: the second call to it, so that a
    /// lesson that was never split costs one.
    /// </summary>
    private async Task<List<(string Group, LessonAnswer Answer)>> TellEach<T>(
        ImmutableArray<T> items,
        Func<T, string> groupOf,
        Func<T, string> signatureOf,
        Func<T, string, T> inGroup,
        Func<ILessonGrain, ImmutableArray<T>, LessonMoment, Task<LessonAnswer>> tell)
    {
        var moment = Moment();
        var groups = items.GroupBy(groupOf).ToList();
        var answers = await Task.WhenAll(groups.Select(group => tell(Lesson(group.Key), [.. group], moment)));
        var told = groups.Zip(answers, (group, answer) => (Group: group.Key, Answer: answer)).ToList();
        var elsewhere =
            from one in groups.Zip(answers)
            from split in one.Second.Elsewhere
            let own = one.First.Where(item => signatureOf(item) == split.Key).Select(item => inGroup(item, split.Value.Group)).ToImmutableArray()
            select (Parent: one.First.Key, Split: split.Value, Own: own);
        foreach (var (parent, split, own) in elsewhere.ToList())
        {
            told.Add((split.Group, await tell(Lesson(split.Group), own, Moment(parent, split))));
        }

        return told;
    }

    private async Task Settle(List<(string Group, LessonAnswer Answer)> told, Func<LessonTotals, LessonTotals> count)
    {
        var unlisted = told.Where(one => one.Answer.Unlisted is not null).ToList();
        var listed = await Index(unlisted.Select(one => (one.Group, one.Answer.Unlisted!.Value)));
        var began = told.Count(one => one.Answer.TrialBegan);
        await totals.WriteAsync(count(listed).WithTrials(began, time.GetUtcNow(), LearningPolicy.Default));
        await Task.WhenAll(unlisted.Select(one => Lesson(one.Group).Listed()));
        foreach (var (group, answer) in told.Where(one => one.Answer.RulesChanged))
        {
            await TryPublish(group, answer);
        }
    }

    /// <summary>Completes a person's change: all of it is durable and in force when this returns.</summary>
    private async Task<Lesson> Changed(string group, LessonAnswer answer)
    {
        if (answer.Unlisted is { } page)
        {
            await totals.WriteAsync(await Index([(group, page)]));
            await Lesson(group).Listed();
        }

        if (answer.RulesChanged)
        {
            await Publish(group, answer);
        }

        return await Lesson(group).Get() ?? throw new InvalidOperationException($"The lesson {group} was stored and is not there any more.");
    }

    /// <summary>What was counted stays counted when the registry is away or refuses: the lesson's next crash or outcome tries again.</summary>
    private async Task TryPublish(string group, LessonAnswer answer)
    {
        try
        {
            await Publish(group, answer);
        }
        catch (Exception failure)
        {
            NotPublished(log, group, failure);
        }
    }

    private async Task Publish(string group, LessonAnswer answer)
    {
        var registry = grains.GetGrain<IRemediationRegistryGrain>(IRemediationRegistryGrain.Key);
        foreach (var rule in answer.Remove)
        {
            await registry.Remove(rule);
        }

        foreach (var rule in answer.Register)
        {
            await registry.Register(rule);
        }

        await Lesson(group).Published(answer.Wanted);
        Promoted(log, group, answer.Wanted.Length, answer.Wanted.IsEmpty ? "the rules of others decide" : answer.Wanted[0].Action.Describe());
    }

    private async Task<LessonPage> Walk(string? cursor, int limit, Func<Lesson, bool> wanted)
    {
        var place = cursor is not null ? LessonPages.Place(cursor, totals.Value.LastPage) : LessonPages.Newest(totals.Value);
        var found = ImmutableArray.CreateBuilder<Lesson>();
        var asked = 0;
        var page = (Number: -1L, Groups: ImmutableArray<string>.Empty);
        while (place is { } next && found.Count < limit && asked < MaxAsked)
        {
            if (page.Number != next.Page)
            {
                page = (next.Page, await Page(next.Page).Read());
            }

            var count = Math.Min(Math.Min(next.Index + 1, AskedAtOnce), limit - found.Count);
            var places = Enumerable.Range(0, count).Select(i => next.Index - i).Where(i => i < page.Groups.Length).ToList();
            var lessons = await Task.WhenAll(places.Select(i => Lesson(page.Groups[i]).Get()));
            found.AddRange(lessons.OfType<Lesson>().Where(wanted));
            asked += count;
            place = (next with { Index = next.Index - count + 1 }).Older;
        }

        return new LessonPage { Items = found.ToImmutable(), Next = place is { } rest ? LessonPages.Cursor(rest) : null };
    }

    /// <summary>
    /// Lists each lesson on its page or on the first one after it that has room; the totals with the new end of the index. A listing
    /// that was cut short is found again, since a lesson is never listed before its page.
    /// </summary>
    private async Task<LessonTotals> Index(IEnumerable<(string Group, long Page)> lessons)
    {
        var next = totals.Value;
        foreach (var start in lessons.GroupBy(lesson => lesson.Page, lesson => lesson.Group).OrderBy(start => start.Key))
        {
            var groups = start.ToImmutableArray();
            for (var number = start.Key; !groups.IsEmpty; number++)
            {
                var held = await Page(number).Append(groups);
                groups = groups.RemoveAll(held.Contains);
                next = next.WithPage(number, held.Length);
            }
        }

        return next;
    }

    private LessonMoment Moment(string? parent = null, SplitMember? split = null) => new()
    {
        LastPage = totals.Value.LastPage,
        Experience = totals.Value.Experience,
        MayTry = trials.Allowed && totals.Value.MayTry(time.GetUtcNow(), LearningPolicy.Default),
        Parent = parent,
        SplitFrom = split,
    };

    private ILessonPageGrain Page(long number) => grains.GetGrain<ILessonPageGrain>(LessonPages.Key(number));

    private ILessonGrain Lesson(string group) => grains.GetGrain<ILessonGrain>(group);

    [LoggerMessage(EventId = 1, EventName = "LessonInForce", Level = LogLevel.Information, Message = "Lesson {Group} has {Rules} rules in force: {Action}.")]
    private static partial void Promoted(ILogger log, string group, int rules, string action);

    [LoggerMessage(EventId = 2, EventName = "LessonNotInForce", Level = LogLevel.Warning, Message = "The rules of lesson {Group} could not be registered; its counts are stored, and its next crash or outcome tries again.")]
    private static partial void NotPublished(ILogger log, string group, Exception exception);
}

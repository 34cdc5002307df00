using System.Collections.Immutable;
using Prismatic.Remediation;
using Prismatic.Storage;
using Prismatic.Supervision;

namespace Prismatic.Lessons;

/// <summary>Keeps one lesson.</summary>
[GrainType("prismatic-lesson")]
internal sealed class LessonGrain(
    [SupervisedState("lesson", OnDamage = DamagePolicy.SetAside)] ISupervisedState<LessonRecord> record,
    IGrainFactory grains,
    TimeProvider time) : Grain, ILessonGrain
{
    /// <inheritdoc/>
    public Task<Lesson?> Get() => Task.FromResult(record.Value.Lesson is { } lesson
        ? lesson with { Status = LessonStates.At(lesson.Status, lesson.Mute, lesson.FirstSeen, record.Value.Rate, time.GetUtcNow()) }
        : null);

    /// <inheritdoc/>
    public Task<LessonAnswer> Capture(ImmutableArray<CrashReport> crashes, ImmutableArray<string> ticketed, LessonMoment moment) =>
        Tell(record.Value.With(crashes, [.. ticketed], moment, time.GetUtcNow()), crashes.Select(crash => crash.Signature));

    /// <inheritdoc/>
    public Task<LessonAnswer> RecordOutcomes(ImmutableArray<RemediationOutcome> outcomes, LessonMoment moment) =>
        Tell(record.Value.With(outcomes, moment, LearningPolicy.Default), outcomes.Select(outcome => outcome.Signature));

    /// <inheritdoc/>
    public Task<LessonAnswer> Teach(string group, string signature, Resolution resolution, LessonMoment moment) =>
        Tell(
            record.Value.Splits.ContainsKey(signature)
                ? record.Value
                : record.Value.With(group, signature, resolution, moment, time.GetUtcNow(), LearningPolicy.Default),
            [signature]);

    /// <inheritdoc/>
    public Task<LessonAnswer> Edit(LessonEdit edit, LessonMoment moment) =>
        Tell(record.Value.With(edit, moment, time.GetUtcNow(), LearningPolicy.Default), []);

    /// <inheritdoc/>
    public async Task<LessonAnswer?> Import(ImportedLesson imported, string by, LessonMoment moment)
    {
        var next = record.Value.With(imported, by, moment, time.GetUtcNow(), LearningPolicy.Default);
        return ReferenceEquals(next, record.Value) ? null : await Tell(next, []);
    }

    /// <inheritdoc/>
    public async Task<ImmutableArray<LessonAuditEntry>> Audit(long? before, int limit)
    {
        var last = Math.Min(before ?? long.MaxValue, record.Value.AuditNumber + 1) - 1;
        var found = record.Value.Audit.Where(entry => entry.Number <= last).Reverse().Take(limit).ToList();
        var next = found.Count > 0 ? found[^1].Number - 1 : last;
        while (found.Count < limit && next > 0)
        {
            var page = await Page(record.Value, LessonAudit.PageOf(next)).Read();
            var older = page.Where(entry => entry.Number <= next).Reverse().Take(limit - found.Count).ToList();
            found.AddRange(older);
            next = older.Count > 0 ? older[^1].Number - 1 : 0;
        }

        return [.. found];
    }

    /// <inheritdoc/>
    public Task Listed() => record.WriteAsync(record.Value.Listed ? record.Value : record.Value with { Listed = true });

    /// <inheritdoc/>
    public Task Published(ImmutableArray<RemediationRule> rules) => record.WriteAsync(record.Value with { Published = rules });

    private async Task<LessonAnswer> Tell(LessonRecord next, IEnumerable<string> signatures)
    {
        var began = next.Evidence.Trial is not null && next.Evidence.Trial.Name != record.Value.Evidence.Trial?.Name;
        await record.WriteAsync(await Trimmed(next));
        var stored = record.Value;
        var wanted = LessonRules.For(stored);
        return new LessonAnswer
        {
            Unlisted = stored.Unlisted,
            Class = stored.Lesson?.Class ?? default,
            Register = [.. wanted.Where(rule => !stored.Published.Any(known => LessonRules.Same(known, rule)))],
            Remove = [.. stored.Published.Select(rule => rule.Id).Except(wanted.Select(rule => rule.Id))],
            Wanted = wanted,
            TrialBegan = began,
            Elsewhere = stored.Splits.IsEmpty ? stored.Splits : stored.Splits.Where(split => signatures.Contains(split.Key)).ToImmutableDictionary(),
        };
    }

    /// <summary>Older changes go to their pages before the record forgets them; whatever dies in between, they are in one of both.</summary>
    private async Task<LessonRecord> Trimmed(LessonRecord next)
    {
        var leaving = LessonAudit.Leaving(next.Audit);
        if (leaving.IsEmpty)
        {
            return next;
        }

        foreach (var page in leaving.GroupBy(entry => LessonAudit.PageOf(entry.Number)))
        {
            await Page(next, page.Key).Keep([.. page]);
        }

        return next with { Audit = next.Audit.RemoveRange(0, leaving.Length) };
    }

    private ILessonAuditPageGrain Page(LessonRecord owner, long number) =>
        grains.GetGrain<ILessonAuditPageGrain>(LessonAudit.Key(owner.Lesson!.Id, number));
}

using Prismatic.Lessons;
using Prismatic.Remediation;
using Xunit;

namespace Prismatic.Tests.Lessons;

public sealed class LessonEditingTests
{
    private readonly FakeLessons _fake = new();

    [Fact]
    public async Task An_edit_is_in_force_and_audited_with_who_when_and_what_stood_there_before()
    {
        await Crash(1);

        var edited = await _fake.Lessons.Edit(Edit(version: 1) with { RootCause = "Night. Password=abc;", Remediation = new CircuitBreak(), Note = "seen twice" });

        _fake.Restart();
        Assert.Equal(("Night. Password=***;", "ann", "seen twice", RuleOrigin.Person), (edited.RootCause, edited.AnsweredBy, edited.AnswerNote, edited.Origin));
        Assert.Equal(new CircuitBreak(), _fake.Registry.Rules.Single().Action);
        var entry = Assert.Single(await _fake.Lessons.Audit("g1", null, 10));
        Assert.Equal((1L, "ann", "edited", "seen twice", Crashes.Noon), (entry.Number, entry.By, entry.What, entry.Note, entry.At));
        Assert.Equal(("", "Night. Password=***;"), (entry.Before["RootCause"], entry.After["RootCause"]));
        Assert.StartsWith("CircuitBreak", entry.After["Remediation"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_two_edits_made_for_the_same_version_one_is_refused_with_the_version_to_look_at()
    {
        await Crash(1);
        await _fake.Lessons.Edit(Edit(version: 1) with { RootCause = "first" });

        var refusal = await Assert.ThrowsAsync<LessonConflictException>(() => _fake.Lessons.Edit(Edit(version: 1) with { RootCause = "second", By = "bob" }));

        Assert.Equal(("g1", 2L), (refusal.LessonId, refusal.Current));
        Assert.Equal("first", (await _fake.Lessons.Get("g1"))!.RootCause);
        Assert.Equal("second", (await _fake.Lessons.Edit(Edit(version: 2) with { RootCause = "second" })).RootCause);
    }

    [Fact]
    public async Task Crashes_and_outcomes_counted_since_do_not_stand_in_the_way_of_an_edit()
    {
        await Crash(1);
        await Crash(2);
        await _fake.Lessons.RecordOutcomes([Crashes.Outcome()]);

        Assert.Equal("late", (await _fake.Lessons.Edit(Edit(version: 1) with { RootCause = "late" })).RootCause);
    }

    [Fact]
    public async Task The_audit_keeps_every_change_in_order_however_many_there_are_and_whatever_dies()
    {
        await Crash(1);
        for (var i = 1; i <= 130; i++)
        {
            var version = (await _fake.Lessons.Get("g1"))!.Version;
            await _fake.Lessons.Edit(Edit(version) with { RootCause = $"cause {i}" });
            if (i % 7 == 0)
            {
                _fake.Restart();
            }
        }

        var all = new List<LessonAuditEntry>();
        while (await _fake.Lessons.Audit("g1", all.Count == 0 ? null : all[^1].Number, 30) is { Length: > 0 } page)
        {
            all.AddRange(page);
        }

        Assert.Equal(Enumerable.Range(1, 130).Reverse().Select(i => ((long)i, $"cause {i}")), all.Select(entry => (entry.Number, entry.After["RootCause"])));
    }

    [Fact]
    public async Task A_muted_lesson_is_contained_and_rings_again_when_its_crashes_are_used_up()
    {
        await Crash(1);
        var muted = await _fake.Lessons.Edit(Edit(version: 1) with { Status = LessonStatus.Muted, Mute = new LessonMute { Crashes = 1 } });

        Assert.Equal((LessonStatus.Muted, "contain-g1"), (muted.Status, _fake.Registry.Rules.Single().Id));
        await Crash(2);
        Assert.Equal(LessonStatus.Muted, (await _fake.Lessons.Get("g1"))!.Status);
        await Crash(3);
        Assert.Equal(LessonStatus.New, (await _fake.Lessons.Get("g1"))!.Status);
        Assert.Empty(_fake.Registry.Rules);
    }

    [Fact]
    public async Task A_resolved_lesson_that_returns_is_regressed()
    {
        await Crash(1);
        await _fake.Lessons.Edit(Edit(version: 1) with { Status = LessonStatus.Resolved });
        await Crash(2);

        var lesson = (await _fake.Lessons.Get("g1"))!;
        Assert.Equal((LessonStatus.Regressed, "1.0"), (lesson.Status, lesson.RegressedBuild));
    }

    [Fact]
    public async Task An_edit_that_cannot_be_made_is_refused_with_everything_that_is_wrong()
    {
        await Crash(1);
        var wrong = new LessonEdit
        {
            LessonId = "g1", Version = 1, By = " ", RootCause = " ", Remediation = new CircuitBreak { Duration = TimeSpan.Zero }, Status = LessonStatus.Regressed,
            Mute = new LessonMute { Crashes = 0, Until = Crashes.Noon }, InNextBuild = true,
        };

        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => _fake.Lessons.Edit(wrong));

        foreach (var part in new[] { "who makes it", "root cause", "duration", "Regressed comes by itself", "goes with the status Muted", "1 crash or more", "in the future", "next build" })
        {
            Assert.Contains(part, refusal.Message, StringComparison.Ordinal);
        }

        await Assert.ThrowsAsync<ArgumentException>(() => _fake.Lessons.Edit(Edit(version: 1)));
        await Assert.ThrowsAsync<ArgumentException>(() => _fake.Lessons.Edit(Edit(version: 1) with { LessonId = "nobody", RootCause = "x" }));
        Assert.Empty(await _fake.Lessons.Audit("g1", null, 10));
    }

    private static LessonEdit Edit(long version) => new() { LessonId = "g1", Version = version, By = "ann" };

    private Task Crash(long sequence) => _fake.Lessons.Capture([Crashes.Report(sequence)], []);
}

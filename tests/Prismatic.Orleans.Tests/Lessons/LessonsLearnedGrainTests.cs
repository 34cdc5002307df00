using System.Globalization;
using Prismatic.Lessons;
using Prismatic.Remediation;
using Xunit;

namespace Prismatic.Tests.Lessons;

public sealed class LessonsLearnedGrainTests
{
    private static readonly Resolution Answer = new() { Remediation = new CircuitBreak(), RootCause = "Password=abc; was wrong" };

    private readonly FakeLessons _fake = new();

    [Theory]
    [InlineData("lesson")]
    [InlineData("lessons-page")]
    [InlineData("lessons-totals")]
    public async Task A_batch_told_again_after_a_failed_write_counts_once(string failing)
    {
        _fake.FailWritesOf(failing);
        await Assert.ThrowsAsync<IOException>(() => Capture(1, 2, 3));
        Assert.Equal(0, (await _fake.Lessons.GetStatistics()).TotalCrashes);

        _fake.Storage.Writing = _ => { };
        await Capture(1, 2, 3);

        await CountsAre(lessons: 1, crashes: 3);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task A_batch_told_again_after_the_silo_died_at_any_write_counts_once(int dies)
    {
        var writes = 0;
        _fake.Storage.Writing = _ =>
        {
            if (++writes >= dies)
            {
                throw new IOException("The silo is gone.");
            }
        };
        await Record.ExceptionAsync(() => Capture(1, 2, 3));

        _fake.Restart();
        await Capture(1, 2, 3);
        await Capture(1, 2, 3);

        await CountsAre(lessons: 1, crashes: 3);
        Assert.Equal(3, (await _fake.Lessons.Get("g1"))!.Crashes);
    }

    [Fact]
    public async Task A_listing_that_was_cut_short_is_completed_by_the_next_crash_even_when_its_page_has_filled()
    {
        _fake.FailWritesOf("lessons-totals");
        await Assert.ThrowsAsync<IOException>(() => Capture(1));
        _fake.Restart();
        await _fake.Lessons.Capture([.. Enumerable.Range(0, 250).Select(i => Crashes.Report(100 + i, group: $"other-{i}"))], []);

        await Capture(1);

        await CountsAre(lessons: 251, crashes: 251);
        Assert.Equal(251, (await _fake.ListAll()).DistinctBy(lesson => lesson.Id).Count());
    }

    [Fact]
    public async Task Reports_of_one_silo_that_arrive_out_of_order_all_count()
    {
        await Capture(2, 4, 6);
        await Capture(1, 3, 5);

        await CountsAre(lessons: 1, crashes: 6);
    }

    [Fact]
    public async Task The_newest_lesson_comes_first_and_each_comes_once_across_pages_and_cursors()
    {
        for (var i = 0; i < 450; i += 50)
        {
            await _fake.Lessons.Capture([.. Enumerable.Range(i, 50).Select(n => Crashes.Report(n + 1, group: Name(n)))], []);
        }

        var all = await _fake.ListAll(limit: 37);

        Assert.Equal(Enumerable.Range(0, 450).Reverse().Select(Name), all.Select(lesson => lesson.Id));
        await CountsAre(lessons: 450, crashes: 450);

        static string Name(int n) => n.ToString("0000", CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task A_filter_is_asked_of_every_lesson()
    {
        await _fake.Lessons.Capture(
            [Crashes.Report(1, group: "a", facts: Crashes.Facts(message: "Disk torn")), Crashes.Report(2, group: "b") with { Class = FailureClass.StateCorruption }], []);

        Assert.Equal(["a"], (await _fake.ListAll(text: "disk TORN")).Select(lesson => lesson.Id));
        Assert.Equal(["b"], (await _fake.Lessons.List(new LessonQuery { Class = FailureClass.StateCorruption })).Items.Select(lesson => lesson.Id));
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(501, null)]
    [InlineData(1, "x")]
    [InlineData(1, "0.200")]
    [InlineData(1, "1.0")]
    [InlineData(1, "-1.0")]
    public async Task A_limit_outside_1_to_500_or_a_cursor_of_nobody_is_refused(int limit, string? cursor)
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(() => _fake.Lessons.List(new LessonQuery { Limit = limit, Cursor = cursor }));
    }

    [Fact]
    public async Task A_crash_of_a_known_group_writes_two_records_however_many_lessons_there_are()
    {
        await _fake.Lessons.Capture([.. Enumerable.Range(1, 450).Select(i => Crashes.Report(i, group: $"g{i}"))], []);
        _fake.Storage.Writes.Clear();

        await _fake.Lessons.Capture([Crashes.Report(1000, group: "g7")], []);

        Assert.Equal(["lesson", "lessons-totals"], _fake.Storage.Writes);
    }

    [Theory]
    [InlineData("lesson")]
    [InlineData("lessons-totals")]
    public async Task Outcomes_told_again_after_a_failed_write_count_once(string failing)
    {
        await Capture(1);
        _fake.FailWritesOf(failing);
        await Assert.ThrowsAsync<IOException>(() => _fake.Lessons.RecordOutcomes([Crashes.Outcome()]));

        _fake.Restart();
        await _fake.Lessons.RecordOutcomes([Crashes.Outcome()]);
        await _fake.Lessons.RecordOutcomes([Crashes.Outcome()]);

        Assert.Equal(1, (await _fake.Lessons.Get("g1"))!.Outcomes["RestartWithBackoff"].Healed);
        Assert.Equal(1, (await _fake.Lessons.GetStatistics()).AutoRemediatedRate);
    }

    [Fact]
    public async Task An_answer_is_a_lesson_and_a_rule_when_teach_returns()
    {
        await Capture(1);

        var lesson = await _fake.Lessons.Teach("g1", "s1", Answer);

        _fake.Restart();
        Assert.Equal(("Password=***; was wrong", RuleOrigin.Person), (lesson.RootCause, lesson.Origin));
        Assert.IsType<CircuitBreak>((await _fake.Lessons.Get("g1"))!.Remediation);
        Assert.Equal([("g1", "g1"), ("s1", "g1")], _fake.Registry.Rules.Select(rule => (rule.Pattern.Signature, rule.Lesson)));
    }

    [Fact]
    public async Task When_the_registry_refuses_teach_fails_and_trying_again_completes_it()
    {
        _fake.Registry.Refusal = new IOException("The registry is away.");
        await Assert.ThrowsAsync<IOException>(() => _fake.Lessons.Teach("g1", "s1", Answer));

        _fake.Registry.Refusal = null;
        var lesson = await _fake.Lessons.Teach("g1", "s1", Answer);

        Assert.Equal(1, lesson.Version);
        Assert.Single(_fake.Registry.Rules);
        await CountsAre(lessons: 1, crashes: 0);
        Assert.Single(await _fake.Lessons.Audit("g1", null, 10));
    }

    [Fact]
    public async Task An_answer_that_cannot_be_a_lesson_is_refused_with_everything_that_is_wrong()
    {
        var wrong = new Resolution { RootCause = " ", Remediation = new CircuitBreak { Duration = TimeSpan.Zero } };

        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => _fake.Lessons.Teach("", "", wrong));

        Assert.Contains("group", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("signature", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("root cause", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("duration", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(_fake.Storage.Writes);
    }

    [Fact]
    public async Task Totals_that_were_set_aside_find_the_index_again()
    {
        await _fake.Lessons.Capture([.. Enumerable.Range(1, 230).Select(i => Crashes.Report(i, group: $"g{i}"))], []);
        _fake.Storage.Write("lessons-totals", ILessonsLearnedGrain.Key, null);
        _fake.Restart();

        Assert.Equal(230, (await _fake.ListAll()).Count);
        await CountsAre(lessons: 230, crashes: 0);
    }

    [Fact]
    public async Task Two_signatures_of_the_same_failure_are_one_lesson_whatever_the_silos_thought()
    {
        var other = Crashes.Report(2) with { Signature = "s2", Group = "a-silo-thought-otherwise" };
        await _fake.Lessons.Capture([Crashes.Report(1), other], []);
        await _fake.Lessons.RecordOutcomes([Crashes.Outcome("x", group: "a-silo-thought-otherwise") with { Signature = "s2" }]);
        var lesson = await _fake.Lessons.Teach("a-silo-thought-otherwise", "s2", Answer);

        _fake.Restart();
        Assert.Equal(("g1", 2, 1), (lesson.Id, lesson.Crashes, lesson.Outcomes["RestartWithBackoff"].Healed));
        Assert.Equal(["lesson-g1", "lesson-s2"], _fake.Registry.Rules.Select(rule => rule.Id));
        await CountsAre(lessons: 1, crashes: 2);
    }

    [Fact]
    public async Task What_helps_becomes_a_rule_of_every_signature_of_its_group_and_goes_when_it_stops_helping()
    {
        var unknown = Crashes.Report(1) with { Action = new Escalate(), Rule = "unknown" };
        await _fake.Lessons.Capture([unknown, unknown with { Sequence = 2, Signature = "s2" }], []);
        await Outcomes("abcd", Outcome.Healed);

        Assert.Equal(["lesson-g1", "lesson-s2"], _fake.Registry.Rules.Select(rule => rule.Id));
        Assert.All(_fake.Registry.Rules, rule => Assert.Equal((RuleOrigin.Learned, "g1"), (rule.Origin, rule.Lesson)));

        await Outcomes("efg", Outcome.Failed);
        Assert.DoesNotContain(_fake.Registry.Rules, rule => rule.Action is RestartWithBackoff);

        Task Outcomes(string crashes, Outcome outcome) =>
            _fake.Lessons.RecordOutcomes([.. crashes.Select(crash => Crashes.Outcome($"{crash}", outcome: outcome, action: outcome == Outcome.Healed ? new Escalate() : null))]);
    }

    [Fact]
    public async Task A_registry_that_is_away_costs_no_count_and_the_next_crash_tries_again()
    {
        await _fake.Lessons.Capture([Crashes.Report(1) with { Action = new Escalate(), Rule = "unknown" }], []);
        _fake.Registry.Refusal = new IOException("The registry is away.");
        await _fake.Lessons.RecordOutcomes([.. "abcd".Select(crash => Crashes.Outcome($"{crash}", action: new Escalate()))]);
        Assert.Empty(_fake.Registry.Rules);

        _fake.Registry.Refusal = null;
        _fake.Restart();
        await _fake.Lessons.Capture([Crashes.Report(2) with { Action = new Escalate(), Rule = "unknown" }], []);

        Assert.Single(_fake.Registry.Rules);
        Assert.Equal(4, (await _fake.Lessons.Get("g1"))!.Outcomes["Escalate"].Healed);
    }

    [Fact]
    public async Task A_member_that_answers_differently_is_a_lesson_of_its_own_from_then_on_and_every_crash_counts_once()
    {
        await _fake.Lessons.Capture([Crashes.Report(1), Crashes.Report(2) with { Signature = "stranger-1" }], []);
        for (var i = 0; i < 6; i++)
        {
            await _fake.Lessons.RecordOutcomes([Crashes.Outcome($"h{i}"), Crashes.Outcome($"f{i}", outcome: Outcome.Failed) with { Signature = "stranger-1" }]);
        }

        await _fake.Lessons.Capture([Crashes.Report(3), Crashes.Report(4) with { Signature = "stranger-1" }], []);
        await _fake.Lessons.Capture([Crashes.Report(3), Crashes.Report(4) with { Signature = "stranger-1" }], []);
        await _fake.Lessons.Teach("g1", "g1", Answer);

        _fake.Restart();
        var all = await _fake.ListAll();
        Assert.Equal(2, all.Count);
        var split = all.Single(lesson => lesson.SplitFrom == "g1");
        Assert.Equal((1, 3), (split.Crashes, all.Single(lesson => lesson.Id == "g1").Crashes));
        Assert.IsType<CircuitBreak>(split.Remediation);
        Assert.NotEqual(nameof(CircuitBreak), all.Single(lesson => lesson.Id == "g1").Remediation?.Name);
        await CountsAre(lessons: 2, crashes: 4);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(199)]
    [InlineData(200)]
    [InlineData(201)]
    [InlineData(1_000_000)]
    public async Task The_end_of_the_index_is_found_by_reading_few_of_its_pages(int lessons)
    {
        var read = 0;
        var end = await LessonPages.FindEnd(page =>
        {
            read++;
            return Task.FromResult((int)Math.Clamp(lessons - (page * LessonPages.Size), 0, LessonPages.Size));
        });

        Assert.Equal((lessons / LessonPages.Size, lessons % LessonPages.Size), end);
        Assert.True(read <= 30, $"{read} pages were read.");
    }

    private Task Capture(params long[] sequences) => _fake.Lessons.Capture([.. sequences.Select(sequence => Crashes.Report(sequence))], []);

    private async Task CountsAre(long lessons, long crashes)
    {
        _fake.Restart();
        var figures = await _fake.Lessons.GetStatistics();
        Assert.Equal((lessons, crashes), (figures.TotalLessons, figures.TotalCrashes));
    }
}

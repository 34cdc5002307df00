using Prismatic.Mailbox;
using Xunit;

namespace Prismatic.Tests.Mailbox;

public sealed class DeadLettersRecordTests
{
    private static readonly DateTimeOffset Noon = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private static DeadLetter Letter(string id, int minute = 0, long count = 1) => new()
    {
        Id = id,
        Child = "app/work/one",
        Method = "IOne.Do",
        Failure = "boom",
        CorrelationId = "c",
        Count = count,
        FirstSeen = Noon.AddMinutes(minute),
        LastSeen = Noon.AddMinutes(minute),
    };

    [Fact]
    public void The_same_request_joins_its_letter_and_keeps_when_it_was_seen_first()
    {
        var (first, _) = new DeadLettersRecord().With("silo", 1, [Letter("a"), Letter("b")]);
        var (second, left) = first.With("silo", 2, [Letter("a", minute: 5, count: 3)]);

        Assert.Empty(left);
        Assert.Equal(["b", "a"], second.Letters.Select(letter => letter.Id));
        Assert.Equal((4, Noon, Noon.AddMinutes(5)), (second.Letters[1].Count, second.Letters[1].FirstSeen, second.Letters[1].LastSeen));
    }

    [Fact]
    public void A_batch_that_is_told_again_changes_nothing()
    {
        var (record, _) = new DeadLettersRecord().With("silo", 7, [Letter("a")]);

        Assert.Same(record, record.With("silo", 7, [Letter("a")]).Record);
        Assert.Equal(2, record.With("other silo", 7, [Letter("a")]).Record.Letters[0].Count);
    }

    [Fact]
    public void The_hundredth_and_first_letter_drops_the_one_seen_least_lately_and_counts_it()
    {
        var (full, none) = new DeadLettersRecord().With("silo", 1, Enumerable.Range(0, 100).Select(i => Letter($"{i}")));
        Assert.Equal((100, 0, 0), (full.Letters.Length, none.Length, full.Dropped));

        var (next, left) = full.With("silo", 2, [Letter("new")]);

        Assert.Equal(("0", 1, 100), (Assert.Single(left).Id, next.Dropped, next.Letters.Length));
    }

    [Fact]
    public void A_letter_whose_replay_was_served_cannot_be_replayed_again_and_one_whose_replay_failed_can()
    {
        var (record, _) = new DeadLettersRecord().With("silo", 1, [Letter("a"), Letter("b")]);

        var after = record.With("a", new DeadLetterReplay(Noon, "eva", null)).With("b", new DeadLetterReplay(Noon, "eva", "boom"));

        Assert.NotNull(after.Letters[0].NotReplayable);
        Assert.Null(after.Letters[1].NotReplayable);
    }
}

public sealed class KeptRequestTests
{
    private static readonly (object? Argument, string? Refusal)[] Table =
    [
        ("Acme s.r.o.", null),
        (7, null),
        (null, null),
        (new Place("Brno"), null),
        (new[] { "a", "b" }, null),
        (new Dictionary<string, string> { ["city"] = "Brno" }, null),
        ("Server=db;Password=hunter2;", "'text' holds what looks like a secret"),
        ("write to eva@example.com", "'text' holds what looks like a secret"),
        (new Place("Brno", "k"), "'ApiKey' bears the name of a secret"),
        (new Dictionary<string, string> { ["password"] = "x" }, "'password' bears the name of a secret"),
        (new List<object> { new Place("Brno", "k") }, "'ApiKey' bears the name of a secret"),
        (new byte[] { 1, 2 }, "cannot be looked through"),
        (new System.Text.StringBuilder("x"), "cannot be looked through"),
        (Enumerable.Range(0, 20_000).ToList(), "too large to be looked through"),
    ];

    [Fact]
    public void A_request_is_kept_only_when_all_of_it_can_be_seen_and_nothing_looks_like_a_secret()
    {
        foreach (var (argument, refusal) in Table)
        {
            var found = KeptRequest.Refusal("text", argument);
            Assert.True(refusal is null ? found is null : found?.Contains(refusal, StringComparison.Ordinal) == true, $"{argument}: {found}");
        }
    }

    private sealed record Place(string City, string? ApiKey = null);
}

using Prismatic.Lessons;
using Prismatic.Storage;
using Xunit;

namespace Prismatic.Tests.Lessons;

public sealed class StateSnapshotTests
{
    [Fact]
    public void Only_members_that_carry_the_attribute_are_shown_of_the_grain_and_of_its_state()
    {
        var state = new MemoryState<Cases>(new Storage(), "cases", "1") { Value = { Open = 3, Hidden = "no" } };

        var shown = StateSnapshot.Of(new CaseGrain(state));

        Assert.Equal(
            new Dictionary<string, string>
            {
                ["Phase"] = "Loading",
                ["_attempts"] = "2",
                ["Names"] = "2 items",
                ["ApiToken"] = "***",
                ["Note"] = "for [email]",
                ["Broken"] = CrashCapture.Unreadable,
                ["Long"] = new string('x', 199) + "…",
                ["Nothing"] = "(null)",
                ["Cases.Open"] = "3",
            },
            shown.ToDictionary());
    }

    [Fact]
    public void A_grain_without_the_attribute_shows_nothing() => Assert.Empty(StateSnapshot.Of("text"));

    [Fact]
    public void At_most_20_members_are_shown() => Assert.Equal(20, StateSnapshot.Of(new Many()).Count);

    private sealed class CaseGrain(ISupervisedState<Cases> cases)
    {
        [ShownInCrashes] private readonly int _attempts = 2;

        [ShownInCrashes] public string Phase { get; } = "Loading";

        [ShownInCrashes] public string[] Names { get; } = ["a", "b"];

        [ShownInCrashes] public string ApiToken { get; } = "abc";

        [ShownInCrashes] public string Note { get; } = "for jan@example.com";

        [ShownInCrashes] public int Broken => cases.Value.Open > 0 ? throw new InvalidOperationException("no") : 0;

        [ShownInCrashes] public string Long { get; } = new('x', 500);

        [ShownInCrashes] public string? Nothing { get; }

        public int NotShown => cases.Value.Open + _attempts;
    }

    private sealed class Cases
    {
        [ShownInCrashes] public int Open { get; set; }

        public string Hidden { get; set; } = "";
    }

    private sealed class Many
    {
        [ShownInCrashes]
        public readonly int A = 1, B = 1, C = 1, D = 1, E = 1, F = 1, G = 1, H = 1, I = 1, J = 1, K = 1, L = 1, M = 1, N = 1, O = 1, P = 1, Q = 1, R = 1, S = 1, T = 1, U = 1;
    }
}

using Orleans.Runtime;
using Prismatic.Control;
using Xunit;

namespace Prismatic.Tests.Control;

public sealed class ControlTokenTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(number => (byte)number)];
    private static readonly byte[] OtherKey = [.. Enumerable.Range(1, 32).Select(number => (byte)number)];
    private static readonly GrainId Grain = GrainId.Create("supervisor", "prismatic/osint");
    private static readonly DateTimeOffset Expires = new(2026, 3, 21, 12, 0, 30, TimeSpan.Zero);
    private static readonly string Token = ControlToken.Create(Key, "ISupervisorGrain.StopChild", Grain, Expires);

    [Theory]
    [InlineData(-30, true)]
    [InlineData(0, true)]
    [InlineData(1, false)]
    [InlineData(86_400, false)]
    public void A_token_is_good_until_it_expires(int secondsAfter, bool good) =>
        Assert.Equal(good, ControlToken.Verify(Key, Token, "ISupervisorGrain.StopChild", Grain, Expires.AddSeconds(secondsAfter)));

    [Fact]
    public void A_token_is_good_for_its_key_method_and_grain_only()
    {
        Assert.False(ControlToken.Verify(OtherKey, Token, "ISupervisorGrain.StopChild", Grain, Expires));
        Assert.False(ControlToken.Verify(Key, Token, "ISupervisorGrain.StartChild", Grain, Expires));
        Assert.False(ControlToken.Verify(Key, Token, "ISupervisorGrain.StopChild", GrainId.Create("supervisor", "prismatic/dd"), Expires));
        Assert.False(ControlToken.Verify(Key, Token, "ISupervisorGrain.StopChild", GrainId.Create("other", "prismatic/osint"), Expires));
    }

    [Fact]
    public void A_later_expiry_written_into_a_token_breaks_it()
    {
        var forged = $"{Expires.AddHours(1).ToUnixTimeSeconds()}{Token[Token.IndexOf('.', StringComparison.Ordinal)..]}";

        Assert.False(ControlToken.Verify(Key, forged, "ISupervisorGrain.StopChild", Grain, Expires));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("1774094430")]
    [InlineData("1774094430.")]
    [InlineData("-1.abc")]
    [InlineData("99999999999999999999999.abc")]
    [InlineData("later.abc")]
    public void What_is_not_a_token_is_refused(string? token) =>
        Assert.False(ControlToken.Verify(Key, token, "ISupervisorGrain.StopChild", Grain, Expires));

    [Fact]
    public void Every_changed_letter_breaks_a_token()
    {
        for (var place = 0; place < Token.Length; place++)
        {
            var changed = Token.ToCharArray();
            changed[place] = changed[place] == '7' ? '8' : '7';
            Assert.False(ControlToken.Verify(Key, new string(changed), "ISupervisorGrain.StopChild", Grain, Expires), $"letter {place}");
        }
    }

    [Fact]
    public void Text_moved_from_the_method_to_the_grain_makes_another_signature() =>
        Assert.False(ControlToken.Verify(
            Key,
            ControlToken.Create(Key, "IA.B|1", GrainId.Create("t", "k"), Expires),
            "IA.B",
            GrainId.Create("1|t", "k"),
            Expires));
}

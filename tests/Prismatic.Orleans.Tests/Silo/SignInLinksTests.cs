using System.Buffers.Text;
using Microsoft.Extensions.Time.Testing;
using Prismatic.Silo;
using Xunit;

namespace Prismatic.Tests.Silo;

public sealed class SignInLinksTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly SignInLinks _links;

    public SignInLinksTests() => _links = new SignInLinks(_time);

    [Fact]
    public void A_token_has_256_bits_and_none_is_like_another()
    {
        var token = _links.Issue();

        Assert.Equal(32, Base64Url.DecodeFromChars(token).Length);
        Assert.NotEqual(token, _links.Issue());
    }

    [Fact]
    public void A_token_is_valid_once()
    {
        var token = _links.Issue();

        Assert.True(_links.TryUse(token));
        Assert.False(_links.TryUse(token));
    }

    [Theory]
    [InlineData(-1, true)]
    [InlineData(0, false)]
    public void A_token_expires_after_thirty_minutes(int ticksMore, bool valid)
    {
        var token = _links.Issue();
        _time.Advance(TimeSpan.FromMinutes(30) + TimeSpan.FromTicks(ticksMore));

        Assert.Equal(valid, _links.TryUse(token));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("wrong")]
    public void A_wrong_token_is_refused_and_uses_nothing_up(string? wrong)
    {
        var token = _links.Issue();

        Assert.False(_links.TryUse(wrong));
        Assert.True(_links.TryUse(token));
    }

    [Fact]
    public void Before_any_link_was_issued_no_token_is_valid() => Assert.False(_links.TryUse(""));

    [Fact]
    public void Another_link_is_issued_only_when_none_is_valid()
    {
        var token = _links.Issue();
        Assert.Null(_links.IssueIfNoneIsValid());

        _links.TryUse(token);
        Assert.NotNull(_links.IssueIfNoneIsValid());
        _time.Advance(SignInLinks.Lifetime);
        Assert.NotNull(_links.IssueIfNoneIsValid());
    }
}

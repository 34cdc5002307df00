using System.Globalization;
using Prismatic.Domains.Osint;
using Xunit;

namespace Prismatic.Tests.Domains;

public sealed class OsintRulesTests
{
    [Fact]
    public void A_bucket_refuses_the_call_beyond_its_burst_and_says_when_the_next_token_comes()
    {
        var bucket = new TokenBucket(perMinute: 60, burst: 2, TimeSpan.Zero);
        Assert.True(bucket.TryTake(TimeSpan.Zero, out _));
        Assert.True(bucket.TryTake(TimeSpan.Zero, out _));
        Assert.False(bucket.TryTake(TimeSpan.FromSeconds(0.5), out var wait));
        Assert.Equal(0.5, wait.TotalSeconds, 3);
        Assert.True(bucket.TryTake(TimeSpan.FromSeconds(1), out _));
        Assert.Equal(2, bucket.Left(TimeSpan.FromHours(1)));
    }

    [Fact]
    public void Agreement_raises_confidence_and_contradiction_shows_as_aleatoric_doubt()
    {
        var one = ConfidenceRules.Assess([Claim("a", "X", 0.8)]);
        Assert.Equal((0.8, 0.2, 0.0), (Math.Round(one.Score, 9), Math.Round(one.Epistemic, 9), one.Aleatoric));
        Assert.Equal(one.Score, ConfidenceRules.Assess([Claim("a", "X", 0.8), Claim("a", "x", 0.5)]).Score);
        Assert.Equal(0.96, ConfidenceRules.Assess([Claim("a", "X", 0.8), Claim("b", "X", 0.8)]).Score, 9);
        Assert.Equal(0.5, ConfidenceRules.Assess([Claim("a", "X", 0.8), Claim("b", "Y", 0.8)]).Aleatoric, 9);
    }

    [Theory]
    [InlineData("acme-trading.com", "acme-trading.com", null)]
    [InlineData("shop.acme-trading.com", "acme-trading.com", null)]
    [InlineData("acne-trading.com", "acme-trading.com", "edit-distance")]
    [InlineData("acrne-trading.com", "acme-trading.com", "homoglyph")]
    [InlineData("аcme-trading.com", "acme-trading.com", "homoglyph")]
    [InlineData("acme-trading.net", "acme-trading.com", "contains")]
    [InlineData("login-acme-trading-pay.org", "acme-trading.com", "contains")]
    [InlineData("zebra.org", "acme-trading.com", null)]
    public void A_name_is_a_look_alike_for_a_reason(string name, string brand, string? reason) =>
        Assert.Equal(reason, LookAlikes.Judge(name, brand)?.Reason);

    [Fact]
    public void A_name_in_punycode_is_judged_by_what_a_reader_sees() =>
        Assert.Equal("homoglyph", LookAlikes.Judge(new IdnMapping().GetAscii("аcme-trading.com"), "acme-trading.com")?.Reason);

    [Theory]
    [InlineData(AdapterKind.HttpJson, "http://127.0.0.1:80", true)]
    [InlineData(AdapterKind.HttpJson, "ftp://127.0.0.1", false)]
    [InlineData(AdapterKind.TlsCertificate, "127.0.0.1:443", true)]
    [InlineData(AdapterKind.TlsCertificate, "127.0.0.1:65536", false)]
    [InlineData(AdapterKind.Dns, "127.0.0.1:53", true)]
    [InlineData(AdapterKind.Dns, "ns.invalid:53", false)]
    [InlineData(AdapterKind.ListFile, "ofac/sdn.csv", true)]
    [InlineData(AdapterKind.ListFile, "/etc/passwd", false)]
    public void An_address_fits_its_kind(AdapterKind kind, string address, bool fits) => Assert.Equal(fits, AdapterRules.IsAddress(kind, address));

    private static SourceClaim Claim(string source, string value, double confidence) => new() { Source = source, Value = value, Confidence = confidence };
}

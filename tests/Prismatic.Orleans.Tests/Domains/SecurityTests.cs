using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Prismatic.Domains.Security;
using Xunit;

namespace Prismatic.Tests.Domains;

public sealed class SecurityTests(DomainsCluster cluster) : IClassFixture<DomainsCluster>
{
    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("10.1.2.3", true)]
    [InlineData("172.16.0.1", true)]
    [InlineData("172.32.0.1", false)]
    [InlineData("192.168.1.1", true)]
    [InlineData("169.254.169.254", false)]
    [InlineData("8.8.8.8", false)]
    [InlineData("[::1]", true)]
    [InlineData("::ffff:8.8.8.8", false)]
    [InlineData("localhost", true)]
    [InlineData("example.com", false)]
    [InlineData("allowed.example", true)]
    public void Only_loopback_private_and_named_targets_are_touched(string host, bool allowed) =>
        Assert.Equal(allowed, TargetRules.IsAllowed(host, new HashSet<string> { "allowed.example" }));

    [Fact]
    public async Task A_web_answer_is_judged_by_its_headers_and_a_public_target_is_refused()
    {
        var scanner = cluster.Worker<IPerimeterScannerGrain>(IPerimeterScannerGrain.Key);
        var address = await cluster.Serve(context =>
        {
            context.Response.Headers.ContentSecurityPolicy = "default-src 'self'; frame-ancestors 'none'";
            context.Response.Headers.SetCookie = "sid=1; HttpOnly";
            return context.Response.WriteAsync("hello");
        });
        var report = await scanner.InspectHttp(new Uri(address));
        Assert.Equal(["plain-http", "nosniff-missing", "cookie-not-secure:sid", "cookie-no-samesite:sid"], report.Findings.Select(finding => finding.Id));
        DomainsCluster.AssertNames("u", await Assert.ThrowsAsync<ArgumentException>(() => scanner.InspectHttp(new Uri("http://example.com"))));
        await Assert.ThrowsAsync<InvalidOperationException>(() => scanner.InspectMail("example.com"));
    }

    [Fact]
    public async Task A_handshake_shows_names_and_days_left_of_a_certificate_that_nobody_trusts()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=acme.test", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("acme.test");
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var bare = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(5));
        using var certificate = X509CertificateLoader.LoadPkcs12(bare.Export(X509ContentType.Pkcs12), null);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = Serve();
        var report = await cluster.Worker<IPerimeterScannerGrain>(IPerimeterScannerGrain.Key)
            .InspectTls(new HostPort { Host = "127.0.0.1", Port = ((IPEndPoint)listener.LocalEndpoint).Port });
        await serving;
        Assert.Equal(["acme.test"], report.Names);
        Assert.Equal(4, report.DaysLeft);
        Assert.Contains("chain-untrusted", report.Findings.Select(finding => finding.Id));
        Assert.Contains("expires-soon", report.Findings.Select(finding => finding.Id));

        async Task Serve()
        {
            using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
            await using var tls = new SslStream(client.GetStream());
            await tls.AuthenticateAsServerAsync(certificate);
            _ = await tls.ReadAsync(new byte[1], TestContext.Current.CancellationToken);
        }
    }

    [Theory]
    [InlineData("v=spf1 -all", "v=DMARC1; p=reject", "")]
    [InlineData("", "", "spf-missing,dmarc-missing")]
    [InlineData("v=spf1 +all", "v=DMARC1; p=none", "spf-allows-all,dmarc-none")]
    [InlineData("v=spf1 a mx include:a include:b include:c include:d include:e include:f include:g include:h -all", "v=DMARC1; p=reject", "")]
    [InlineData("v=spf1 a mx ptr include:a include:b include:c include:d include:e include:f include:g include:h -all", "v=DMARC1; p=reject", "spf-too-many-lookups")]
    public void Mail_records_are_judged_and_the_eleventh_lookup_is_one_too_many(string spf, string dmarc, string expected) =>
        Assert.Equal(expected, string.Join(',', PostureRules.Mail(spf, dmarc, receivesMail: true, hasCaa: true).Select(finding => finding.Id)));

    [Theory]
    [InlineData(FeedFormat.Text, "# list\n203.0.113.7\nbad.example # c\nhttp://x.example/a\n0123456789abcdef0123456789abcdef\nnonsense\n", 4, 1)]
    [InlineData(FeedFormat.Csv, "kind,value,confidence\nip,203.0.113.7,0.9\ndomain,bad.example,1.1\nwhat,x,0.5\n", 1, 2)]
    [InlineData(FeedFormat.Stix, """{"type":"bundle","objects":[{"type":"identity"},{"type":"indicator","pattern":"[ipv4-addr:value = '203.0.113.7']","valid_from":"2020-01-01T00:00:00Z"},{"type":"indicator","pattern":"[a:b = 'c' AND d:e = 'f']","valid_from":"2020-01-01T00:00:00Z"}]}""", 1, 1)]
    public void A_feeds_bad_rows_are_counted_not_fatal(FeedFormat format, string content, int good, int bad)
    {
        var parsed = ThreatRules.Parse(format, content, DateTimeOffset.UnixEpoch);
        Assert.Equal((good, bad), (parsed.Good.Count, parsed.Bad));
    }

    [Fact]
    public async Task A_verdict_adds_up_over_feeds_and_feedback_moves_their_reliability_across_a_restart()
    {
        var analyzer = cluster.Worker<IThreatAnalyzerGrain>(IThreatAnalyzerGrain.Key);
        await analyzer.Ingest("feed-a", FeedFormat.Csv, "ip,203.0.113.9,0.5");
        await analyzer.Ingest("feed-b", FeedFormat.Csv, "ip,203.0.113.9,0.5");
        var observable = new Observable { Kind = ObservableKind.Ip, Value = "203.0.113.9" };
        Assert.Equal(1 - 0.6 * 0.6, (await analyzer.Lookup(observable)).Score, 3);
        await analyzer.Feedback(observable, truePositive: false);
        await DomainsCluster.Restart(analyzer);
        Assert.Equal(0.72, (await analyzer.Lookup(observable)).Evidence[0].Reliability, 6);
        Assert.Equal(0, (await analyzer.Lookup(observable with { Value = "203.0.113.10" })).Score);
        DomainsCluster.AssertNames("content", await Assert.ThrowsAsync<ArgumentException>(() => analyzer.Ingest("feed-c", FeedFormat.Stix, "{}")));
    }

    [Theory]
    [InlineData(0.8, "compliant")]
    [InlineData(0.79, "partial")]
    [InlineData(0.5, "partial")]
    [InlineData(0.49, "non-compliant")]
    public void A_status_follows_from_the_score(double score, string status) => Assert.Equal(status, ComplianceRules.Status(score));

    [Fact]
    public async Task Evidence_counts_until_it_expires_and_an_unknown_control_is_refused()
    {
        var checker = cluster.Worker<IComplianceCheckerGrain>(IComplianceCheckerGrain.Key);
        var now = TimeProvider.System.GetUtcNow();
        var evidence = new Evidence { Id = "e1", Control = "A.8.24", Date = now.AddDays(-2), Expires = now.AddDays(1), SourceHash = new string('a', 64) };
        await checker.AddEvidence("acme", evidence);
        await checker.AddEvidence("acme", evidence with { Id = "e2", Control = "A.6.3", Expires = now.AddDays(-1) });
        var report = await checker.Assess("acme", Framework.Nis2);
        Assert.Equal(10, report.Measures.Length);
        Assert.Equal(("compliant", 0.1), (report.Measures.Single(measure => measure.Letter == "h").Status, Math.Round(report.Score, 9)));
        Assert.Equal("expired", (await checker.Gaps("acme")).Single(gap => gap.Control == "A.6.3").Reason);
        DomainsCluster.AssertNames("e", await Assert.ThrowsAsync<ArgumentException>(() => checker.AddEvidence("acme", evidence with { Control = "A.99" })));
        var aware = new DateTimeOffset(2026, 1, 28, 0, 0, 0, TimeSpan.Zero);
        Assert.Equal(new DateTimeOffset(2026, 2, 28, 0, 0, 0, TimeSpan.Zero), (await checker.OpenIncident(new IncidentInfo { Organisation = "acme", AwareAt = aware })).FinalReportBy);
    }
}

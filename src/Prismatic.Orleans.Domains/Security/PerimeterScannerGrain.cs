using System.Net;
using DnsClient;
using Microsoft.Extensions.Options;
using Prismatic.Breakers;
using Prismatic.Domains.Osint.Adapters;

namespace Prismatic.Domains.Security;

internal sealed class PerimeterScannerGrain(
    SourceFetcher fetcher,
    ICircuitBreakers breakers,
    IOptions<DomainOptions> options,
    TimeProvider time) : Grain, IPerimeterScannerGrain
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    public async Task<TlsReport> InspectTls(HostPort h)
    {
        Demand.Range(h.Port, 1, 65_535, nameof(h));
        Allow(h.Host, nameof(h));
        var facts = await Reach($"tls:{h.Host}:{h.Port}", token => TlsFacts.Obtain(h.Host, h.Port, token));
        var daysLeft = (int)Math.Floor((facts.NotAfter - time.GetUtcNow()).TotalDays);
        return new TlsReport
        {
            Protocol = facts.Protocol,
            Cipher = facts.Cipher,
            Subject = facts.Subject,
            Names = [.. facts.Names],
            NotAfter = facts.NotAfter,
            DaysLeft = daysLeft,
            Findings = PostureRules.Tls(facts.Protocol, facts.Errors, daysLeft),
        };
    }

    public async Task<HeaderReport> InspectHttp(Uri u)
    {
        Demand.That(u.IsAbsoluteUri && u.Scheme is "http" or "https", nameof(u), $"'{u}' is not a web address.");
        Allow(u.Host, nameof(u));
        var answer = await Reach($"web:{u.Host}:{u.Port}", token => fetcher.Look(HttpMethod.Get, u, token));
        return new HeaderReport { Address = u, Status = answer.Status, Findings = PostureRules.Headers(u.Scheme is "https", [.. answer.Headers]) };
    }

    public async Task<MailPosture> InspectMail(string domain)
    {
        Demand.That(Uri.CheckHostName(domain) is UriHostNameType.Dns, nameof(domain), $"'{domain}' is not a domain name.");
        var server = options.Value.NameServer ?? throw new InvalidOperationException("No name server is configured: set DomainOptions.NameServer to ip:port.");
        var client = DnsAdapter.NameServer(IPEndPoint.Parse(server));
        var spf = await Text(domain, "v=spf1");
        var dmarc = await Text("_dmarc." + domain, "v=DMARC1");
        var mx = await Ask(domain, QueryType.MX);
        var caa = await Ask(domain, QueryType.CAA);
        return new MailPosture
        {
            Domain = domain,
            Spf = spf,
            Dmarc = dmarc,
            Findings = PostureRules.Mail(spf, dmarc, mx.Answers.MxRecords().Any(), caa.Answers.CaaRecords().Any()),
        };

        Task<IDnsQueryResponse> Ask(string name, QueryType type) =>
            Reach("dns:" + server, token => client.QueryAsync(name, type, cancellationToken: token));

        async Task<string> Text(string name, string start) => (await Ask(name, QueryType.TXT)).Answers.TxtRecords()
            .Select(record => string.Concat(record.Text)).FirstOrDefault(text => text.StartsWith(start, StringComparison.OrdinalIgnoreCase)) ?? "";
    }

    private void Allow(string host, string parameter) => Demand.That(
        TargetRules.IsAllowed(host, options.Value.AllowedTargets),
        parameter,
        $"{host} is neither loopback nor private and is not named in DomainOptions.AllowedTargets.");

    private Task<T> Reach<T>(string target, Func<CancellationToken, Task<T>> call) => breakers.Execute(target, async token =>
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(token, limit.Token);
        try
        {
            return await call(either.Token);
        }
        catch (OperationCanceledException cancelled) when (limit.IsCancellationRequested && !token.IsCancellationRequested)
        {
            throw new TimeoutException($"{target} did not answer within {Limit.TotalSeconds} s.", cancelled);
        }
    });
}

using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Orleans.Runtime;

namespace Prismatic.Silo;

/// <summary>
/// Before a silo joins, declares those dead whose processes are gone (<see cref="Departure"/>), so that a cluster of which every silo was killed starts
/// at once and places no grain on the dead. A mistake would cost one silo a restart, and no data. When it cannot look, Orleans waits as it always does.
/// </summary>
internal sealed partial class DepartedSilos(IMembershipTable table, ILocalSiloDetails local, TimeProvider time, ILogger<DepartedSilos> log)
    : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly TimeSpan KnockLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Dictionary<SiloAddress, Watched> _watched = [];

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(DepartedSilos), ServiceLifecycleStage.RuntimeInitialize, Look);

    private async Task Look(CancellationToken cancellation)
    {
        try
        {
            await table.InitializeMembershipTableAsync(true, cancellation);
            while (await LookOnce(cancellation))
            {
                await Task.Delay(Pause, time, cancellation);
            }
        }
        catch (Exception failure) when (!cancellation.IsCancellationRequested)
        {
            NotLooked(log, failure);
        }
    }

    /// <summary>True when some are still to be watched.</summary>
    private async Task<bool> LookOnce(CancellationToken cancellation)
    {
        var rows = await table.ReadAllAsync(cancellation);
        var others = rows.Members
            .Select(row => row.Item1)
            .Where(member => member.Status == SiloStatus.Active && !member.SiloAddress.Endpoint.Equals(local.SiloAddress.Endpoint))
            .ToList();
        SayWhoCannotReachUs(others);
        var verdicts = await Task.WhenAll(others.Select(async member => (Member: member, Verdict: await Judge(member, cancellation))));
        foreach (var (member, _) in verdicts.Where(judged => judged.Verdict == DepartureVerdict.Gone))
        {
            await DeclareDead(member.SiloAddress, cancellation);
        }

        return verdicts.Any(judged => judged.Verdict == DepartureVerdict.Watch);
    }

    private async Task<DepartureVerdict> Judge(MembershipEntry member, CancellationToken cancellation)
    {
        if (!_watched.TryGetValue(member.SiloAddress, out var watched))
        {
            _watched[member.SiloAddress] = watched = new Watched(member.IAmAliveTime, time.GetTimestamp());
        }

        var knock = await KnockAt(member.SiloAddress.Endpoint, cancellation);
        return Departure.Judge(knock, IsHere(member), member.IAmAliveTime != watched.IAmAlive, time.GetElapsedTime(watched.Since));
    }

    private async Task DeclareDead(SiloAddress silo, CancellationToken cancellation)
    {
        while (true)
        {
            var rows = await table.ReadRowAsync(silo, cancellation);
            if (rows.Members is not [var (entry, etag)] || entry.Status == SiloStatus.Dead)
            {
                return;
            }

            entry.Status = SiloStatus.Dead;
            entry.SuspectTimes = [.. entry.SuspectTimes ?? [], Tuple.Create(local.SiloAddress, time.GetUtcNow().UtcDateTime)];
            if (await table.UpdateRowAsync(entry, etag, rows.Version.Next(), cancellation))
            {
                DeclaredDead(log, silo);
                return;
            }

            // Another silo wrote in between, perhaps the same.
        }
    }

    private async Task<Knock> KnockAt(IPEndPoint endpoint, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var timer = time.CreateTimer(_ => limit.Cancel(), null, KnockLimit, Timeout.InfiniteTimeSpan);
        try
        {
            using var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(endpoint, limit.Token);
            return Knock.Answered;
        }
        catch (SocketException refused)
        {
            return refused.SocketErrorCode == SocketError.ConnectionRefused ? Knock.Refused : Knock.Silent;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Knock.Silent;
        }
    }

    /// <summary>Whether its address is one of this machine's. Every machine has a loopback; there the name of the machine tells.</summary>
    private bool IsHere(MembershipEntry member)
    {
        var address = member.SiloAddress.Endpoint.Address;
        return IPAddress.IsLoopback(address)
            ? member.HostName == local.DnsHostName
            : NetworkInterface.GetAllNetworkInterfaces().Any(network => network.GetIPProperties().UnicastAddresses.Any(own => own.Address.Equals(address)));
    }

    private void SayWhoCannotReachUs(IEnumerable<MembershipEntry> others)
    {
        var own = local.SiloAddress.Endpoint.Address;
        if (IPAddress.IsLoopback(own) && _watched.Count == 0 && others.FirstOrDefault(other => other.HostName != local.DnsHostName) is { } elsewhere)
        {
            Unreachable(log, own, elsewhere.SiloAddress, elsewhere.HostName);
        }
    }

    private sealed record Watched(DateTime IAmAlive, long Since);

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "The silo {Silo} was listed as active, and its process is gone: it was declared dead.")]
    private static partial void DeclaredDead(ILogger log, SiloAddress silo);

    [LoggerMessage(EventId = 3, Level = LogLevel.Error, Message = "Prismatic:AdvertisedAddress is {Own}, and silo {Silo} of the cluster is on another machine, {Machine}, which cannot reach that: set it to an address that all of them can.")]
    private static partial void Unreachable(ILogger log, IPAddress own, SiloAddress silo, string machine);

    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "It could not be found out which silos are gone; joining may take longer.")]
    private static partial void NotLooked(ILogger log, Exception exception);
}

using System.Collections.Immutable;
using System.Net;
using Npgsql;
using Orleans.Runtime;
using Prismatic.SystemTests.Harness;
using Xunit;

namespace Prismatic.SystemTests.Faults;

/// <summary>What a scenario plays on: silos, each a process with a way of its own to the database, the database server, and the load.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(10);

    /// <summary>Calls per second of each kind, at full pace.</summary>
    private static readonly (CallKind Kind, double PerSecond)[] FullPace =
    [
        (CallKind.Put, 8), (CallKind.Update, 4), (CallKind.Read, 8), (CallKind.Open, 1), (CallKind.Assess, 8), (CallKind.Crash, 0.25),
    ];

    private readonly TemporaryDirectory _directory = new();
    private readonly List<SiloProcess> _all = [];
    private readonly List<Fault> _faults = [];
    private readonly Action<string> _say;
    private readonly double _pace;
    private IReadOnlyList<SiloPlace> _places = [];
    private IReadOnlyList<DatabaseLink> _links = [];
    private SiloProcess?[] _silos = [];
    private PostgresServer? _server;
    private Load? _load;
    private Operator? _operator;
    private PlatformClient? _client;

    private Stage(Scenario scenario, Arm arm, int seed, double pace, Action<string> say)
    {
        (Scenario, Arm, Seed, _pace, _say) = (scenario, arm, seed, pace, say);
    }

    public Scenario Scenario { get; }

    public Arm Arm { get; }

    public int Seed { get; }

    /// <summary>The connection string of the database itself, past all links.</summary>
    public string Database { get; private set; } = "";

    public PostgresServer Server => _server!;

    public IReadOnlyList<DatabaseLink> Links => _links;

    public LinkedNetworks? Networks { get; private set; }

    public Load Load => _load!;

    public PlatformClient Client => _client!;

    /// <summary>Starts everything and lets the load run until every kind of call has been served.</summary>
    public static async Task<Stage> Open(Scenario scenario, Arm arm, int seed, double pace, Action<string> say)
    {
        var stage = new Stage(scenario, arm, seed, pace, say);
        try
        {
            await stage.Open();
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <summary>Notes that a fault begins now.</summary>
    public Fault Strike(string what, bool killsSilo = false)
    {
        _say($"{what} ...");
        var fault = new Fault(this, what, Load.Now, killsSilo);
        _faults.Add(fault);
        return fault;
    }

    /// <summary>kill -9.</summary>
    public async Task Kill(int silo)
    {
        await _silos[silo]!.Kill();
        _silos[silo] = null;
    }

    /// <summary>Starts a silo at the place of one that has ended, and returns when it is ready.</summary>
    public async Task StartAgain(params IEnumerable<int> silos)
    {
        var starting = silos.ToList();
        var started = starting.Select(Launch).ToList();
        foreach (var (place, silo) in starting.Zip(started))
        {
            Assert.True(await silo.BecameReady(StartLimit), $"A port of {_places[place]} is taken.");
            _silos[place] = silo;
        }
    }

    /// <summary>SIGTERM; the exit code, once it has ended.</summary>
    public async Task<int> Stop(int silo)
    {
        var stopping = _silos[silo]!;
        _silos[silo] = null;
        stopping.Terminate();
        return await stopping.Exit(TimeSpan.FromMinutes(2));
    }

    public void Signal(int silo, int signal) => _silos[silo]!.Signal(signal);

    /// <summary>Whether a silo has ended by itself. It is then nobody's to kill.</summary>
    public bool HasEnded(int silo)
    {
        if (_silos[silo] is { HasExited: false })
        {
            return false;
        }

        _silos[silo] = null;
        return true;
    }

    /// <summary>Which of the silos the grain lives on now.</summary>
    public async Task<int> WhereIs(IGrainWithStringKey grain)
    {
        var address = await Client.Grains.GetGrain<IManagementGrain>(0).GetActivationAddress(grain);
        var found = _places.Select((place, index) => (place, index)).FirstOrDefault(silo => address is not null && silo.place.SiloPort == address.Endpoint.Port && silo.place.Address.Equals(address.Endpoint.Address));
        return found.place is null ? 0 : found.index;
    }

    /// <summary>Waits until every kind of call is served again, at most <paramref name="patience"/>; false when it is not.</summary>
    public async Task<bool> IsServed(Fault since, TimeSpan patience)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < patience)
        {
            if (Load.IsServedSince(since.At))
            {
                return true;
            }

            await Pause(0.2);
        }

        return false;
    }

    /// <summary>Lets the load run on.</summary>
    public static Task Pause(double seconds) => Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System, Interruption.Token);

    /// <summary>Ends the load, waits until what was reported is counted, and returns all that happened.</summary>
    public async Task<History> Close()
    {
        await _operator!.DisposeAsync();
        _operator = null;
        var calls = await Load.End(AnswerLimit + TimeSpan.FromSeconds(15));
        await StartAgain(Enumerable.Range(0, Scenario.Silos).Where(HasEnded));
        _say("reading what is there");
        return new History
        {
            Scenario = Scenario.Name,
            Arm = Arm.ToString(),
            Seed = Seed,
            NothingMayFail = Scenario.NothingMayFail && Arm != Arm.Bare,
            Enforced = Arm != Arm.Bare,
            Calls = calls,
            Faults = [.. _faults.Select(fault => fault.ToRecord())],
            Final = await FinalStateReader.Read(Client, Database, Scenario.Storm, calls, Load.BeganAt, () => SiloLog.Crashes(_all.SelectMany(silo => silo.Output.Lines), Load.BeganAt)),
        };
    }

    /// <summary>What the silos wrote, for a person who looks into a failure.</summary>
    public string DescribeSilos() => string.Join("\n\n", _all.Select(silo => $"=== {silo.Place}\n{silo.Output.Text}\n{silo.Errors.Text}"));

    public async ValueTask DisposeAsync()
    {
        if (_operator is not null)
        {
            await _operator.DisposeAsync();
        }

        if (_load is not null)
        {
            await _load.DisposeAsync();
        }

        foreach (var silo in _all)
        {
            await silo.DisposeAsync();
        }

        if (_client is not null)
        {
            await _client.DisposeAsync();
        }

        foreach (var link in _links)
        {
            await link.DisposeAsync();
        }

        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        if (Networks is not null)
        {
            await Networks.DisposeAsync();
        }

        _directory.Dispose();
    }

    private async Task Open()
    {
        _say("starting the database and the silos");
        Networks = Scenario.Networks ? await LinkedNetworks.Make(Scenario.Silos) : null;
        _server = await PostgresServer.Start();
        Database = await _server.CreateDatabase();
        if (Scenario.Prepare is { } sql)
        {
            await PostgresServer.Execute(Database, sql);
        }

        _places = [.. Enumerable.Range(0, Scenario.Silos).Select(PlaceOf)];
        _links = [.. Enumerable.Range(0, Scenario.Silos).Select(_ => new DatabaseLink(Networks?.Own ?? IPAddress.Loopback, _server.Port))];
        _silos = new SiloProcess?[Scenario.Silos];
        await StartAgain(Enumerable.Range(0, Scenario.Silos));
        _client = await PlatformClient.Connect(_places, supervised: Arm != Arm.Bare, answerLimit: AnswerLimit);
        _load = new Load(_client, Seed, [.. FullPace.Select(kind => (kind.Kind, kind.PerSecond * _pace))]);
        _load.Begin();
        _operator = new Operator(_load, () => [.. _silos.OfType<SiloProcess>()]);
        Assert.True(await IsServed(new Fault(this, "the start", 0, false), TimeSpan.FromSeconds(90)), $"The load was not served on silos that nothing ails.\n{DescribeSilos()}");
    }

    private SiloPlace PlaceOf(int silo) => Networks is null
        ? SiloPlace.Find((byte)(silo + 1))
        : SiloPlace.Find() with { Address = Networks.AddressOf(silo), Network = Networks.NameOf(silo) };

    private SiloProcess Launch(int silo)
    {
        var link = _links[silo].Address;
        var connection = new NpgsqlConnectionStringBuilder($"{Database};{Scenario.Connection}") { Host = link.Address.ToString(), Port = link.Port }.ConnectionString;
        var started = SiloProcess.LaunchInCluster(Arm, _directory, $"database-{silo}", connection, _places[silo], Scenario.Storm);
        _all.Add(started);
        return started;
    }

    /// <summary>A fault that was injected and may be over some day.</summary>
    internal sealed class Fault(Stage stage, string what, double at, bool killsSilo)
    {
        private double? _over;
        private string? _effect;

        public double At => at;

        /// <param name="effect">What it did, where that can be counted.</param>
        public void IsOver(string? effect = null) => (_over, _effect) = (stage.Load.Now, effect);

        public FaultRecord ToRecord() => new(_effect is null ? what : $"{what}: {_effect}", at, killsSilo) { Over = _over };
    }
}

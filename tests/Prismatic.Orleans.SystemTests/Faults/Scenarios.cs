using Prismatic.Breakers;
using Prismatic.Domains.Osint;
using Prismatic.Remediation;
using Prismatic.Supervision;
using Prismatic.SystemTests.Harness;
using Xunit;

namespace Prismatic.SystemTests.Faults;

/// <summary>All scenarios, each the story of one kind of fault.</summary>
internal static class Scenarios
{
    private const int StormChildren = 10_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("kill-one", "kill -9 of one of three silos, in turn; a new one takes its place", 30, KillOne),
        new("kill-owners", "kill -9 of the silo with the root supervisor, the rules' registry, a breaker's owner", 3, KillOwners),
        new("kill-all", "kill -9 of all silos at once; all are started again", 3, KillAll),
        new("stopped", "SIGSTOP of one silo for 60 s, then SIGCONT", 1, (stage, times) => Stopped(stage, times, 60)),
        new("rolling", "SIGTERM of one silo after the other, each started again", 3, Rolling) { NothingMayFail = true },
        new("database-restart", "immediate restart of PostgreSQL", 10, DatabaseRestart),
        new("database-away", "PostgreSQL is gone for 3 minutes", 1, (stage, times) => DatabaseAway(stage, times, 180)),
        new("database-slow", "every message to PostgreSQL takes 300 ms longer, for 30 s", 1, DatabaseSlow),
        new("database-pool", "two connections for each silo, and all of them wait for a lock, for 10 s", 3, DatabasePool) { Connection = "Maximum Pool Size=2;Timeout=2" },
        new("database-conflicts", "serializable transactions, and another program locks and rewrites rows for 20 s", 1, DatabaseConflicts)
        {
            Prepare = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = ''serializable''', current_database()); END $$",
        },
        new("database-deadlocks", "writes of the silos are in deadlocks with another program, and are those that the database refuses, for 20 s", 1, DatabaseDeadlocks)
        {
            Prepare = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET deadlock_timeout = ''50ms''', current_database()); END $$",
            Hindrance = PostgresServer.NotOwn,
        },
        new("database-crowded", "another program takes every connection that the server has, and the silos lose theirs, for 20 s", 3, DatabaseCrowded) { Hindrance = PostgresServer.NotOwn },
        new("database-cut", "one of three silos cannot reach PostgreSQL for 30 s", 3, DatabaseCut),
        new("silos-apart", "two of three silos cannot reach each other for 30 s; the third and PostgreSQL reach both", 1, SilosApart)
        {
            Networks = true,
            Hindrance = LinkedNetworks.Hindrance,
        },
        new("storm", $"{StormChildren:#,0} children crash at once", 3, Storm) { Storm = true },
        new("damaged-rows", "stored records are overwritten, cut off, or of a newer version, while all silos are killed", 3, DamagedRows),
    ];

    /// <summary>The one of the test command; here it runs when it is named.</summary>
    public static Scenario Short { get; } = new("short", "one silo is killed, PostgreSQL restarts, all silos are killed", 1, async (stage, times) =>
    {
        await KillOne(stage, times);
        await DatabaseRestart(stage, times);
        await KillAll(stage, times);
    });

    private static async Task KillOne(Stage stage, int times)
    {
        for (var time = 0; time < times; time++)
        {
            await KillAndReplace(stage, time % stage.Scenario.Silos, "one silo");
        }
    }

    private static async Task KillAll(Stage stage, int times)
    {
        for (var time = 0; time < times; time++)
        {
            var fault = stage.Strike("kill -9 of all silos", killsSilo: true);
            var all = Enumerable.Range(0, stage.Scenario.Silos).ToList();
            await Task.WhenAll(all.Select(stage.Kill));
            await stage.StartAgain(all);
            fault.IsOver();
            await stage.IsServed(fault, Patience);
            await Stage.Pause(3);
        }
    }

    private static async Task DatabaseRestart(Stage stage, int times)
    {
        for (var time = 0; time < times; time++)
        {
            var fault = stage.Strike("immediate restart of PostgreSQL");
            await stage.Server.Restart();
            fault.IsOver();
            await stage.IsServed(fault, Patience);
            await Stage.Pause(3);
        }
    }

    private static async Task Rolling(Stage stage, int times)
    {
        for (var time = 0; time < times; time++)
        {
            for (var silo = 0; silo < stage.Scenario.Silos; silo++)
            {
                var fault = stage.Strike($"SIGTERM of silo {silo + 1}");
                await stage.Stop(silo);
                await stage.StartAgain(silo);
                fault.IsOver();
                await stage.IsServed(fault, Patience);
                await Stage.Pause(3);
            }
        }
    }

    private static async Task KillOwners(Stage stage, int times)
    {
        (string Who, Func<IGrainWithStringKey> Owner)[] owners =
        [
            ("the root supervisor", () => stage.Client.Get<ISupervisorGrain>("prismatic")),
            ("the rules' registry", () => stage.Client.Get<IRemediationRegistryGrain>(IRemediationRegistryGrain.Key)),
            ("a breaker's owner", () => stage.Client.Get<ICircuitBreakerGrain>("source:register")),
        ];
        await stage.Client.Get<ICircuitBreakerGrain>("source:register").GetState();
        for (var time = 0; time < times; time++)
        {
            var (who, owner) = owners[time % owners.Length];
            await KillAndReplace(stage, await stage.WhereIs(owner()), $"the silo with {who}");
        }
    }

    private static async Task KillAndReplace(Stage stage, int silo, string what)
    {
        var fault = stage.Strike($"kill -9 of {what}: silo {silo + 1}", killsSilo: true);
        await stage.Kill(silo);
        await stage.IsServed(fault, Patience);
        await stage.StartAgain(silo);
        fault.IsOver();
        await Stage.Pause(5);
    }

    private static async Task Stopped(Stage stage, int times, double seconds)
    {
        for (var time = 0; time < times; time++)
        {
            var silo = time % stage.Scenario.Silos;
            var fault = stage.Strike($"SIGSTOP of silo {silo + 1} for {seconds:0} s", killsSilo: true);
            stage.Signal(silo, Signals.Stop);
            await Stage.Pause(seconds);
            stage.Signal(silo, Signals.Continue);

            // It was declared dead meanwhile and ends by itself, or it was not and goes on.
            await Stage.Pause(10);
            if (stage.HasEnded(silo))
            {
                await stage.StartAgain(silo);
            }

            fault.IsOver();
            await stage.IsServed(fault, Patience);
            await Stage.Pause(5);
        }
    }

    private static async Task DatabaseAway(Stage stage, int times, double seconds)
    {
        for (var time = 0; time < times; time++)
        {
            var fault = stage.Strike($"PostgreSQL is gone for {seconds:0} s");
            await stage.Server.StopImmediately();
            await Stage.Pause(seconds);
            await stage.Server.StartAgain();
            fault.IsOver();
            await stage.IsServed(fault, Patience);
            await Stage.Pause(5);
        }
    }

    private static async Task DatabaseSlow(Stage stage, int times)
    {
        for (var time = 0; time < times; time++)
        {
            var fault = stage.Strike("PostgreSQL is slow by 300 ms");
            foreach (var link in stage.Links)
            {
                link.Delay(TimeSpan.FromMilliseconds(300));
            }

            await Stage.Pause(30);
            foreach (var link in stage.Links)
            {
                link.Delay(TimeSpan.Zero);
            }

            fault.IsOver();
            await stage.IsServed(fault, Patience);
            await Stage.Pause(3);
        }
    }

    private static async Task DatabasePool(Stage stage, int times)
    {
        for (var time = 0; time < times; time++)
        {
            var fault = stage.Strike("all connections wait for a lock");
            await PostgresServer.Execute(
                stage.Database,
                "BEGIN; LOCK TABLE OrleansStorage, PrismaticDocument IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(10); COMMIT");
            fault.IsOver();
            await stage.IsServed(fault, Patience);
            await Stage.Pause(3);
        }
    }

    /// <summary>Rewrites rows as they are, in transactions that overlap those of the silos: one of two that touch a row is refused by the database.</summary>
    private static async Task DatabaseConflicts(Stage stage, int times)
    {
        for (var time = 0; time < times; time++)
        {
            var fault = stage.Strike("another program locks and rewrites rows for 20 s");
            var began = TimeProvider.System.GetTimestamp();
            while (TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(20))
            {
                try
                {
                    await PostgresServer.Execute(
                        stage.Database,
                        """
                        BEGIN;
                        UPDATE PrismaticDocument SET Json = Json WHERE Id LIKE 'shared-%';
                        UPDATE OrleansStorage SET PayloadBinary = PayloadBinary WHERE GrainTypeString NOT LIKE '%case-record';
                        SELECT pg_sleep(0.3);
                        COMMIT
                        """);
                }
                catch (Npgsql.PostgresException refused) when (refused.IsTransient)
                {
                    // This time it was the one that was refused.
                }
            }

            fault.IsOver();
            await stage.IsServed(fault, Patience);
            await Stage.Pause(3);
        }
    }

    /// <summary>
    /// A trigger makes each write of a silo, which holds its row by then, ask a moment later for a row that the other program holds; that program meanwhile asks for
    /// the rows of the silos. These are the database's own deadlocks, found and resolved by it: who asked last looks for one, and is refused.
    /// </summary>
    private static async Task DatabaseDeadlocks(Stage stage, int times)
    {
        await PostgresServer.Execute(
            stage.Database,
            """
            CREATE TABLE FaultBait (Id int PRIMARY KEY);
            INSERT INTO FaultBait VALUES (1);
            CREATE FUNCTION FaultTakeBait() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF current_setting('application_name') <> 'fault' THEN
                    PERFORM pg_sleep(0.1);
                    PERFORM 1 FROM FaultBait FOR UPDATE;
                END IF;
                RETURN NEW;
            END $$;
            """);
        string[] tables = ["OrleansStorage", "PrismaticDocument"];
        for (var time = 0; time < times; time++)
        {
            var before = await Deadlocks(stage);
            var fault = stage.Strike("deadlocks for 20 s");
            foreach (var table in tables)
            {
                await PostgresServer.Execute(stage.Database, $"CREATE TRIGGER FaultBait BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION FaultTakeBait()");
            }

            var began = TimeProvider.System.GetTimestamp();
            while (TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(20))
            {
                await PostgresServer.Execute(
                    $"{stage.Database};Application Name=fault",
                    """
                    BEGIN;
                    SET LOCAL deadlock_timeout = '1min';
                    SELECT 1 FROM FaultBait FOR UPDATE;
                    UPDATE PrismaticDocument SET Json = Json WHERE Id LIKE 'shared-%';
                    UPDATE OrleansStorage SET PayloadBinary = PayloadBinary;
                    COMMIT
                    """);
                await Stage.Pause(0.2);
            }

            foreach (var table in tables)
            {
                await PostgresServer.Execute(stage.Database, $"DROP TRIGGER FaultBait ON {table}");
            }

            var found = await Deadlocks(stage) - before;
            Assert.True(found > 0, "No deadlock came about: the fault was not injected.");
            fault.IsOver($"{found}");
            await stage.IsServed(fault, Patience);
            await Stage.Pause(3);
        }

        static async Task<long> Deadlocks(Stage stage) =>
            (long)(await PostgresServer.Execute(stage.Database, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"))!;
    }

    private static async Task DatabaseCrowded(Stage stage, int times)
    {
        for (var time = 0; time < times; time++)
        {
            var fault = stage.Strike("no connection is left for 20 s");
            var began = TimeProvider.System.GetTimestamp();
            await using (var crowd = new Crowd(stage.Database))
            {
                while (TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(20))
                {
                    await crowd.TakeAll();
                    await Stage.Pause(0.2);
                }
            }

            fault.IsOver();
            await stage.IsServed(fault, Patience);
            await Stage.Pause(3);
        }
    }

    private static async Task Storm(Stage stage, int times)
    {
        await stage.Load.BeforeStorm(StormChildren);
        for (var time = 0; time < times; time++)
        {
            var fault = stage.Strike($"{StormChildren:#,0} children crash");
            await stage.Load.Storm(StormChildren, Patience);
            fault.IsOver();
            await stage.IsServed(fault, Patience);
            await Stage.Pause(3);
        }
    }

    private static async Task DatabaseCut(Stage stage, int times)
    {
        for (var time = 0; time < times; time++)
        {
            var silo = time % stage.Scenario.Silos;
            var fault = stage.Strike($"silo {silo + 1} cannot reach PostgreSQL for 30 s");
            stage.Links[silo].Cut();
            await Stage.Pause(30);
            stage.Links[silo].Mend();
            await Stage.Pause(5);
            if (stage.HasEnded(silo))
            {
                await stage.StartAgain(silo);
            }

            fault.IsOver();
            await stage.IsServed(fault, Patience);
            await Stage.Pause(3);
        }
    }

    private static async Task SilosApart(Stage stage, int times)
    {
        for (var time = 0; time < times; time++)
        {
            var fault = stage.Strike("silos 1 and 2 cannot reach each other for 30 s", killsSilo: true);
            await stage.Networks!.Part(0, 1);
            await Stage.Pause(30);
            await stage.Networks.Join(0, 1);
            await Stage.Pause(10);
            await stage.StartAgain(Enumerable.Range(0, stage.Scenario.Silos).Where(stage.HasEnded));
            fault.IsOver();
            await stage.IsServed(fault, Patience);
            await Stage.Pause(5);
        }
    }

    /// <summary>Only records that nothing acknowledged lies in: what a worker can do without must not stop it.</summary>
    private static async Task DamagedRows(Stage stage, int times)
    {
        (string What, string Change)[] damages =
        [
            ("overwritten in the middle", "set_byte(set_byte(PayloadBinary, length(PayloadBinary) / 2, 0), length(PayloadBinary) / 2 + 1, 255)"),
            ("cut off", "substring(PayloadBinary FROM 1 FOR length(PayloadBinary) / 2)"),
            ("of a newer version", """convert_to(replace(convert_from(PayloadBinary, 'UTF8'), '"format":1,', '"format":99,'), 'UTF8')"""),
        ];
        for (var time = 0; time < times; time++)
        {
            await stage.Client.RegisterListSource($"list-{time}", "entities.ftm.jsonl");
            var (what, change) = damages[time % damages.Length];
            var fault = stage.Strike($"kill -9 of all silos; the adapters' record is {what}", killsSilo: true);
            var all = Enumerable.Range(0, stage.Scenario.Silos).ToList();
            await Task.WhenAll(all.Select(stage.Kill));
            await PostgresServer.Execute(stage.Database, $"UPDATE OrleansStorage SET PayloadBinary = {change} WHERE GrainTypeString = 'adapters' AND PayloadBinary IS NOT NULL");
            await stage.StartAgain(all);
            await stage.Client.Get<IAdapterRegistryGrain>(IAdapterRegistryGrain.Key).ForInput(InputKind.Company, null);
            fault.IsOver();
            await stage.IsServed(fault, Patience);
            await Stage.Pause(3);
        }
    }
}

using System.Collections.Immutable;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Npgsql;
using Prismatic.Supervision;
using Prismatic.SystemTests.Harness;

namespace Prismatic.SystemTests.Faults;

/// <summary>Reads what is there when all is over: rows from the database itself, counts and tickets from the supervisors.</summary>
internal static partial class FinalStateReader
{
    private static readonly string[] Supervisors = ["prismatic", "prismatic/core", "prismatic/osint", "prismatic/security", "prismatic/dd", "prismatic/evolution"];
    private static readonly TimeSpan AskLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan CountLimit = TimeSpan.FromSeconds(30);

    public static async Task<FinalState> Read(PlatformClient client, string database, bool storm, ImmutableArray<CallRecord> calls, DateTimeOffset began, Func<IReadOnlyList<LoggedCrash>> logged)
    {
        await Counted(client, "prismatic/dd", Checker.CrashedChild, CallKind.Crash, calls, logged);
        if (storm)
        {
            await Counted(client, StormFamily.Supervisor, StormFamily.Path, CallKind.Storm, calls, logged);
        }

        var missing = new List<string>();
        var children = new List<ChildState>();

        // Of the supervisors themselves: the introspector's picture is some seconds old.
        var tickets = new List<Ticket>();
        foreach (var supervisor in storm ? [.. Supervisors, StormFamily.Supervisor] : Supervisors)
        {
            if (await Ask(() => client.Get<ISupervisorGrain>(supervisor).GetState()) is { } view)
            {
                children.AddRange(view.Children.Select(child => new ChildState(child.Path, child.Status.ToString(), child.Ticket, child.Crashes)));
                tickets.AddRange(view.Tickets);
            }
            else
            {
                missing.Add($"The supervisor {supervisor} did not answer within {AskLimit.TotalSeconds:0} s.");
            }
        }

        return new FinalState
        {
            Documents = await Documents(database),
            Cases = await Cases(database),
            Children = [.. children],
            Logged = [.. logged()],
            Resolved = [.. tickets.Where(ticket => ticket.ResolvedAt is not null).Select(ticket => ticket.Id)],
            Open = tickets.Where(ticket => ticket.ResolvedAt is null).ToImmutableSortedDictionary(ticket => ticket.Id, ticket => (ticket.OpenedAt - began).TotalSeconds),
            Missing = [.. missing],
        };
    }

    /// <summary>Reports are sent until they are taken in: waits for as many counts as there were crashes, for a while.</summary>
    private static async Task Counted(
        PlatformClient client, string supervisor, string child, CallKind kind, ImmutableArray<CallRecord> calls, Func<IReadOnlyList<LoggedCrash>> logged)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < CountLimit)
        {
            var seen = logged().Where(crash => Checker.IsOf(crash.Child, child)).Select(crash => crash.Id)
                .Concat(calls.Where(call => call.Kind == kind).Select(call => call.Crash).OfType<string>())
                .Distinct().Count();
            var view = await Ask(() => client.Get<ISupervisorGrain>(supervisor).GetState());
            if (view?.Children.FirstOrDefault(state => state.Path == child)?.Crashes >= seen)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromSeconds(0.5), TimeProvider.System, Interruption.Token);
        }
    }

    private static async Task<T?> Ask<T>(Func<Task<T>> ask)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (Exception) when (TimeProvider.System.GetElapsedTime(began) < AskLimit)
            {
                // What it says does not matter: silos may still be finding one another.
                await Task.Delay(TimeSpan.FromSeconds(0.5), TimeProvider.System, Interruption.Token);
            }
            catch (Exception)
            {
                return default;
            }
        }
    }

    private static async Task<ImmutableSortedDictionary<string, StoredVersion>> Documents(string database)
    {
        var found = ImmutableSortedDictionary.CreateBuilder<string, StoredVersion>(StringComparer.Ordinal);
        await Query(
            database,
            $"SELECT Id, Version, Json FROM PrismaticDocument WHERE Collection = '{Load.Collection}'",
            row => found[row.GetString(0)] = new StoredVersion(row.GetInt64(1), JsonNode.Parse(row.GetString(2))!["call"]!.GetValue<int>()));
        return found.ToImmutable();
    }

    private static async Task<ImmutableSortedDictionary<string, int>> Cases(string database)
    {
        var found = ImmutableSortedDictionary.CreateBuilder<string, int>(StringComparer.Ordinal);
        await Query(
            database,
            "SELECT encode(PayloadBinary, 'escape') FROM OrleansStorage WHERE GrainTypeString LIKE '%case-record' AND PayloadBinary IS NOT NULL",
            row =>
            {
                if (SubjectId().Match(row.GetString(0)) is { Success: true } subject)
                {
                    found[subject.Value] = found.GetValueOrDefault(subject.Value) + 1;
                }
            });
        return found.ToImmutable();
    }

    private static async Task Query(string database, string sql, Action<NpgsqlDataReader> each)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(Interruption.Token);
        await using var command = new NpgsqlCommand(sql, connection);
        await using var rows = await command.ExecuteReaderAsync(Interruption.Token);
        while (await rows.ReadAsync(Interruption.Token))
        {
            each(rows);
        }
    }

    [GeneratedRegex(@"subject-\d+")]
    private static partial Regex SubjectId();
}

using Npgsql;

namespace Prismatic.SystemTests.Harness;

/// <summary>Another program that takes every connection of a PostgreSQL server, and ends those of everybody else.</summary>
internal sealed class Crowd(string database) : IAsyncDisposable
{
    private const string Name = "fault";
    private readonly List<NpgsqlConnection> _taken = [];

    private readonly string _connection = new NpgsqlConnectionStringBuilder(database) { ApplicationName = Name, Pooling = false }.ConnectionString;

    /// <summary>Takes what is free, then what the others have.</summary>
    public async Task TakeAll()
    {
        await TakeWhatIsFree();
        await using (var end = new NpgsqlCommand(
            $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name <> '{Name}'", _taken[0]))
        {
            await end.ExecuteNonQueryAsync(Interruption.Token);
        }

        await TakeWhatIsFree();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _taken)
        {
            await connection.DisposeAsync();
        }
    }

    private async Task TakeWhatIsFree()
    {
        while (true)
        {
            var connection = new NpgsqlConnection(_connection);
            try
            {
                await connection.OpenAsync(Interruption.Token);
                _taken.Add(connection);
            }
            catch (PostgresException full) when (full.SqlState == PostgresErrorCodes.TooManyConnections)
            {
                await connection.DisposeAsync();
                return;
            }
        }
    }
}

using System.Globalization;
using Npgsql;
using Xunit;

namespace Prismatic.SystemTests.Harness;

/// <summary>
/// A PostgreSQL server of the test's own, on a free port and a temporary directory, with a password; or, where the environment variable
/// <c>PRISMATIC_TEST_POSTGRES</c> holds a connection string of a user who may create databases, that server, which is then never stopped.
/// </summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    public const string User = "prismatic";
    public const string Password = "Planted-Secret-7f3a";

    private static readonly string? Other = Environment.GetEnvironmentVariable("PRISMATIC_TEST_POSTGRES") is { Length: > 0 } given ? given : null;

    /// <summary>Why what harms everybody on a server cannot be done here; null on a server of the test's own.</summary>
    public static string? NotOwn() => Other is null ? null : "the server of PRISMATIC_TEST_POSTGRES has other users, and this ends their connections or sets what only an administrator may";

    private readonly TemporaryDirectory? _directory;
    private readonly string _admin;
    private ProgramProcess? _process;

    private PostgresServer(TemporaryDirectory? directory, string admin)
    {
        _directory = directory;
        _admin = admin;
        (Host, Port) = (Settings(admin).Host!, Settings(admin).Port);
    }

    public string Host { get; }

    public int Port { get; }

    private string DataDirectory => _directory!.Combine("postgres");

    /// <summary>A running server; the test is left out where there is none to be had.</summary>
    public static async Task<PostgresServer> Start()
    {
        if (Other is not null)
        {
            return new PostgresServer(null, Other);
        }

        var programs = Requirement.Postgres();
        var directory = new TemporaryDirectory();
        var port = Ports.FindFree(1)[0];
        var server = new PostgresServer(directory, $"Host=127.0.0.1;Port={port};Username={User};Password={Password};Database=postgres;Pooling=false;Timeout=5");
        try
        {
            await server.Initialize(programs);
            await server.Run(programs);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes an empty database; its connection string.</summary>
    public async Task<string> CreateDatabase(string name = "prismatic")
    {
        if (Other is not null)
        {
            name = $"{name}_{Guid.NewGuid():n}";
        }

        await Execute(_admin, $"CREATE DATABASE \"{name}\"");
        return new NpgsqlConnectionStringBuilder(_admin) { Database = name, Pooling = true }.ConnectionString;
    }

    /// <summary>Runs a statement and answers its first value.</summary>
    public static async Task<object?> Execute(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Ends it as an administrator in a hurry does: connections are cut, and the next start recovers from the log.</summary>
    public Task StopImmediately() => End(Signals.Quit);

    /// <summary>kill -9 of the server's first process; the others follow it.</summary>
    public Task Kill() => End(Signals.Kill);

    /// <summary>Starts it again on the same port and data.</summary>
    public Task StartAgain() => Run(Requirement.Postgres());

    /// <summary>An immediate stop and a start.</summary>
    public async Task Restart()
    {
        await StopImmediately();
        await StartAgain();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await End(Signals.Quit);
        }

        _directory?.Dispose();
    }

    private static NpgsqlConnectionStringBuilder Settings(string connectionString) => new(connectionString);

    private async Task Initialize(string programs)
    {
        var secret = _directory!.WriteSecret("password", Password);
        await Owned(_directory.Path);
        await using var initialize = StartAsOwner(
            Path.Combine(programs, "initdb"), "-D", DataDirectory, "-U", User, "-A", "scram-sha-256", "--pwfile", secret, "-E", "UTF8", "--locale", "C");
        Assert.True(await initialize.Exit() == 0, initialize.Describe());
    }

    private async Task Run(string programs)
    {
        Assert.Null(_process);
        _process = StartAsOwner(
            Path.Combine(programs, "postgres"),
            "-D", DataDirectory, "-h", "127.0.0.1", "-p", Port.ToString(CultureInfo.InvariantCulture), "-k", DataDirectory, "-c", "max_connections=200");
        await Eventually.Is(IsUp, up => up, $"PostgreSQL on port {Port} answers");
    }

    private async Task<bool> IsUp()
    {
        Assert.False(_process!.HasExited, _process.Describe());
        try
        {
            await Execute(_admin, "SELECT 1");
            return true;
        }
        catch (NpgsqlException)
        {
            // It does not listen yet, or recovers.
            return false;
        }
    }

    private async Task End(int signal)
    {
        Requirement.OwnPostgres(_process is not null);
        var process = _process!;
        _process = null;

        // The first line is the process to tell; the one that was started here may be runuser.
        var first = File.ReadLines(Path.Combine(DataDirectory, "postmaster.pid")).First();
        Signals.Send(int.Parse(first, CultureInfo.InvariantCulture), signal);
        await process.Exit();
        await process.DisposeAsync();
    }

    /// <summary>The server refuses to run as root: there it runs as the user that its package made.</summary>
    private static bool IsRoot => Environment.UserName == "root";

    private ProgramProcess StartAsOwner(string program, params string[] arguments) => IsRoot
        ? ProgramProcess.Start("/usr/sbin/runuser", ["-u", "postgres", "--", program, .. arguments], _directory!.Path, [])
        : ProgramProcess.Start(program, arguments, _directory!.Path, []);

    private static async Task Owned(string directory)
    {
        if (IsRoot)
        {
            await using var own = ProgramProcess.Start("/bin/chown", ["-R", "postgres", directory], "/", []);
            Assert.True(await own.Exit() == 0, own.Describe());
        }
    }
}

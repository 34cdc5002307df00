using Npgsql;

namespace Prismatic.Silo;

/// <summary>A database on a PostgreSQL server, for as many silos as reach it.</summary>
internal static class PostgresDatabase
{
    /// <summary>The name by which Orleans knows the driver.</summary>
    public const string Invariant = "Npgsql";

    /// <summary>What is wrong with a connection string that <see cref="Parse"/> refuses; a sentence without its subject.</summary>
    public const string WrongConnectionString =
        "is not a connection string such as Host=db;Database=prismatic;Username=prismatic, which names a host and a database. It is not shown, since it may hold a password.";

    /// <summary>The database of a host's settings, which have been checked.</summary>
    public static Database Open(SiloOptions options) => Open(options.ConnectionString ?? File.ReadAllText(options.ConnectionStringFile!).Trim());

    /// <summary>
    /// Opens the database that <paramref name="connectionString"/> names. What it says wins over these defaults, which suit a silo: 30 connections,
    /// so that three silos stay below the 100 that a server grants by default; 5 s to connect and 10 s for a statement, since calls of grains wait for
    /// both; and a look every 15 s at a connection that is idle, so that one whose server vanished is not found by a call.
    /// </summary>
    public static Database Open(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        SetUnlessGiven("Application Name", "prismatic");
        SetUnlessGiven("Maximum Pool Size", 30);
        SetUnlessGiven("Timeout", 5);
        SetUnlessGiven("Command Timeout", 10);
        SetUnlessGiven("Keepalive", 15);

        // No logger: the driver would write statements, and Orleans logs what fails.
        return new Database(NameOf(settings), "name another database in Prismatic:ConnectionString", NpgsqlDataSource.Create(settings), PostgresSchema.Current);

        void SetUnlessGiven(string keyword, object value)
        {
            if (!settings.ShouldSerialize(keyword))
            {
                settings[keyword] = value;
            }
        }
    }

    /// <summary>The settings in <paramref name="connectionString"/>, or null where it is not usable.</summary>
    public static NpgsqlConnectionStringBuilder? Parse(string connectionString)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(connectionString);
            return string.IsNullOrWhiteSpace(settings.Host) || string.IsNullOrWhiteSpace(settings.Database) ? null : settings;
        }
        catch (Exception unreadable) when (unreadable is ArgumentException or FormatException or InvalidCastException or OverflowException or NotSupportedException)
        {
            // What the driver says may quote a part of the password.
            return null;
        }
    }

    private static string NameOf(NpgsqlConnectionStringBuilder settings) =>
        $"'{settings.Database}' at {settings.Host}{(settings.Host!.Contains(':', StringComparison.Ordinal) || settings.Host.Contains(',', StringComparison.Ordinal) ? "" : $":{settings.Port}")}";
}

using System.Globalization;
using System.Text;

namespace Prismatic.Silo;

/// <summary>
/// What one kind of database must hold for this version of the program: tables, made by migrations in order, and the queries that Orleans'
/// ADO.NET providers look up by name.
/// </summary>
internal sealed record DatabaseSchema
{
    /// <summary>Statements that must run outside of a transaction, before the rest; empty for none.</summary>
    public string Before { get; init; } = "";

    /// <summary>First statement of the transaction: what other processes then wait for. Empty where beginning a write transaction is the lock.</summary>
    public string Lock { get; init; } = "";

    /// <summary>A query that answers 1 when the table of versions is there.</summary>
    public required string FindVersions { get; init; }

    /// <summary>
    /// Each brings the tables one version further. Forward only; a migration that was released never changes. Silos of the version before go on
    /// while it runs and after it, so it adds and does not take away. Applying one twice changes nothing.
    /// </summary>
    public required IReadOnlyList<string> Migrations { get; init; }

    /// <summary>They belong to the program, not to the data: the program's own always win.</summary>
    public required IReadOnlyList<(string Key, string Text)> Queries { get; init; }

    public int Version => Migrations.Count;

    public const string Versions = "CREATE TABLE IF NOT EXISTS PrismaticSchema (Version INTEGER NOT NULL PRIMARY KEY);";

    public const string WriteQuery =
        """
        INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES (@Key, @Text)
        ON CONFLICT (QueryKey) DO UPDATE SET QueryText = EXCLUDED.QueryText;
        """;

    public static string NoteVersion(int version) =>
        string.Create(CultureInfo.InvariantCulture, $"INSERT INTO PrismaticSchema (Version) VALUES ({version}) ON CONFLICT (Version) DO NOTHING;");

    /// <summary>The whole schema as one script, for a person who runs it with the database's own shell. Running it twice changes nothing.</summary>
    /// <param name="guard">A statement that fails, with a sentence, where the database's version is higher than this one's.</param>
    public string ToScript(string guard)
    {
        var script = new StringBuilder();
        Add($"-- The schema of Prismatic.Orleans, version {Version}. One transaction: it is applied whole or not at all.");
        Add("BEGIN;");
        Add(Lock);
        Add(Versions);
        Add(guard);
        for (var version = 1; version <= Version; version++)
        {
            Add(Migrations[version - 1]);
            Add(NoteVersion(version));
        }

        foreach (var (key, text) in Queries)
        {
            Add(WriteQuery.Replace("@Key", Quoted(key), StringComparison.Ordinal).Replace("@Text", Quoted(text), StringComparison.Ordinal));
        }

        Add("COMMIT;");
        return script.ToString();

        void Add(string text) => script.Append(text).Append('\n');
    }

    private static string Quoted(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}

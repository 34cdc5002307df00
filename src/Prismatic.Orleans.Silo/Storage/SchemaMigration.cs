using System.Data.Common;
using System.Globalization;

namespace Prismatic.Silo;

/// <summary>What was found in a database, beside what this version of the program needs.</summary>
/// <param name="Found">The version of its schema; 0 for none.</param>
/// <param name="Needed">The version that this program makes.</param>
/// <param name="OtherQueries">The keys of queries that are missing or not the program's own.</param>
internal sealed record SchemaFindings(int Found, int Needed, IReadOnlyList<string> OtherQueries)
{
    public bool IsCurrent => Found == Needed && OtherQueries.Count == 0;

    public bool IsNewer => Found > Needed;

    /// <summary>The findings about the database <paramref name="name"/> in a sentence.</summary>
    public string Describe(string name) => this switch
    {
        { IsCurrent: true } => $"The database {name} has schema version {Found}, which is the one that this version of Prismatic needs.",
        { IsNewer: true } => $"The database {name} has schema version {Found}, and this version of Prismatic knows up to {Needed}.",
        { Found: 0 } => $"The database {name} has no schema of Prismatic; version {Needed} is needed.",
        { Found: var found } when found < Needed => $"The database {name} has schema version {Found}, and this version of Prismatic needs {Needed}.",
        _ => $"The database {name} has schema version {Found} with other queries than this version of Prismatic needs: {string.Join(", ", OtherQueries)}.",
    };
}

/// <summary>The database was written by a newer version of this program; it is left alone.</summary>
internal sealed class NewerSchemaException(SchemaFindings findings, Database database)
    : Exception($"{findings.Describe(database.Name)} Start the newer version again, or {database.Elsewhere}.");

/// <summary>The schema is not what this version needs, and this program was told to change nothing.</summary>
internal sealed class SchemaNotAppliedException(SchemaFindings findings, Database database)
    : Exception($"{findings.Describe(database.Name)} Prismatic:ApplySchema is false, so it is left as it is: run 'prismatic schema apply' with a user who may, or have the output of 'prismatic schema print' run.");

/// <summary>
/// Brings a database to the schema that this version needs, in one transaction that other processes wait for. A database that has it already is
/// only read, so that a user who may not change it can run the program.
/// </summary>
internal static class SchemaMigration
{
    /// <summary>Looks, and changes nothing.</summary>
    public static async Task<SchemaFindings> Check(Database database, CancellationToken cancellation = default)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        return await Look(connection, database.Schema, cancellation);
    }

    /// <summary>Applies what is missing; what was found before.</summary>
    /// <exception cref="NewerSchemaException">The database has a newer schema, and was left alone.</exception>
    public static async Task<SchemaFindings> Apply(Database database, CancellationToken cancellation = default)
    {
        var schema = database.Schema;
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        var before = await Look(connection, schema, cancellation);
        if (before.IsNewer)
        {
            throw new NewerSchemaException(before, database);
        }

        if (before.IsCurrent)
        {
            return before;
        }

        await Execute(connection, schema.Before, cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await Execute(connection, schema.Lock, cancellation);
        await Execute(connection, DatabaseSchema.Versions, cancellation);

        // Once more: another process may have been here while this one waited for the lock.
        var found = await FindVersion(connection, cancellation);
        if (found > schema.Version)
        {
            throw new NewerSchemaException(before with { Found = found }, database);
        }

        for (var version = found + 1; version <= schema.Version; version++)
        {
            await Execute(connection, schema.Migrations[version - 1], cancellation);
            await Execute(connection, DatabaseSchema.NoteVersion(version), cancellation);
        }

        foreach (var (key, text) in schema.Queries)
        {
            await Execute(connection, DatabaseSchema.WriteQuery, cancellation, ("@Key", key), ("@Text", text));
        }

        await transaction.CommitAsync(cancellation);
        return before;
    }

    private static async Task<SchemaFindings> Look(DbConnection connection, DatabaseSchema schema, CancellationToken cancellation)
    {
        var there = await Scalar(connection, schema.FindVersions, cancellation) == 1;
        var found = there ? await FindVersion(connection, cancellation) : 0;
        var queries = found > 0 ? await ReadQueries(connection, cancellation) : [];
        return new SchemaFindings(
            found,
            schema.Version,
            [.. schema.Queries.Where(query => queries.GetValueOrDefault(query.Key) != query.Text).Select(query => query.Key)]);
    }

    private static async Task<int> FindVersion(DbConnection connection, CancellationToken cancellation) =>
        await Scalar(connection, "SELECT COALESCE(MAX(Version), 0) FROM PrismaticSchema;", cancellation);

    private static async Task<Dictionary<string, string>> ReadQueries(DbConnection connection, CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT QueryKey, QueryText FROM OrleansQuery;";
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var queries = new Dictionary<string, string>();
        while (await reader.ReadAsync(cancellation))
        {
            queries[reader.GetString(0)] = reader.GetString(1);
        }

        return queries;
    }

    private static async Task<int> Scalar(DbConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt32(await command.ExecuteScalarAsync(cancellation), CultureInfo.InvariantCulture);
    }

    private static async Task Execute(DbConnection connection, string sql, CancellationToken cancellation, params (string Name, string Value)[] parameters)
    {
        if (sql.Length == 0)
        {
            return;
        }

        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }

        await command.ExecuteNonQueryAsync(cancellation);
    }
}

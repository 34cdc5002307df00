using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Prismatic.Silo;

/// <summary>A failure of the database for the person on call.</summary>
/// <param name="Sentence">What is wrong and what to look at; holds nothing of the connection string but where the server is.</param>
/// <param name="MayPass">Whether the same attempt may go well a little later.</param>
internal sealed record DatabaseFailure(string Sentence, bool MayPass)
{
    /// <summary>What an exception of work on the database means; null when it is a bug.</summary>
    public static DatabaseFailure? OfWork(Exception exception, Database database) => Describe(FindDriver(exception) ?? exception, database);

    /// <summary>What an exception of anything means where it holds one of the database's driver; null where it does not.</summary>
    public static DatabaseFailure? Within(Exception exception, Database database) =>
        FindDriver(exception) is { } driver ? Describe(driver, database) : null;

    private static DatabaseFailure? Describe(Exception exception, Database database) => exception switch
    {
        PostgresException refused => OfServer(refused, database.Name),
        SqliteException broken => new($"The database {database.Name} cannot be used: {broken.Message}", false),
        NpgsqlException { InnerException: AuthenticationException tls } =>
            new($"The database {database.Name} was reached, and no encrypted connection could be made: {tls.Message} Look at 'SSL Mode' and 'Root Certificate' in the connection string.", false),
        NpgsqlException { InnerException: TimeoutException } => new($"The database {database.Name} did not answer in time.", true),
        NpgsqlException { InnerException: SocketException unreachable } => new($"The database {database.Name} cannot be reached: {unreachable.Message}.", true),
        NpgsqlException { IsTransient: true } lost => new($"The connection to the database {database.Name} was lost: {lost.Message}", true),
        NpgsqlException other => new($"The database {database.Name} cannot be used: {other.Message}", false),
        SocketException unreachable => new($"The database {database.Name} cannot be reached: {unreachable.Message}.", true),
        TimeoutException => new($"The database {database.Name} did not answer in time.", true),
        _ => null,
    };

    private static DatabaseFailure OfServer(PostgresException refused, string name) => refused.SqlState switch
    {
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
            new($"The database {name} refuses the user: {refused.MessageText}. Look at 'Username' and 'Password' in the connection string.", false),
        PostgresErrorCodes.InvalidCatalogName => new($"The server has no such database: {refused.MessageText}. It must be made before the first start.", false),
        PostgresErrorCodes.InsufficientPrivilege =>
            new($"The user may not do this in the database {name}: {refused.MessageText}. The schema may be applied by another user: see 'prismatic schema --help'.", false),
        PostgresErrorCodes.TooManyConnections or PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown =>
            new($"The database {name} takes no connection now: {refused.MessageText}.", true),
        _ => new($"The database {name} answered with an error: {refused.MessageText} ({refused.SqlState}).", refused.IsTransient),
    };

    private static Exception? FindDriver(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is NpgsqlException or SqliteException)
            {
                return exception.InnerException as PostgresException ?? exception;
            }
        }

        return null;
    }
}

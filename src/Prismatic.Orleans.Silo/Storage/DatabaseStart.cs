namespace Prismatic.Silo;

/// <summary>The database could not be made ready; the message is for the person who started the program.</summary>
internal sealed class DatabaseNotReadyException(string sentence, Exception? cause = null) : Exception(sentence, cause);

/// <summary>
/// Makes the database ready before anything else starts. A server that is not there yet is waited for, since the two are often started together; what
/// will not get better by waiting is said at once.
/// </summary>
internal static partial class DatabaseStart
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>Applies the schema, or checks it where the program may change nothing.</summary>
    /// <param name="database">The database.</param>
    /// <param name="apply">Whether the schema may be changed.</param>
    /// <param name="limit">How long a database that does not answer is waited for.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Is told each attempt that failed.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="DatabaseNotReadyException">It is not ready, and will not be by waiting longer.</exception>
    public static async Task MakeReady(Database database, bool apply, TimeSpan limit, TimeProvider time, ILogger log, CancellationToken cancellation = default)
    {
        var began = time.GetTimestamp();
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                await Prepare(database, apply, cancellation);
                return;
            }
            catch (Exception refused) when (refused is NewerSchemaException or SchemaNotAppliedException)
            {
                throw new DatabaseNotReadyException(refused.Message, refused);
            }
            catch (Exception thrown) when (DatabaseFailure.OfWork(thrown, database) is { } failure)
            {
                if (!failure.MayPass)
                {
                    throw new DatabaseNotReadyException(failure.Sentence, thrown);
                }

                if (time.GetElapsedTime(began) + pause > limit)
                {
                    throw new DatabaseNotReadyException(
                        limit > TimeSpan.Zero ? $"{failure.Sentence} It was waited for {limit.TotalSeconds:0} s." : failure.Sentence, thrown);
                }

                NotYet(log, failure.Sentence, pause.TotalSeconds);
            }

            await Task.Delay(pause, time, cancellation);
        }
    }

    private static async Task Prepare(Database database, bool apply, CancellationToken cancellation)
    {
        if (apply)
        {
            await SchemaMigration.Apply(database, cancellation);
            return;
        }

        var findings = await SchemaMigration.Check(database, cancellation);
        if (findings.IsNewer)
        {
            throw new NewerSchemaException(findings, database);
        }

        if (!findings.IsCurrent)
        {
            throw new SchemaNotAppliedException(findings, database);
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Warning, Message = "{Failure} It is tried again in {Seconds} s.")]
    private static partial void NotYet(ILogger log, string failure, double seconds);
}

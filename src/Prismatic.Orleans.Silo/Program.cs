using Orleans.Runtime;
using Prismatic.Silo;
using Prismatic.Silo.Demo;

const int WrongUse = 2;

if (args is ["demo", .. var demoArguments])
{
    return await DemoCommand.Run(demoArguments);
}

var builder = WebApplication.CreateBuilder(args);
var (options, mistakes) = SiloOptionsReader.Read(builder.Configuration);
mistakes = [.. mistakes, .. MachineChecks.FindMistakes(options)];
if (mistakes.Count > 0)
{
    return Refuse(mistakes);
}

await using var app = SiloHost.Build(builder, options);
var database = app.Services.GetRequiredService<Database>();
try
{
    await DatabaseStart.MakeReady(
        database,
        options.ApplySchema,
        TimeSpan.FromSeconds(options.DatabaseWaitSeconds),
        app.Services.GetRequiredService<TimeProvider>(),
        app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Prismatic.Silo.Database"));
    await app.StartAsync();
}
catch (DatabaseNotReadyException e)
{
    return Refuse([e.Message]);
}
catch (IOException e)
{
    return Refuse([$"The HTTP server cannot start: {e.Message}"]);
}
catch (Exception e) when (DatabaseFailure.Within(e, database) is { } failure)
{
    return Refuse([$"The silo could not start. {failure.Sentence}"]);
}
catch (OrleansException e)
{
    return Refuse([$"The silo could not join the cluster '{options.ClusterId}': {e.Message}"]);
}

if (options.SignInLink)
{
    app.Services.PrintSignInLink();
}

await app.WaitForShutdownAsync();
return 0;

static int Refuse(IEnumerable<string> mistakes)
{
    foreach (var mistake in mistakes)
    {
        Console.Error.WriteLine(mistake);
    }

    return WrongUse;
}

using Xunit;

namespace Prismatic.SystemTests.Faults;

/// <summary>The short version of the fault scenarios; <c>infra/faults.sh</c> runs all of them, more often, beside a control arm.</summary>
public sealed class ShortFaultsTests
{
    private const int Seed = 20_261_128;

    [Fact]
    public async Task Nothing_acknowledged_is_lost_while_a_silo_the_database_and_then_all_silos_are_killed()
    {
        Harness.Requirement.Postgres();

        var result = await ScenarioRun.Run(Scenarios.Short, Arm.Platform, Seed, times: null, pace: 0.5, keep: null, line => TestContext.Current.TestOutputHelper?.WriteLine(line));

        TestContext.Current.TestOutputHelper?.WriteLine($"Seed {Seed}.\n{FaultsReport.Write([result], Seed, 0.5, "this machine")}");
        Assert.True(result.Trouble is null, result.Trouble);
        Assert.Empty(result.Findings);
        Assert.Contains(result.History!.Calls, call => call.Kind == CallKind.Crash && call.Crash is not null);
    }
}

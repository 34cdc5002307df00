using Prismatic.Drills;
using Xunit;

namespace Prismatic.Tests.Drills;

public sealed class DrillReaderTests
{
    private const string Good = """
        { "name": "osint source refuses connections", "seed": 7, "duration": "10s",
          "load":   [ { "child": "prismatic/osint/source-manager", "ratePerSecond": 50, "priority": "normal" } ],
          "faults": [ { "at": "1s", "until": "4s", "child": "prismatic/osint/source-manager", "where": "call",
                        "exception": "System.Net.Http.HttpRequestException", "message": "Connection refused (127.0.0.1:9)", "probability": 1.0 },
                      { "at": "2s", "child": "prismatic/core/cache-manager", "where": "state", "corrupt": true },
                      { "at": "3s", "child": "prismatic/dd/entity-resolver", "where": "activation", "exception": "System.IO.InvalidDataException", "message": "bad record", "count": 2 },
                      { "at": "5s", "where": "silo", "kill": true } ],
          "expect": { "escalationsAtMost": 0, "recoveredWithin": "5s", "remediations": { "CircuitBreak": 1, "RestartWithBackoff": { "min": 1, "max": 3 } }, "bystanderFailuresAtMost": 0 } }
        """;

    [Fact]
    public void A_file_with_every_place_of_a_fault_is_read_as_it_stands()
    {
        var (drill, mistakes) = DrillReader.Read(Good);

        Assert.Empty(mistakes);
        Assert.Equal(TimeSpan.FromSeconds(10), drill!.Duration);
        Assert.Equal([FaultPlace.Call, FaultPlace.State, FaultPlace.Activation, FaultPlace.Silo], drill.Faults.Select(fault => fault.Where));
        Assert.Equal(new CountRange(1, 1), drill.Expect.Remediations["CircuitBreak"]);
        Assert.Equal(new CountRange(1, 3), drill.Expect.Remediations["RestartWithBackoff"]);
        Assert.Equal("drill:prismatic/osint/source-manager", drill.Faults[0].Target);
    }

    [Fact]
    public void All_mistakes_are_told_together_each_with_its_line_and_field()
    {
        var (drill, mistakes) = DrillReader.Read("""
            { "name": "", "duration": "ten", "surprise": 1,
              "load": [ { "child": "a/b", "ratePerSecond": 0, "priority": "urgent", "args": [1] } ],
              "faults": [ { "at": "1s", "until": "1s", "child": "a/b", "where": "call", "exception": "System.Nope", "message": "m", "probability": 2 },
                          { "at": "1s", "child": "a/b", "where": "state" },
                          { "at": "1s", "child": "a/b", "where": "silo", "kill": true, "message": "m" },
                          { "where": "moon" } ],
              "expect": { "remediations": { "Pray": 1, "Escalate": { "min": 3, "max": 1 } }, "escalationsAtMost": -1 } }
            """);

        Assert.Null(drill);
        string[] expected =
        [
            "line 1: surprise", "line 1: duration", "line 1: name", "line 2: load[0].ratePerSecond", "line 2: load[0].priority", "line 2: load[0].args",
            "line 3: faults[0].until", "line 3: faults[0].exception", "line 3: faults[0].probability", "line 4: faults[1].corrupt",
            "line 5: faults[2].message", "line 5: faults[2].child", "line 6: faults[3].where", "line 6: faults[3].at", "line 7: expect.remediations.Pray",
            "line 7: expect.remediations.Escalate", "line 7: expect.escalationsAtMost",
        ];
        Assert.All(expected, start => Assert.Contains(mistakes, mistake => mistake.StartsWith(start, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[] []")]
    [InlineData("")]
    public void What_is_no_JSON_is_told_with_its_line(string file)
    {
        var (drill, mistakes) = DrillReader.Read(file);

        Assert.Null(drill);
        Assert.StartsWith("line 1: the file is not JSON", Assert.Single(mistakes), StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_seed_strikes_the_same_calls_and_about_as_many_as_its_probability_says()
    {
        bool[] Draw(long seed) => [.. Enumerable.Range(0, 10_000).Select(call => FaultDraw.Strikes(seed, "a/b", call, 0.1))];

        Assert.Equal(Draw(7), Draw(7));
        Assert.NotEqual(Draw(7), Draw(8));
        Assert.InRange(Draw(7).Count(struck => struck), 900, 1_100);
    }

    [Theory]
    [InlineData("System.Net.Sockets.SocketException", "ConnectionRefused")]
    [InlineData("System.Net.Http.HttpRequestException", null)]
    [InlineData("System.ArgumentException", "request")]
    [InlineData("Npgsql.PostgresException", "53300")]
    [InlineData("Orleans.Storage.InconsistentStateException", null)]
    public void An_exception_is_made_with_its_message_and_code(string type, string? code)
    {
        var made = new ExceptionRecipe { Type = type, Message = "what happened", Code = code }.Make("   at Worker.Serve()", "fault 0");

        Assert.Equal(type, made.GetType().FullName);
        Assert.Contains("what happened", made.Message, StringComparison.Ordinal);
        Assert.Contains("Worker.Serve", made.StackTrace, StringComparison.Ordinal);
        Assert.Equal("fault 0", DrillMarks.Of(made));
    }
}

using Orleans.Runtime;
using Prismatic.ClientSample;
using Prismatic.Supervision;
using Xunit;

namespace Prismatic.SystemTests.ClientSample;

/// <summary>What the sample makes of whatever a call can throw.</summary>
public sealed class AnswerTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);

    [Fact]
    public void A_breaker_that_is_open_refuses_until_its_hint() => Is(
        new BreakerOpenException("source:register", Soon), AnswerKind.Refused, Soon, "source:register is known to fail and was not called");

    [Fact]
    public void A_child_that_backs_off_refuses_until_its_hint() => Is(
        new ChildUnavailableException("prismatic/osint/source-manager", ChildStatus.BackingOff, Soon), AnswerKind.Refused, Soon, "is BackingOff; the call did not start");

    [Fact]
    public void A_child_without_a_hint_is_not_asked_again() => Is(
        new ChildUnavailableException("prismatic/osint/source-manager", ChildStatus.Stopped, null, "t-1"), AnswerKind.Refused, null, "until somebody starts it, ticket t-1");

    [Fact]
    public void A_control_method_is_refused_for_good() => Is(
        new ControlRefusedException("Stop"), AnswerKind.Refused, null, "Stop is a control method");

    [Fact]
    public void The_workers_own_exception_has_its_type_and_the_crash_it_is_known_under()
    {
        var thrown = new HttpRequestException("Connection refused") { Data = { ["prismatic.crash"] = "c-7" } };

        Is(thrown, AnswerKind.Failed, TimeSpan.Zero, "System.Net.Http.HttpRequestException: Connection refused (crash c-7)");
    }

    [Fact]
    public void A_timeout_of_the_workers_own_is_no_lost_answer()
    {
        var thrown = new TimeoutException("the source") { Data = { ["prismatic.crash"] = "c-8" } };

        Is(thrown, AnswerKind.Failed, TimeSpan.Zero, "System.TimeoutException: the source (crash c-8)");
    }

    [Fact]
    public void A_call_that_the_request_itself_spoils_failed() => Is(
        new ArgumentException("There is no such source."), AnswerKind.Failed, TimeSpan.Zero, "There is no such source.");

    [Fact]
    public void An_answer_that_did_not_come_is_lost()
    {
        Is(new TimeoutException("no answer within 15 s"), AnswerKind.Lost, TimeSpan.Zero, "TimeoutException");
        Is(new SiloUnavailableException("the silo is dead"), AnswerKind.Lost, TimeSpan.Zero, "SiloUnavailableException: the silo is dead");
    }

    private static void Is(Exception thrown, AnswerKind kind, TimeSpan? again, string words)
    {
        var answer = Answer.Of(thrown);

        Assert.Equal((kind, again), (answer.Kind, answer.Again));
        Assert.Contains(words, answer.Text, StringComparison.Ordinal);
    }
}

/// <summary>The sample's command line.</summary>
public sealed class SampleOptionsTests
{
    [Fact]
    public void Gateways_and_sources_are_read()
    {
        var (options, mistake) = SampleOptions.Read(["--gateways", "127.0.0.1:30000, 127.0.0.2:30000", "--ask", "a", "--ask", "b", "--every", "0.1"]);

        Assert.Null(mistake);
        Assert.Equal(["127.0.0.1:30000", "127.0.0.2:30000"], options.Gateways.Select(gateway => gateway.ToString()));
        Assert.Equal(["a", "b"], options.Sources);
        Assert.Equal(TimeSpan.FromSeconds(0.1), options.Every);
    }

    [Theory]
    [InlineData("Either --gateways or --database-file tells where the cluster is.")]
    [InlineData("Either --gateways or --database-file tells where the cluster is.", "--gateways", "127.0.0.1:1", "--database-file", "f")]
    [InlineData("--gateways is 'localhost'; it must be addresses such as 127.0.0.1:30000, separated by commas.", "--gateways", "localhost")]
    [InlineData("--every is '0'; it must be from 0.01 to 60 seconds.", "--gateways", "127.0.0.1:1", "--every", "0")]
    [InlineData("--every has no value.", "--every")]
    [InlineData("--verbose is not an option.", "--verbose", "1")]
    public void A_mistake_is_one_sentence(string sentence, params string[] arguments) => Assert.Equal(sentence, SampleOptions.Read(arguments).Mistake);
}

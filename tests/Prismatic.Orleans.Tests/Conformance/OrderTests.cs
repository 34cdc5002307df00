using Prismatic.Supervision;
using Xunit;

namespace Prismatic.Tests.Conformance;

/// <summary>OTP's order of starts and stops, on grains.</summary>
public sealed class OrderTests
{
    private static void Three(SupervisionTreeBuilder tree, RestartStrategy strategy) => tree
        .Supervisor("s", strategy, s => s.Intensity(2, TimeSpan.FromHours(1))
            .Worker<IActorGrain>("a").Worker<IActorGrain>("b").Worker<IActorGrain>("c"));

    [Theory]
    [InlineData(RestartStrategy.OneForOne, "stop b, start b")]
    [InlineData(RestartStrategy.RestForOne, "stop b, stop c, start b, start c")]
    [InlineData(RestartStrategy.OneForAll, "stop b, stop c, stop a, start a, start b, start c")]
    public async Task A_crash_restarts_in_otps_order(RestartStrategy strategy, string expected)
    {
        await using var otp = await OtpCluster.Start(tree => Three(tree, strategy));
        Assert.Equal("start a, start b, start c", otp.TakeJournal());

        await otp.Exit("b", ExitReason.Error);

        Assert.Equal(expected, otp.TakeJournal());
    }

    [Fact]
    public async Task The_restart_beyond_the_intensity_ends_the_supervisor_and_its_parent_starts_it_again()
    {
        await using var otp = await OtpCluster.Start(tree => Three(tree, RestartStrategy.OneForOne));
        await otp.Exit("b", ExitReason.Error);
        await otp.Exit("b", ExitReason.Error);
        otp.TakeJournal();

        await otp.Exit("b", ExitReason.Error);

        Assert.Equal("stop b, stop c, stop a, start a, start b, start c", otp.TakeJournal());
    }

    [Fact]
    public async Task A_start_that_fails_is_tried_again_and_counted()
    {
        await using var otp = await OtpCluster.Start(tree => Three(tree, RestartStrategy.RestForOne));
        otp.TakeJournal();
        otp.Starts.Next("c", StartOutcome.Failed);

        await otp.Exit("b", ExitReason.Error);

        Assert.Equal("stop b, stop c, start b, fail c, start c", otp.TakeJournal());
    }

    [Fact]
    public async Task Children_are_added_terminated_restarted_and_deleted_with_otps_answers()
    {
        await using var otp = await OtpCluster.Start(tree => tree.Supervisor("s", RestartStrategy.OneForOne, s => s.Accepts<IActorGrain>()));
        var supervisor = otp.Supervisor("app/s");
        var spec = ChildSpec.For(otp.Actor("x"));

        Assert.Equal(ChildAnswerKind.Ok, (await supervisor.StartChild(spec)).Kind);
        Assert.Equal(ChildAnswerKind.AlreadyStarted, (await supervisor.StartChild(spec)).Kind);
        Assert.Equal(ChildAnswerKind.Running, (await supervisor.DeleteChild("x")).Kind);
        Assert.Equal(ChildAnswerKind.Ok, (await supervisor.TerminateChild("x")).Kind);
        Assert.Equal(ChildAnswerKind.Ok, (await supervisor.TerminateChild("x")).Kind);
        Assert.Equal(ChildAnswerKind.AlreadyPresent, (await supervisor.StartChild(spec)).Kind);
        await Assert.ThrowsAsync<ChildUnavailableException>(() => otp.Actor("x").Serve());
        Assert.Equal(ChildAnswerKind.Ok, (await supervisor.RestartChild("x")).Kind);
        await otp.Actor("x").Serve();
        Assert.Equal(ChildAnswerKind.Running, (await supervisor.RestartChild("x")).Kind);
        await supervisor.TerminateChild("x");
        Assert.Equal(ChildAnswerKind.Ok, (await supervisor.DeleteChild("x")).Kind);
        Assert.Equal(ChildAnswerKind.NotFound, (await supervisor.DeleteChild("x")).Kind);
        await Assert.ThrowsAsync<ChildUnavailableException>(() => otp.Actor("x").Serve());
        Assert.Equal("start x, stop x, start x, stop x", otp.TakeJournal());
    }
}

using Prismatic.Silo;
using Xunit;

namespace Prismatic.Tests.Silo;

public sealed class DepartureTests
{
    private const bool Here = true;
    private const bool Elsewhere = false;
    private const bool Wrote = true;
    private const bool StoodStill = false;

    [Theory]
    [InlineData("Answered", Here, StoodStill, 3600, "Leave")]
    [InlineData("Answered", Elsewhere, StoodStill, 3600, "Leave")]
    [InlineData("Refused", Here, StoodStill, 0, "Gone")]
    [InlineData("Refused", Here, Wrote, 0, "Gone")]
    [InlineData("Refused", Elsewhere, StoodStill, 0, "Watch")]
    [InlineData("Refused", Elsewhere, StoodStill, 10.999, "Watch")]
    [InlineData("Refused", Elsewhere, StoodStill, 11, "Gone")]
    [InlineData("Refused", Elsewhere, Wrote, 3600, "Leave")]
    [InlineData("Silent", Here, StoodStill, 10.999, "Watch")]
    [InlineData("Silent", Here, StoodStill, 11, "Gone")]
    [InlineData("Silent", Elsewhere, StoodStill, 10.999, "Watch")]
    [InlineData("Silent", Elsewhere, StoodStill, 11, "Gone")]
    [InlineData("Silent", Elsewhere, Wrote, 3600, "Leave")]
    public void A_silo_is_gone_when_this_machine_says_so_or_when_nobody_answers_and_its_time_in_the_table_stands_still(
        string knock, bool sameMachine, bool wrote, double seconds, string verdict) =>
        Assert.Equal(
            Enum.Parse<DepartureVerdict>(verdict),
            Departure.Judge(Enum.Parse<Knock>(knock), sameMachine, wrote, TimeSpan.FromSeconds(seconds)));
}

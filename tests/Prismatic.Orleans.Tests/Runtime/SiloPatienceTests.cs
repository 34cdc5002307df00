using System.Net;
using Orleans.Runtime;
using Prismatic.Runtime;
using Xunit;

namespace Prismatic.Tests.Runtime;

/// <summary>How long supervision waits for a silo that does not answer.</summary>
public sealed class SiloPatienceTests
{
    private static readonly SiloAddress One = SiloAddress.New(IPAddress.Loopback, 1, 1);
    private static readonly SiloAddress Other = SiloAddress.New(IPAddress.Loopback, 2, 1);

    private readonly SiloPatience _patience = new();

    [Fact]
    public void A_silo_that_was_silent_is_waited_for_briefly_until_it_answers()
    {
        Assert.Equal(SiloPatience.Long, _patience.For(One));

        _patience.WasSilent(One);
        Assert.Equal(SiloPatience.Short, _patience.For(One));
        Assert.Equal(SiloPatience.Long, _patience.For(Other));

        _patience.Answered(One);
        Assert.Equal(SiloPatience.Long, _patience.For(One));
    }

    [Fact]
    public void Whoever_has_less_time_waits_no_longer_than_that()
    {
        Assert.Equal(TimeSpan.FromSeconds(3), _patience.For(One, TimeSpan.FromSeconds(3)));

        _patience.WasSilent(One);
        Assert.Equal(SiloPatience.Short, _patience.For(One, TimeSpan.FromSeconds(3)));
        Assert.Equal(TimeSpan.FromMilliseconds(10), _patience.For(One, TimeSpan.FromMilliseconds(10)));
    }

    [Fact]
    public void A_silo_that_left_is_forgotten()
    {
        _patience.WasSilent(One);
        _patience.WasSilent(Other);

        _patience.Keep([Other]);

        Assert.Equal(SiloPatience.Long, _patience.For(One));
        Assert.Equal(SiloPatience.Short, _patience.For(Other));
    }
}

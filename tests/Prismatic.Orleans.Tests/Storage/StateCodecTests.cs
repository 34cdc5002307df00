using System.Text;
using Prismatic.Storage;
using Xunit;

namespace Prismatic.Tests.Storage;

public sealed class StateCodecTests
{
    [Theory]
    [InlineData("""{"Open":["a"],"Count":1}""", 1, null)]
    [InlineData("""{"Open":["a"],"Count":1,"Added":true}""", 1, null)]
    [InlineData("{}", 1, null)]
    [InlineData("""{"Open":["a"],"Count":1}""", 2, null)]
    [InlineData("""{"Open":["a"],"Count":1}""", 3, "it has schema version 3, and this version of the worker reads up to 2")]
    [InlineData("""{"Open":7}""", 1, "its JSON does not fit Cases at $.Open, line 1, byte 9")]
    [InlineData("""{"Open":[""", 1, "its JSON does not fit Cases at $.Open[0], line 1, byte 9")]
    [InlineData("null", 1, "it holds the JSON value null")]
    [InlineData("""{"Open":["a"],"Count":2}""", 1, "it counts 2 cases and lists 1")]
    public void A_state_is_usable_when_bytes_schema_shape_and_its_own_check_agree(string json, int schema, string? damage)
    {
        var envelope = StateEnvelope.Seal(Encoding.UTF8.GetBytes(json), schema, default);

        Assert.Equal(damage is null, StateCodec.TryDecode<Cases>(envelope, schemaVersion: 2, out _, out var found));
        Assert.Equal(damage, found);
    }

    [Fact]
    public void A_check_that_throws_is_a_bug_and_no_evidence() =>
        Assert.Throws<InvalidCastException>(() =>
            StateCodec.TryDecode<BuggyCheck>(StateEnvelope.Seal("{}"u8.ToArray(), 1, default), 1, out _, out _));

    [Fact]
    public void Numbers_that_are_not_finite_can_be_stored()
    {
        var envelope = StateCodec.Encode(new Measured { Mean = double.NaN }, 1, default);

        Assert.True(StateCodec.TryDecode<Measured>(envelope, 1, out var state, out _));
        Assert.Equal(double.NaN, state.Mean);
    }

    public sealed class Measured
    {
        public double Mean { get; set; }
    }

    public sealed class BuggyCheck : ICheckedState
    {
        public string? FindDamage() => throw new InvalidCastException("a bug");
    }
}

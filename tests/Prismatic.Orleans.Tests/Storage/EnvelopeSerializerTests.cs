using System.Text;
using Microsoft.Extensions.Time.Testing;
using Prismatic.Storage;
using Xunit;

namespace Prismatic.Tests.Storage;

public sealed class EnvelopeSerializerTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly byte[] Payload = Encoding.UTF8.GetBytes("""{"Open":["a"],"Count":1}""");
    private readonly EnvelopeSerializer _serializer = new(new FakeTimeProvider(Now));

    [Fact]
    public void An_envelope_comes_back_as_it_was_stored()
    {
        var read = Read(Record(schema: 3));

        Assert.Null(read.Damage);
        Assert.Equal(Payload, read.Payload);
        Assert.Equal(3, read.SchemaVersion);
        Assert.Equal(Now, read.WrittenAt);
    }

    [Fact]
    public void A_record_is_one_line_of_header_and_then_the_state_as_it_is()
    {
        var lines = Encoding.UTF8.GetString(Record()).Split('\n');

        Assert.Equal(2, lines.Length);
        Assert.StartsWith("""{"format":1,"checksum":""", lines[0], StringComparison.Ordinal);
        Assert.Equal(Encoding.UTF8.GetString(Payload), lines[1]);
    }

    [Theory]
    [InlineData("", "does not begin with a record header")]
    [InlineData("no header at all", "does not begin with a record header")]
    [InlineData("\n", "does not begin with a record header")]
    [InlineData("null\n{}", "does not begin with a record header")]
    [InlineData("[]\n{}", "does not begin with a record header")]
    [InlineData("{\"length\":2}\n{}", "does not begin with a record header")]
    [InlineData("{\"format\":2,\"length\":2}\n{}", "newer version of Prismatic (record format 2; this version reads up to 1)")]
    [InlineData("{\"format\":1,\"length\":3,\"checksum\":\"0\"}\n{}", "holds 2 bytes of state where its header says 3")]
    [InlineData("{\"format\":1,\"length\":2,\"checksum\":\"0\"}\n{}", "the checksum of its state is")]
    [InlineData("{\"format\":1,\"length\":2}\n{}", "the checksum of its state is")]
    public void What_cannot_be_read_comes_back_as_damage_with_all_its_bytes(string record, string damage)
    {
        var bytes = Encoding.UTF8.GetBytes(record);

        var read = Read(bytes);

        Assert.Contains(damage, read.Damage, StringComparison.Ordinal);
        Assert.Equal(bytes, read.Payload);
    }

    [Fact]
    public void No_record_cut_short_at_any_place_is_taken_for_intact()
    {
        var record = Record();

        for (var length = 0; length < record.Length; length++)
        {
            Assert.NotNull(Read(record[..length]).Damage);
        }
    }

    [Fact]
    public void No_flipped_bit_at_any_place_reaches_the_state_unnoticed()
    {
        var record = Record();

        for (var bit = 0; bit < record.Length * 8; bit++)
        {
            var flipped = record.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));

            var read = Read(flipped);
            if (read.Damage is null)
            {
                Assert.Equal(Payload, read.Payload);
            }
        }
    }

    [Fact]
    public void A_damaged_envelope_is_stored_as_the_bytes_it_holds() =>
        Assert.Equal(new byte[] { 1, 2, 3 }, _serializer.Serialize(StateEnvelope.Damaged([1, 2, 3], "injected")).ToArray());

    [Fact]
    public void Other_types_are_stored_in_the_same_frame()
    {
        var bytes = _serializer.Serialize(new Cases().Add("a"));

        Assert.Equal(["a"], _serializer.Deserialize<Cases>(bytes)!.Open);
        Assert.Null(Read(bytes.ToArray()).Damage);
    }

    [Fact]
    public void A_damaged_record_of_another_type_is_refused_with_a_sentence()
    {
        var thrown = Assert.Throws<InvalidDataException>(() => _serializer.Deserialize<Cases>(new BinaryData("garbage")));

        Assert.Equal(
            "A stored record of Prismatic.Tests.Storage.Cases cannot be used: it does not begin with a record header", thrown.Message);
    }

    private byte[] Record(int schema = 1) => _serializer.Serialize(StateEnvelope.Seal(Payload, schema, Now)).ToArray();

    private StateEnvelope Read(byte[] record) => _serializer.Deserialize<StateEnvelope>(new BinaryData(record))!;
}

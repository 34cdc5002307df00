using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Prismatic.Drills;

/// <summary>Which calls a fault with a probability strikes: a function of seed, child and the call's ordinal, so that the same seed strikes the same calls.</summary>
internal static class FaultDraw
{
    public static bool Strikes(long seed, string child, long ordinal, double probability)
    {
        if (probability >= 1)
        {
            return true;
        }

        var text = Encoding.UTF8.GetBytes(child);
        Span<byte> key = stackalloc byte[16];
        BinaryPrimitives.WriteInt64LittleEndian(key, seed);
        BinaryPrimitives.WriteInt64LittleEndian(key[8..], ordinal);
        var hash = new XxHash64();
        hash.Append(key);
        hash.Append(text);
        return hash.GetCurrentHashAsUInt64() / (double)ulong.MaxValue < probability;
    }
}

using System.Buffers.Binary;
using System.Text;
using Ogong.Bytes;

namespace Ogong.Commitments;

/// <summary>Draws from a beacon value: pure functions of (beacon, subject, purpose), without modulo bias.</summary>
public static class BeaconDraw
{
    /// <summary>
    /// A uniform integer in [0, <paramref name="bound"/>): the first 64-bit word below the largest multiple of the bound, modulo the bound, of
    /// <c>H("ogong/draw/1", beacon ‖ subject ‖ u32 length(purpose) ‖ purpose ‖ u32 attempt)</c> for attempt 0, 1, …
    /// </summary>
    public static int Below(Digest beacon, Digest subject, string purpose, int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        return (int)Below(beacon, subject, purpose, (ulong)bound);
    }

    /// <inheritdoc cref="Below(Digest, Digest, string, int)"/>
    public static ulong Below(Digest beacon, Digest subject, string purpose, ulong bound)
    {
        ArgumentNullException.ThrowIfNull(purpose);
        ArgumentOutOfRangeException.ThrowIfZero(bound);
        byte[] name = Encoding.ASCII.GetBytes(purpose);
        ulong limit = ulong.MaxValue - (ulong.MaxValue % bound); // A multiple of the bound; words at or above it are drawn again.
        using var hasher = new TaggedHasher(CommitmentTags.Draw);
        for (uint attempt = 0; ; attempt++)
        {
            hasher.Append(beacon);
            hasher.Append(subject);
            hasher.Append((uint)name.Length);
            hasher.Append(name);
            hasher.Append(attempt);
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(hasher.Finish().Span);
            if (word < limit) return word % bound;
        }
    }

    /// <summary>
    /// A uniform choice of <paramref name="count"/> distinct integers below <paramref name="bound"/> (all of them, if there are not more), ascending: the first steps of a
    /// Fisher–Yates shuffle, whose step i is drawn below bound − i for the purpose <c>purpose/i</c>.
    /// </summary>
    public static int[] Distinct(Digest beacon, Digest subject, string purpose, int count, int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfNegative(bound);
        var moved = new Dictionary<int, int>(); // Only the places the shuffle has touched.
        var chosen = new int[Math.Min(count, bound)];
        for (int i = 0; i < chosen.Length; i++)
        {
            int j = i + Below(beacon, subject, $"{purpose}/{i}", bound - i);
            chosen[i] = moved.GetValueOrDefault(j, j);
            moved[j] = moved.GetValueOrDefault(i, i);
        }
        Array.Sort(chosen);
        return chosen;
    }
}

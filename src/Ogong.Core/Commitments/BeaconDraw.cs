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
        ArgumentNullException.ThrowIfNull(purpose);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        byte[] name = Encoding.ASCII.GetBytes(purpose);
        ulong limit = ulong.MaxValue - (ulong.MaxValue % (ulong)bound); // A multiple of the bound; words at or above it are drawn again.
        using var hasher = new TaggedHasher(CommitmentTags.Draw);
        for (uint attempt = 0; ; attempt++)
        {
            hasher.Append(beacon);
            hasher.Append(subject);
            hasher.Append((uint)name.Length);
            hasher.Append(name);
            hasher.Append(attempt);
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(hasher.Finish().Span);
            if (word < limit) return (int)(word % (ulong)bound);
        }
    }
}

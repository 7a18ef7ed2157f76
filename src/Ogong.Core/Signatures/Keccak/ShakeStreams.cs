using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ogong.Signatures;

/// <summary>Several SHAKE streams side by side, all of one seed and each with its own 16-bit suffix: SHAKE(seed ‖ suffix).</summary>
/// <remarks>Needs no more than one block of input. The state of stream i is element i of every lane.</remarks>
internal static class ShakeStreams
{
    /// <summary>Streams in one <typeparamref name="T"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Count<T>()
        where T : unmanaged => Unsafe.SizeOf<T>() / sizeof(ulong);

    /// <summary>Absorbs seed ‖ suffix, little-endian, in each stream, and the padding.</summary>
    /// <param name="state">25 lanes.</param>
    /// <param name="rate">Bytes of a block.</param>
    /// <param name="seed">A multiple of eight bytes.</param>
    /// <param name="suffixes">One for each stream.</param>
    public static void Absorb<T>(Span<T> state, int rate, ReadOnlySpan<byte> seed, ReadOnlySpan<ushort> suffixes)
        where T : unmanaged
    {
        var count = Count<T>();
        var lanes = MemoryMarshal.Cast<T, ulong>(state);
        lanes.Clear();
        for (var stream = 0; stream < count; stream++)
        {
            for (var lane = 0; lane < seed.Length / 8; lane++)
                lanes[(lane * count) + stream] = BinaryPrimitives.ReadUInt64LittleEndian(seed[(8 * lane)..]);
            lanes[(seed.Length / 8 * count) + stream] = suffixes[stream] | ((ulong)Shake.DomainAndPadding << 16);
            lanes[(((rate / 8) - 1) * count) + stream] ^= Shake.LastBit;
        }
    }

    /// <summary>The next block of every stream: stream i's at i · stride.</summary>
    public static void Squeeze<T, TLane>(Span<T> state, int rate, Span<byte> blocks, int stride)
        where T : unmanaged
        where TLane : ILane<T>
    {
        KeccakF1600.Permute<T, TLane>(ref state[0]);
        var count = Count<T>();
        var lanes = MemoryMarshal.Cast<T, ulong>(state);
        for (var stream = 0; stream < count; stream++)
        {
            var block = blocks.Slice(stream * stride, rate);
            for (var lane = 0; lane < rate / 8; lane++)
                BinaryPrimitives.WriteUInt64LittleEndian(block[(8 * lane)..], lanes[(lane * count) + stream]);
        }
    }
}

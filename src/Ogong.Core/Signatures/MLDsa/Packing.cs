using System.Buffers.Binary;
using System.Runtime.Intrinsics;

namespace Ogong.Signatures;

/// <summary>Bit packing of polynomials and of the hint (FIPS 204, section 7.1).</summary>
internal static class Packing
{
    /// <summary>SimpleBitPack: w[i] in [0, 2^bits), filling a multiple of four bytes.</summary>
    public static void PackUnsigned(ReadOnlySpan<int> w, int bits, Span<byte> output) => Pack(w, bits, 0, 1, output);

    /// <summary>BitPack(w, ·, upper): w[i] in (upper − 2^bits, upper], filling a multiple of four bytes.</summary>
    public static void PackBelow(ReadOnlySpan<int> w, int bits, int upper, Span<byte> output) => Pack(w, bits, upper, -1, output);

    /// <summary>SimpleBitUnpack.</summary>
    public static void UnpackUnsigned(ReadOnlySpan<byte> input, int bits, Span<int> w) => Unpack(input, bits, 0, 1, w);

    /// <summary>BitUnpack(·, ·, upper): w[i] = upper − stored value.</summary>
    public static void UnpackBelow(ReadOnlySpan<byte> input, int bits, int upper, Span<int> w) => Unpack(input, bits, upper, -1, w);

    /// <summary>BitUnpack of z and of the mask y: w[i] = γ1 − stored value of 18 bits, a multiple of four of them.</summary>
    public static void UnpackZ(ReadOnlySpan<byte> input, Span<int> w)
    {
        // Nine bytes hold four values, beginning at bits 0, 2, 4 and 6 of bytes 0, 2, 4 and 6; a multiplication stands for the four different shifts.
        const int width = 4;
        var at = 0;
        var i = 0;
        for (; at <= input.Length - 16; at += 9, i += width)
        {
            var values = Vector128.Shuffle(
                Vector128.Create(input.Slice(at, 16)), Vector128.Create(0, 1, 2, 0xFF, 2, 3, 4, 0xFF, 4, 5, 6, 0xFF, 6, 7, 8, 0xFF)).AsInt32();
            values = ((values * Vector128.Create(64, 16, 4, 1)) >> 6) & Vector128.Create((1 << 18) - 1);
            (Vector128.Create(MLDsa44.Gamma1) - values).CopyTo(w.Slice(i, width));
        }
        UnpackBelow(input[at..], 18, MLDsa44.Gamma1, w[i..]);
    }

    /// <summary>Packs offset + sign · w[i], a value of so many bits each.</summary>
    private static void Pack(ReadOnlySpan<int> w, int bits, int offset, int sign, Span<byte> output)
    {
        unchecked
        {
            var buffer = 0UL;
            var held = 0; // bits in the buffer, below 32
            foreach (var coefficient in w)
            {
                buffer |= (ulong)(uint)(offset + (sign * coefficient)) << held;
                held += bits;
                if (held < 32)
                    continue;
                BinaryPrimitives.WriteUInt32LittleEndian(output, (uint)buffer);
                output = output[4..];
                buffer >>= 32;
                held -= 32;
            }
        }
    }

    private static void Unpack(ReadOnlySpan<byte> input, int bits, int offset, int sign, Span<int> w)
    {
        unchecked
        {
            var mask = (1u << bits) - 1;
            var last = input.Length - 8; // the last load that stays inside the input
            for (var i = 0; i < w.Length; i++)
            {
                var bit = i * bits;
                var at = Math.Min(bit >> 3, last);
                var value = BinaryPrimitives.ReadUInt64LittleEndian(input[at..]) >> (bit - (8 * at));
                w[i] = offset + (sign * (int)((uint)value & mask));
            }
        }
    }

    /// <summary>HintBitPack: the positions of the ones, row by row, then the running counts.</summary>
    /// <param name="hint">K polynomials of zeros and at most ω ones.</param>
    /// <param name="output">ω + K bytes.</param>
    public static void PackHint(ReadOnlySpan<int> hint, Span<byte> output)
    {
        output.Clear();
        var index = 0;
        for (var i = 0; i < MLDsa44.K; i++)
        {
            for (var j = 0; j < MLDsa44.N; j++)
            {
                if (hint[(i * MLDsa44.N) + j] != 0)
                    output[index++] = (byte)j;
            }
            output[MLDsa44.Omega + i] = (byte)index;
        }
    }

    /// <summary>HintBitUnpack: false unless positions ascend strictly within a row, counts never fall or pass ω, and the rest is zero.</summary>
    public static bool TryUnpackHint(ReadOnlySpan<byte> input, Span<int> hint)
    {
        hint.Clear();
        var index = 0;
        for (var i = 0; i < MLDsa44.K; i++)
        {
            int end = input[MLDsa44.Omega + i];
            if (end < index || end > MLDsa44.Omega)
                return false;
            for (var first = index; index < end; index++)
            {
                if (index > first && input[index - 1] >= input[index])
                    return false;
                hint[(i * MLDsa44.N) + input[index]] = 1;
            }
        }
        return !input[index..MLDsa44.Omega].ContainsAnyExcept((byte)0);
    }
}

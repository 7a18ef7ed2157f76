using System.Buffers.Binary;

namespace Ogong.Signatures;

/// <summary>Bit packing of polynomials and of the hint (FIPS 204, section 7.1).</summary>
internal static class Packing
{
    /// <summary>Packs offset − w[i], or w[i] itself where <paramref name="offset"/> is null-like zero, in <paramref name="bits"/> bits each (SimpleBitPack, BitPack).</summary>
    /// <param name="w">A multiple of eight coefficients.</param>
    /// <param name="bits">Bits of one coefficient, at most 18.</param>
    /// <param name="offset">The b of BitPack(w, a, b); each value stored is b − w[i].</param>
    /// <param name="sign">−1 for BitPack, 1 (with offset 0) for SimpleBitPack.</param>
    /// <param name="output">w.Length · bits / 8 bytes.</param>
    private static void Pack(ReadOnlySpan<int> w, int bits, int offset, int sign, Span<byte> output)
    {
        unchecked
        {
            var buffer = 0UL;
            var held = 0;
            var at = 0;
            foreach (var coefficient in w)
            {
                buffer |= (ulong)(uint)(offset + (sign * coefficient)) << held;
                held += bits;
                while (held >= 8)
                {
                    output[at++] = (byte)buffer;
                    buffer >>= 8;
                    held -= 8;
                }
            }
        }
    }

    /// <summary>SimpleBitPack: w[i] in [0, 2^bits).</summary>
    public static void PackUnsigned(ReadOnlySpan<int> w, int bits, Span<byte> output) => Pack(w, bits, 0, 1, output);

    /// <summary>BitPack(w, ·, upper): w[i] in (upper − 2^bits, upper].</summary>
    public static void PackBelow(ReadOnlySpan<int> w, int bits, int upper, Span<byte> output) => Pack(w, bits, upper, -1, output);

    /// <summary>SimpleBitUnpack.</summary>
    public static void UnpackUnsigned(ReadOnlySpan<byte> input, int bits, Span<int> w) => Unpack(input, bits, 0, 1, w);

    /// <summary>BitUnpack(·, ·, upper): w[i] = upper − stored value.</summary>
    public static void UnpackBelow(ReadOnlySpan<byte> input, int bits, int upper, Span<int> w) => Unpack(input, bits, upper, -1, w);

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

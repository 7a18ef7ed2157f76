using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Ogong.Signatures;

/// <summary>An element of GF(2^255 − 19): l0 + l1·2^51 + l2·2^102 + l3·2^153 + l4·2^204.</summary>
/// <remarks>A product is <em>tight</em>: limbs below 2^51 + 2^18. A sum of two tight elements may be subtracted, and
/// any sum or difference so made is <em>loose</em>, limbs below 2^54, and may be multiplied. Nothing here branches on a limb.</remarks>
internal struct FieldElement
{
    private const ulong Mask = (1UL << 51) - 1;

    private ulong l0, l1, l2, l3, l4;

    public static FieldElement One => new() { l0 = 1 };

    /// <summary>A small integer.</summary>
    public static FieldElement FromInteger(uint value) => new() { l0 = value };

    /// <summary>The low 255 bits of 32 bytes, little-endian; the value may be p or above.</summary>
    public static FieldElement FromBytes(ReadOnlySpan<byte> source)
    {
        var w0 = BinaryPrimitives.ReadUInt64LittleEndian(source);
        var w1 = BinaryPrimitives.ReadUInt64LittleEndian(source[8..]);
        var w2 = BinaryPrimitives.ReadUInt64LittleEndian(source[16..]);
        var w3 = BinaryPrimitives.ReadUInt64LittleEndian(source[24..]);
        return new()
        {
            l0 = w0 & Mask,
            l1 = ((w0 >> 51) | (w1 << 13)) & Mask,
            l2 = ((w1 >> 38) | (w2 << 26)) & Mask,
            l3 = ((w2 >> 25) | (w3 << 39)) & Mask,
            l4 = (w3 >> 12) & Mask,
        };
    }

    /// <summary>Writes the canonical encoding: the value below p, 32 bytes, little-endian.</summary>
    public readonly void WriteBytes(Span<byte> destination)
    {
        unchecked
        {
            var t = this;
            t.Carry();
            // Now below 2p: q = 1 exactly when the value is p or above, which is when adding 19 carries out of bit 255.
            var q = (t.l0 + 19) >> 51;
            q = (t.l1 + q) >> 51;
            q = (t.l2 + q) >> 51;
            q = (t.l3 + q) >> 51;
            q = (t.l4 + q) >> 51;
            t.l0 += 19 * q;
            t.l1 += t.l0 >> 51;
            t.l2 += t.l1 >> 51;
            t.l3 += t.l2 >> 51;
            t.l4 += t.l3 >> 51;
            t.l0 &= Mask;
            t.l1 &= Mask;
            t.l2 &= Mask;
            t.l3 &= Mask;
            t.l4 &= Mask;
            BinaryPrimitives.WriteUInt64LittleEndian(destination, t.l0 | (t.l1 << 51));
            BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], (t.l1 >> 13) | (t.l2 << 38));
            BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], (t.l2 >> 26) | (t.l3 << 25));
            BinaryPrimitives.WriteUInt64LittleEndian(destination[24..], (t.l3 >> 39) | (t.l4 << 12));
        }
    }

    /// <summary>r = a + b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(out FieldElement r, in FieldElement a, in FieldElement b)
    {
        unchecked
        {
            r.l0 = a.l0 + b.l0;
            r.l1 = a.l1 + b.l1;
            r.l2 = a.l2 + b.l2;
            r.l3 = a.l3 + b.l3;
            r.l4 = a.l4 + b.l4;
        }
    }

    /// <summary>r = a − b, computed as a + 4p − b; b's limbs at most 2^53 − 76.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Subtract(out FieldElement r, in FieldElement a, in FieldElement b)
    {
        unchecked
        {
            r.l0 = a.l0 + ((1UL << 53) - 76) - b.l0;
            r.l1 = a.l1 + ((1UL << 53) - 4) - b.l1;
            r.l2 = a.l2 + ((1UL << 53) - 4) - b.l2;
            r.l3 = a.l3 + ((1UL << 53) - 4) - b.l3;
            r.l4 = a.l4 + ((1UL << 53) - 4) - b.l4;
        }
    }

    /// <summary>r = −a, tight.</summary>
    public static void Negate(out FieldElement r, in FieldElement a)
    {
        Subtract(out r, default, a);
        r.Carry();
    }

    /// <summary>r = a · b, tight.</summary>
    [SkipLocalsInit]
    public static void Multiply(out FieldElement r, in FieldElement a, in FieldElement b)
    {
        unchecked
        {
            ulong a0 = a.l0, a1 = a.l1, a2 = a.l2, a3 = a.l3, a4 = a.l4;
            ulong b0 = b.l0, b1 = b.l1, b2 = b.l2, b3 = b.l3, b4 = b.l4;
            ulong a1x19 = a1 * 19, a2x19 = a2 * 19, a3x19 = a3 * 19, a4x19 = a4 * 19; // 2^255 = 19

            var r0 = Product(a0, b0);
            AddProduct(ref r0, a1x19, b4);
            AddProduct(ref r0, a2x19, b3);
            AddProduct(ref r0, a3x19, b2);
            AddProduct(ref r0, a4x19, b1);

            var r1 = Product(a0, b1);
            AddProduct(ref r1, a1, b0);
            AddProduct(ref r1, a2x19, b4);
            AddProduct(ref r1, a3x19, b3);
            AddProduct(ref r1, a4x19, b2);

            var r2 = Product(a0, b2);
            AddProduct(ref r2, a1, b1);
            AddProduct(ref r2, a2, b0);
            AddProduct(ref r2, a3x19, b4);
            AddProduct(ref r2, a4x19, b3);

            var r3 = Product(a0, b3);
            AddProduct(ref r3, a1, b2);
            AddProduct(ref r3, a2, b1);
            AddProduct(ref r3, a3, b0);
            AddProduct(ref r3, a4x19, b4);

            var r4 = Product(a0, b4);
            AddProduct(ref r4, a1, b3);
            AddProduct(ref r4, a2, b2);
            AddProduct(ref r4, a3, b1);
            AddProduct(ref r4, a4, b0);

            Fold(out r, r0, r1, r2, r3, r4);
        }
    }

    /// <summary>r = a², tight.</summary>
    [SkipLocalsInit]
    public static void Square(out FieldElement r, in FieldElement a)
    {
        unchecked
        {
            ulong a0 = a.l0, a1 = a.l1, a2 = a.l2, a3 = a.l3, a4 = a.l4;
            ulong a0x2 = a0 * 2, a1x2 = a1 * 2, a1x38 = a1 * 38, a2x38 = a2 * 38, a3x38 = a3 * 38, a3x19 = a3 * 19, a4x19 = a4 * 19;

            var r0 = Product(a0, a0);
            AddProduct(ref r0, a1x38, a4);
            AddProduct(ref r0, a2x38, a3);

            var r1 = Product(a0x2, a1);
            AddProduct(ref r1, a2x38, a4);
            AddProduct(ref r1, a3x19, a3);

            var r2 = Product(a0x2, a2);
            AddProduct(ref r2, a1, a1);
            AddProduct(ref r2, a3x38, a4);

            var r3 = Product(a0x2, a3);
            AddProduct(ref r3, a1x2, a2);
            AddProduct(ref r3, a4x19, a4);

            var r4 = Product(a0x2, a4);
            AddProduct(ref r4, a1x2, a3);
            AddProduct(ref r4, a2, a2);

            Fold(out r, r0, r1, r2, r3, r4);
        }
    }

    /// <summary>r = a^(2^count), count ≥ 1.</summary>
    public static void SquareRepeatedly(out FieldElement r, in FieldElement a, int count)
    {
        Square(out r, a);
        for (var i = 1; i < count; i++)
            Square(out r, r);
    }

    /// <summary>Overwrites this with b where mask is all ones; mask is zero or all ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ConditionalAssign(in FieldElement b, ulong mask)
    {
        l0 ^= mask & (l0 ^ b.l0);
        l1 ^= mask & (l1 ^ b.l1);
        l2 ^= mask & (l2 ^ b.l2);
        l3 ^= mask & (l3 ^ b.l3);
        l4 ^= mask & (l4 ^ b.l4);
    }

    /// <summary>Carries every limb once: tight, whatever the limbs were.</summary>
    public void Carry()
    {
        unchecked
        {
            ulong c0 = l0 >> 51, c1 = l1 >> 51, c2 = l2 >> 51, c3 = l3 >> 51, c4 = l4 >> 51;
            l0 = (l0 & Mask) + (19 * c4);
            l1 = (l1 & Mask) + c0;
            l2 = (l2 & Mask) + c1;
            l3 = (l3 & Mask) + c2;
            l4 = (l4 & Mask) + c3;
        }
    }

    /// <summary>A 128-bit sum.</summary>
    private struct Wide
    {
        public ulong Low, High;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Wide Product(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return new() { Low = low, High = high };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddProduct(ref Wide sum, ulong a, ulong b)
    {
        unchecked
        {
            var high = Math.BigMul(a, b, out var low);
            sum.Low += low;
            sum.High += high + (sum.Low < low ? 1UL : 0UL);
        }
    }

    /// <summary>Carries five sums below 2^115, r0 + r1·2^51 + …, into tight limbs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fold(out FieldElement r, Wide r0, Wide r1, Wide r2, Wide r3, Wide r4)
    {
        unchecked
        {
            ulong c0 = (r0.Low >> 51) | (r0.High << 13);
            ulong c1 = (r1.Low >> 51) | (r1.High << 13);
            ulong c2 = (r2.Low >> 51) | (r2.High << 13);
            ulong c3 = (r3.Low >> 51) | (r3.High << 13);
            ulong c4 = (r4.Low >> 51) | (r4.High << 13);
            r.l0 = (r0.Low & Mask) + (c4 * 19); // c4 < 2^59.1 as r4 has no factor 19
            r.l1 = (r1.Low & Mask) + c0;
            r.l2 = (r2.Low & Mask) + c1;
            r.l3 = (r3.Low & Mask) + c2;
            r.l4 = (r4.Low & Mask) + c3;
            r.Carry();
        }
    }
}

using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Ogong.Beacon.Bls12381;

/// <summary>An integer modulo p = 0x1a0111ea397fe69a…aaab (381 bits), held as a·2^384 mod p in six limbs, least first, always below p.</summary>
internal struct Fp : IField<Fp>
{
    /// <summary>Bytes of an encoded element, big-endian.</summary>
    public const int Size = 48;

    private const ulong P0 = 0xb9feffffffffaaab, P1 = 0x1eabfffeb153ffff, P2 = 0x6730d2a0f6b0f624;
    private const ulong P3 = 0x64774b84f38512bf, P4 = 0x4b1ba7b6434bacd7, P5 = 0x1a0111ea397fe69a;

    // −p⁻¹ mod 2^64.
    private const ulong NegativeInverse = 0x89f3fffcfffcfffd;

    private ulong l0, l1, l2, l3, l4, l5;

    public static BigInteger Modulus { get; } =
        BigInteger.Parse("01a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab", System.Globalization.NumberStyles.HexNumber);

    private static BigInteger SqrtExponent { get; } = (Modulus + 1) / 4; // p ≡ 3 (mod 4)

    public static Fp Zero => default;

    public static Fp One => new()
    {
        l0 = 0x760900000002fffd, l1 = 0xebf4000bc40c0002, l2 = 0x5f48985753c758ba, l3 = 0x77ce585370525745, l4 = 0x5c071a97a256ec6d, l5 = 0x15f65ec3fa80e493,
    };

    public readonly bool IsZero => (l0 | l1 | l2 | l3 | l4 | l5) == 0;

    public readonly bool IsOdd => (FromMontgomery().l0 & 1) != 0;

    public readonly bool IsLargerThanNegative
    {
        get
        {
            // y > (p − 1)/2 exactly when y ≥ p − y and y ≠ 0.
            Fp y = FromMontgomery(), negative = (-this).FromMontgomery();
            return !IsZero && Compare(y, negative) > 0;
        }
    }

    // 2^768 mod p: multiplying by it puts a plain integer into Montgomery form.
    private static Fp MontgomerySquared => new()
    {
        l0 = 0xf4df1f341c341746, l1 = 0x0a76e6a609d104f1, l2 = 0x8de5476c4c95b6d5, l3 = 0x67eb88a9939d83c0, l4 = 0x9a793e85b519952d, l5 = 0x11988fe592cae3aa,
    };

    private static Fp Prime => new() { l0 = P0, l1 = P1, l2 = P2, l3 = P3, l4 = P4, l5 = P5 };

    /// <summary>A small integer.</summary>
    public static Fp FromInteger(uint value) => new Fp { l0 = value } * MontgomerySquared;

    /// <summary>Decodes 48 bytes, big-endian; false for a value of p or above.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> source, out Fp value)
    {
        Fp raw = Limbs(source);
        value = Compare(raw, Prime) < 0 ? raw * MontgomerySquared : default;
        return Compare(raw, Prime) < 0;
    }

    /// <summary>An integer of up to 96 bytes, big-endian, modulo p.</summary>
    public static Fp Reduce(ReadOnlySpan<byte> source)
    {
        // a·2^256 + b with b of at most 32 bytes and a of at most 32: both are below p.
        Span<byte> padded = stackalloc byte[2 * Size];
        int split = Math.Max(0, source.Length - 32);
        source[..split].CopyTo(padded[(Size - split)..]);
        source[split..].CopyTo(padded[(2 * Size - (source.Length - split))..]);
        if (!TryDecode(padded[..Size], out Fp high) || !TryDecode(padded[Size..], out Fp low)) throw new ArgumentException("At most 64 bytes.", nameof(source));
        padded.Clear();
        padded[Size - 33] = 1;
        TryDecode(padded[..Size], out Fp shift);
        return high * shift + low;
    }

    /// <summary>A constant in hexadecimal.</summary>
    public static Fp Parse(string hex) => TryDecode(Convert.FromHexString(hex), out Fp value) ? value : throw new FormatException("Not below p.");

    /// <summary>Writes 48 bytes, big-endian.</summary>
    public readonly void Encode(Span<byte> destination)
    {
        Fp raw = FromMontgomery();
        BinaryPrimitives.WriteUInt64BigEndian(destination, raw.l5);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], raw.l4);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], raw.l3);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], raw.l2);
        BinaryPrimitives.WriteUInt64BigEndian(destination[32..], raw.l1);
        BinaryPrimitives.WriteUInt64BigEndian(destination[40..], raw.l0);
    }

    public readonly Fp Square() => this * this;

    public readonly Fp Invert() => Power.Of(this, Modulus - 2);

    public readonly bool TrySqrt(out Fp root)
    {
        root = Power.Of(this, SqrtExponent);
        return root.Square().Equals(this);
    }

    public readonly bool Equals(Fp other) =>
        ((l0 ^ other.l0) | (l1 ^ other.l1) | (l2 ^ other.l2) | (l3 ^ other.l3) | (l4 ^ other.l4) | (l5 ^ other.l5)) == 0;

    public override readonly bool Equals(object? obj) => obj is Fp other && Equals(other);

    public override readonly int GetHashCode() => unchecked((int)l0);

    public static Fp operator +(in Fp a, in Fp b)
    {
        unchecked
        {
            Fp r;
            ulong carry = 0;
            r.l0 = AddCarry(a.l0, b.l0, ref carry);
            r.l1 = AddCarry(a.l1, b.l1, ref carry);
            r.l2 = AddCarry(a.l2, b.l2, ref carry);
            r.l3 = AddCarry(a.l3, b.l3, ref carry);
            r.l4 = AddCarry(a.l4, b.l4, ref carry);
            r.l5 = a.l5 + b.l5 + carry; // 2p < 2^382: nothing is carried out.
            return Below(r);
        }
    }

    public static Fp operator -(in Fp a, in Fp b)
    {
        unchecked
        {
            Fp r;
            ulong borrow = 0;
            r.l0 = SubtractBorrow(a.l0, b.l0, ref borrow);
            r.l1 = SubtractBorrow(a.l1, b.l1, ref borrow);
            r.l2 = SubtractBorrow(a.l2, b.l2, ref borrow);
            r.l3 = SubtractBorrow(a.l3, b.l3, ref borrow);
            r.l4 = SubtractBorrow(a.l4, b.l4, ref borrow);
            r.l5 = SubtractBorrow(a.l5, b.l5, ref borrow);
            ulong mask = 0 - borrow, carry = 0;
            r.l0 = AddCarry(r.l0, P0 & mask, ref carry);
            r.l1 = AddCarry(r.l1, P1 & mask, ref carry);
            r.l2 = AddCarry(r.l2, P2 & mask, ref carry);
            r.l3 = AddCarry(r.l3, P3 & mask, ref carry);
            r.l4 = AddCarry(r.l4, P4 & mask, ref carry);
            r.l5 = r.l5 + (P5 & mask) + carry;
            return r;
        }
    }

    public static Fp operator -(in Fp a) => default(Fp) - a;

    /// <summary>a·b·2⁻³⁸⁴ mod p: per limb of b, add a·bᵢ, then the multiple of p that clears the lowest limb. p's top limb is below 2^61, so no row carries out of six limbs.</summary>
    [SkipLocalsInit]
    public static Fp operator *(in Fp a, in Fp b)
    {
        unchecked
        {
            ulong t0 = 0, t1 = 0, t2 = 0, t3 = 0, t4 = 0, t5 = 0;
            for (int i = 0; i < 6; i++)
            {
                ulong bi = Unsafe.Add(ref Unsafe.AsRef(in b.l0), i), carry = 0, reduce = 0;
                ulong sum = MultiplyAdd(a.l0, bi, t0, ref carry);
                ulong m = sum * NegativeInverse;
                MultiplyAdd(m, P0, sum, ref reduce);
                sum = MultiplyAdd(a.l1, bi, t1, ref carry);
                t0 = MultiplyAdd(m, P1, sum, ref reduce);
                sum = MultiplyAdd(a.l2, bi, t2, ref carry);
                t1 = MultiplyAdd(m, P2, sum, ref reduce);
                sum = MultiplyAdd(a.l3, bi, t3, ref carry);
                t2 = MultiplyAdd(m, P3, sum, ref reduce);
                sum = MultiplyAdd(a.l4, bi, t4, ref carry);
                t3 = MultiplyAdd(m, P4, sum, ref reduce);
                sum = MultiplyAdd(a.l5, bi, t5, ref carry);
                t4 = MultiplyAdd(m, P5, sum, ref reduce);
                t5 = carry + reduce;
            }
            Fp r;
            (r.l0, r.l1, r.l2, r.l3, r.l4, r.l5) = (t0, t1, t2, t3, t4, t5);
            return Below(r);
        }
    }

    private readonly Fp FromMontgomery() => this * new Fp { l0 = 1 };

    private static Fp Limbs(ReadOnlySpan<byte> source) => new()
    {
        l5 = BinaryPrimitives.ReadUInt64BigEndian(source),
        l4 = BinaryPrimitives.ReadUInt64BigEndian(source[8..]),
        l3 = BinaryPrimitives.ReadUInt64BigEndian(source[16..]),
        l2 = BinaryPrimitives.ReadUInt64BigEndian(source[24..]),
        l1 = BinaryPrimitives.ReadUInt64BigEndian(source[32..]),
        l0 = BinaryPrimitives.ReadUInt64BigEndian(source[40..]),
    };

    private static int Compare(in Fp a, in Fp b)
    {
        int order = a.l5.CompareTo(b.l5);
        if (order == 0) order = a.l4.CompareTo(b.l4);
        if (order == 0) order = a.l3.CompareTo(b.l3);
        if (order == 0) order = a.l2.CompareTo(b.l2);
        if (order == 0) order = a.l1.CompareTo(b.l1);
        return order == 0 ? a.l0.CompareTo(b.l0) : order;
    }

    // A value below 2p to its representative below p.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Fp Below(in Fp a)
    {
        unchecked
        {
            Fp r;
            ulong borrow = 0;
            r.l0 = SubtractBorrow(a.l0, P0, ref borrow);
            r.l1 = SubtractBorrow(a.l1, P1, ref borrow);
            r.l2 = SubtractBorrow(a.l2, P2, ref borrow);
            r.l3 = SubtractBorrow(a.l3, P3, ref borrow);
            r.l4 = SubtractBorrow(a.l4, P4, ref borrow);
            r.l5 = SubtractBorrow(a.l5, P5, ref borrow);
            return borrow == 0 ? r : a;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong AddCarry(ulong a, ulong b, ref ulong carry)
    {
        ulong sum = unchecked(a + b), total = unchecked(sum + carry);
        carry = (sum < a ? 1UL : 0) | (total < sum ? 1UL : 0);
        return total;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong SubtractBorrow(ulong a, ulong b, ref ulong borrow)
    {
        ulong difference = unchecked(a - b), total = unchecked(difference - borrow);
        borrow = (a < b ? 1UL : 0) | (difference < borrow ? 1UL : 0);
        return total;
    }

    // Low word of a·b + c + carry; the high word becomes the carry. (2^64−1)² + 2(2^64−1) = 2^128 − 1: it never overflows.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MultiplyAdd(ulong a, ulong b, ulong c, ref ulong carry)
    {
        unchecked
        {
            ulong high = Math.BigMul(a, b, out ulong low);
            low += c;
            high += low < c ? 1UL : 0;
            low += carry;
            high += low < carry ? 1UL : 0;
            carry = high;
            return low;
        }
    }
}

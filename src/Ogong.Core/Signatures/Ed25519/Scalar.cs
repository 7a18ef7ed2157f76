using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Ogong.Signatures;

/// <summary>Integers modulo the order L = 2^252 + 27742317777372353535851937790883648493 of the base point, little-endian.</summary>
/// <remarks>Constant time but for <see cref="IsCanonical"/> and <see cref="WriteNonAdjacentForm"/>, which see public values only.</remarks>
internal static class Scalar
{
    public const int Size = 32;

    private const int Limbs = 4;
    private const ulong MinusInverse = 0xd2b51da312547e1b; // −L^-1 mod 2^64

    private static ReadOnlySpan<ulong> L => [0x5812631a5cf5d3ed, 0x14def9dea2f79cd6, 0x0000000000000000, 0x1000000000000000];

    /// <summary>2^256 mod L.</summary>
    private static ReadOnlySpan<ulong> R1 => [0xd6ec31748d98951d, 0xc6ef5bf4737dcf70, 0xfffffffffffffffe, 0x0fffffffffffffff];

    /// <summary>2^512 mod L.</summary>
    private static ReadOnlySpan<ulong> R2 => [0xa40611e3449c0f01, 0xd00e1ba768859347, 0xceec73d217f5be65, 0x0399411b7c309a3d];

    /// <summary>Bit i of L.</summary>
    public static bool BitOfL(int i) => ((L[i >> 6] >> (i & 63)) & 1) != 0;

    /// <summary>Whether the 32 bytes encode an integer below L.</summary>
    public static bool IsCanonical(ReadOnlySpan<byte> s)
    {
        for (var i = Limbs - 1; i >= 0; i--)
        {
            var limb = BinaryPrimitives.ReadUInt64LittleEndian(s[(8 * i)..]);
            if (limb != L[i])
                return limb < L[i];
        }
        return false;
    }

    /// <summary>result = wide mod L, for 64 bytes.</summary>
    public static void Reduce(ReadOnlySpan<byte> wide, Span<byte> result)
    {
        // lo + hi · 2^256 = lo · R1 / 2^256 + hi · R2 / 2^256
        Span<ulong> low = stackalloc ulong[Limbs];
        Span<ulong> high = stackalloc ulong[Limbs];
        Load(wide, low);
        Load(wide[Size..], high);
        Multiply(low, R1, low);
        Multiply(high, R2, high);
        Add(low, high, low);
        Store(low, result);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(low));
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(high));
    }

    /// <summary>result = (a · b + c) mod L, for any 256-bit a and b and c below L.</summary>
    public static void MultiplyAdd(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, ReadOnlySpan<byte> c, Span<byte> result)
    {
        Span<ulong> x = stackalloc ulong[Limbs];
        Span<ulong> y = stackalloc ulong[Limbs];
        Load(a, x);
        Multiply(x, R2, x); // a · 2^256
        Load(b, y);
        Multiply(y, x, x);
        Load(c, y);
        Add(x, y, x);
        Store(x, result);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(x));
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(y));
    }

    /// <summary>Signed radix 16: 64 digits in [−8, 8] with s = Σ digit[i] · 16^i, for s below 2^255.</summary>
    public static void WriteRadix16(ReadOnlySpan<byte> s, Span<sbyte> digits)
    {
        unchecked
        {
            var carry = 0;
            for (var i = 0; i < 2 * Size; i++)
            {
                var digit = ((s[i >> 1] >> (4 * (i & 1))) & 15) + carry;
                carry = (digit + 8) >> 4;
                digits[i] = (sbyte)(digit - (carry << 4));
            }
            digits[63] += (sbyte)(carry << 4);
        }
    }

    /// <summary>The width-w non-adjacent form of a 128-bit integer: digits zero or odd, below 2^(w−1) in absolute value. Not constant time.</summary>
    /// <param name="s">16 bytes.</param>
    /// <param name="width">w, 2 to 8.</param>
    /// <param name="digits">129 digits.</param>
    public static void WriteNonAdjacentForm(ReadOnlySpan<byte> s, int width, Span<sbyte> digits)
    {
        unchecked
        {
            digits.Clear();
            var rest = BinaryPrimitives.ReadUInt128LittleEndian(s);
            var carry = 0; // of the digit taken last, at its position + width
            for (var i = 0; i < digits.Length;)
            {
                var window = (i < 128 ? (int)(uint)(rest >> i) : 0) & ((1 << width) - 1);
                if (((window + carry) & 1) == 0)
                {
                    i++;
                    continue;
                }
                window += carry;
                carry = window >> (width - 1);
                digits[i] = (sbyte)(window - (carry << width));
                i += width;
            }
        }
    }

    /// <summary>result = a · b / 2^256 mod L (Montgomery), for any 256-bit a and b below L.</summary>
    private static void Multiply(ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b, Span<ulong> result)
    {
        unchecked
        {
            Span<ulong> t = stackalloc ulong[Limbs + 2];
            t.Clear();
            for (var i = 0; i < Limbs; i++)
            {
                AddProduct(a[i], b, t);
                AddProduct(t[0] * MinusInverse, L, t); // makes t divisible by 2^64
                t[1..].CopyTo(t);
                t[Limbs + 1] = 0;
            }
            SubtractLIfNotLess(t, result); // t < (2^256 · L + 2^256 · L) / 2^256
        }
    }

    /// <summary>t += a · b.</summary>
    private static void AddProduct(ulong a, ReadOnlySpan<ulong> b, Span<ulong> t)
    {
        unchecked
        {
            var carry = 0UL;
            for (var j = 0; j < Limbs; j++)
            {
                var sum = ((UInt128)a * b[j]) + t[j] + carry;
                t[j] = (ulong)sum;
                carry = (ulong)(sum >> 64);
            }
            var top = (UInt128)t[Limbs] + carry;
            t[Limbs] = (ulong)top;
            t[Limbs + 1] += (ulong)(top >> 64);
        }
    }

    /// <summary>result = a + b mod L, for a and b below L.</summary>
    private static void Add(ReadOnlySpan<ulong> a, ReadOnlySpan<ulong> b, Span<ulong> result)
    {
        unchecked
        {
            Span<ulong> t = stackalloc ulong[Limbs];
            var carry = (UInt128)0;
            for (var j = 0; j < Limbs; j++)
            {
                carry += (UInt128)a[j] + b[j];
                t[j] = (ulong)carry;
                carry >>= 64;
            }
            SubtractLIfNotLess(t, result);
        }
    }

    /// <summary>result = t mod L, for t below 2L.</summary>
    private static void SubtractLIfNotLess(ReadOnlySpan<ulong> t, Span<ulong> result)
    {
        unchecked
        {
            Span<ulong> difference = stackalloc ulong[Limbs];
            var borrow = 0UL;
            for (var j = 0; j < Limbs; j++)
            {
                var d = (UInt128)t[j] - L[j] - borrow;
                difference[j] = (ulong)d;
                borrow = (ulong)(d >> 64) & 1;
            }
            var keep = 0UL - borrow;
            for (var j = 0; j < Limbs; j++)
                result[j] = (t[j] & keep) | (difference[j] & ~keep);
        }
    }

    private static void Load(ReadOnlySpan<byte> source, Span<ulong> limbs)
    {
        for (var i = 0; i < Limbs; i++)
            limbs[i] = BinaryPrimitives.ReadUInt64LittleEndian(source[(8 * i)..]);
    }

    private static void Store(ReadOnlySpan<ulong> limbs, Span<byte> destination)
    {
        for (var i = 0; i < Limbs; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(destination[(8 * i)..], limbs[i]);
    }
}

using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Ogong.Signatures;

/// <summary>The two scalar multiplications of Ed25519.</summary>
internal static class Multiplication
{
    private const int HalfDigits = 129;

    /// <summary>Entries of a table of odd multiples of a public key, for digits of width 5.</summary>
    public const int KeyTableLength = 8;

    private const int KeyWidth = 5;
    private const int BaseWidth = 8;

    /// <summary>Writes the encoding of s·B in constant time; s below 2^255.</summary>
    public static void MultiplyBase(ReadOnlySpan<byte> s, Span<byte> encoded)
    {
        // s·B = Σ digit[2i]·256^i·B + 16·Σ digit[2i + 1]·256^i·B
        Span<sbyte> digits = stackalloc sbyte[2 * Scalar.Size];
        Scalar.WriteRadix16(s, digits);
        var sum = EdwardsPoint.Identity;
        AddDigits(ref sum, digits, 1);
        for (var i = 0; i < 4; i++)
            sum.Double();
        AddDigits(ref sum, digits, 0);
        sum.Encode(encoded);
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(digits));
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(new Span<EdwardsPoint>(ref sum)));
    }

    /// <summary>Writes the encoding of s·B − k·A. Not constant time.</summary>
    /// <param name="s">A 32-byte integer.</param>
    /// <param name="k">A 32-byte integer.</param>
    /// <param name="table">A, 3A, … 15A.</param>
    /// <param name="tableHigh">The same multiples of 2^128·A.</param>
    /// <param name="encoded">Receives 32 bytes.</param>
    public static void MultiplySubtract(
        ReadOnlySpan<byte> s, ReadOnlySpan<byte> k, ReadOnlySpan<CachedPoint> table, ReadOnlySpan<CachedPoint> tableHigh, Span<byte> encoded)
    {
        // Straus: both scalars split at bit 128, four sums share 128 doublings.
        Span<sbyte> digits = stackalloc sbyte[4 * HalfDigits];
        var sLow = digits[..HalfDigits];
        var sHigh = digits.Slice(HalfDigits, HalfDigits);
        var kLow = digits.Slice(2 * HalfDigits, HalfDigits);
        var kHigh = digits[(3 * HalfDigits)..];
        Scalar.WriteNonAdjacentForm(s[..16], BaseWidth, sLow);
        Scalar.WriteNonAdjacentForm(s[16..], BaseWidth, sHigh);
        Scalar.WriteNonAdjacentForm(k[..16], KeyWidth, kLow);
        Scalar.WriteNonAdjacentForm(k[16..], KeyWidth, kHigh);
        var odd = BasePointTables.Odd;
        var oddHigh = BasePointTables.OddHigh;

        var sum = EdwardsPoint.Identity;
        for (var i = HalfDigits - 1; i >= 0; i--)
        {
            Completed.Double(out var next, sum);
            AddDigit(ref next, ref sum, odd, sLow[i]);
            AddDigit(ref next, ref sum, oddHigh, sHigh[i]);
            SubtractDigit(ref next, ref sum, table, kLow[i]);
            SubtractDigit(ref next, ref sum, tableHigh, kHigh[i]);
            next.ToProjective(ref sum);
        }
        sum.Encode(encoded);
    }

    private static void AddDigits(ref EdwardsPoint sum, ReadOnlySpan<sbyte> digits, int first)
    {
        var tables = BasePointTables.Radix256;
        var multiple = AffinePoint.Identity;
        var next = default(Completed);
        for (var i = first; i < digits.Length; i += 2)
        {
            AffinePoint.Select(out multiple, tables.Slice((i >> 1) * BasePointTables.RowLength, BasePointTables.RowLength), digits[i]);
            Completed.Add(out next, sum, multiple);
            next.ToExtended(out sum);
        }
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(new Span<AffinePoint>(ref multiple)));
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(new Span<Completed>(ref next)));
    }

    private static void AddDigit(ref Completed next, ref EdwardsPoint sum, ReadOnlySpan<AffinePoint> odd, int digit)
    {
        if (digit == 0)
            return;
        next.ToExtended(out sum);
        if (digit > 0)
            Completed.Add(out next, sum, odd[digit >> 1]);
        else
            Completed.Subtract(out next, sum, odd[-digit >> 1]);
    }

    private static void SubtractDigit(ref Completed next, ref EdwardsPoint sum, ReadOnlySpan<CachedPoint> odd, int digit)
    {
        if (digit == 0)
            return;
        next.ToExtended(out sum);
        if (digit > 0)
            Completed.Subtract(out next, sum, odd[digit >> 1]);
        else
            Completed.Add(out next, sum, odd[-digit >> 1]);
    }
}

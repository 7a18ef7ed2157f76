namespace Ogong.Signatures;

/// <summary>Inversion and square roots in GF(2^255 − 19) by fixed addition chains.</summary>
internal static class FieldPowers
{
    /// <summary>√−1 = 2^((p − 1) / 4), since 2 is no square modulo p.</summary>
    public static readonly FieldElement SquareRootOfMinusOne = MakeSquareRootOfMinusOne();

    /// <summary>r = a^(p − 2) = 1 / a; zero for zero.</summary>
    public static void Invert(out FieldElement r, in FieldElement a)
    {
        // p − 2 = (2^250 − 1) · 2^5 + 11
        Power250(out var power, out var a11, a);
        FieldElement.SquareRepeatedly(out power, power, 5);
        FieldElement.Multiply(out r, power, a11);
    }

    /// <summary>r = √(u / v) with an even encoding where it exists (RFC 8032, section 5.1.3, step 3).</summary>
    /// <returns>False when u / v is no square. Not constant time.</returns>
    public static bool TrySquareRootOfRatio(out FieldElement r, in FieldElement u, in FieldElement v)
    {
        // candidate = u·v³·(u·v⁷)^((p − 5) / 8)
        FieldElement.Square(out var v2, v);
        FieldElement.Multiply(out var v3, v2, v);
        FieldElement.Square(out var v6, v3);
        FieldElement.Multiply(out var uv7, v6, v);
        FieldElement.Multiply(out uv7, uv7, u);
        Power252Minus3(out r, uv7);
        FieldElement.Multiply(out r, r, v3);
        FieldElement.Multiply(out r, r, u);

        // v·candidate² is u, −u (then times √−1), or neither
        FieldElement.Square(out var check, r);
        FieldElement.Multiply(out check, check, v);
        FieldElement.Negate(out var minusU, u);
        if (AreEqual(check, minusU))
            FieldElement.Multiply(out r, r, SquareRootOfMinusOne);
        else if (!AreEqual(check, u))
            return false;
        if (IsOdd(r))
            FieldElement.Negate(out r, r);
        return true;
    }

    /// <summary>Whether the canonical encoding is odd: RFC 8032's sign bit.</summary>
    public static bool IsOdd(in FieldElement a)
    {
        Span<byte> bytes = stackalloc byte[32];
        a.WriteBytes(bytes);
        return (bytes[0] & 1) != 0;
    }

    /// <summary>Whether a and b are the same element.</summary>
    public static bool AreEqual(in FieldElement a, in FieldElement b)
    {
        Span<byte> left = stackalloc byte[32];
        Span<byte> right = stackalloc byte[32];
        a.WriteBytes(left);
        b.WriteBytes(right);
        return left.SequenceEqual(right);
    }

    /// <summary>r = a^(2^252 − 3) = a^((p − 5) / 8).</summary>
    private static void Power252Minus3(out FieldElement r, in FieldElement a)
    {
        Power250(out var power, out _, a);
        FieldElement.SquareRepeatedly(out power, power, 2);
        FieldElement.Multiply(out r, power, a);
    }

    /// <summary>power = a^(2^250 − 1) and a11 = a^11.</summary>
    private static void Power250(out FieldElement power, out FieldElement a11, in FieldElement a)
    {
        FieldElement.Square(out var a2, a);
        FieldElement.SquareRepeatedly(out var a8, a2, 2);
        FieldElement.Multiply(out var a9, a8, a);
        FieldElement.Multiply(out a11, a9, a2);
        FieldElement.Square(out var a22, a11);
        FieldElement.Multiply(out var p5, a22, a9);          // 2^5 − 1
        Extend(out var p10, p5, p5, 5);
        Extend(out var p20, p10, p10, 10);
        Extend(out var p40, p20, p20, 20);
        Extend(out var p50, p40, p10, 10);
        Extend(out var p100, p50, p50, 50);
        Extend(out var p200, p100, p100, 100);
        Extend(out power, p200, p50, 50);
    }

    /// <summary>r = high^(2^count) · low: from 2^m − 1 and 2^count − 1 to 2^(m + count) − 1.</summary>
    private static void Extend(out FieldElement r, in FieldElement high, in FieldElement low, int count)
    {
        FieldElement.SquareRepeatedly(out var shifted, high, count);
        FieldElement.Multiply(out r, shifted, low);
    }

    private static FieldElement MakeSquareRootOfMinusOne()
    {
        // (p − 1) / 4 = 2^253 − 5 = 2 · (2^252 − 3) + 1
        var two = FieldElement.FromInteger(2);
        Power252Minus3(out var r, two);
        FieldElement.Square(out r, r);
        FieldElement.Multiply(out r, r, two);
        return r;
    }
}

using System.Numerics;
using Ogong.Numerics;

namespace Ogong.Tests.Numerics;

/// <summary>
/// Slow mathematics for tests, independent of the library's: rationals as BigInteger over 2⁵¹², exp by halving and squaring, ln by Newton's method on exp, sine and cosine from the complex exponential's halving.
/// </summary>
internal static class Oracle
{
    private const int Bits = 512;
    public static readonly BigInteger Unit = BigInteger.One << Bits;

    public static (float Cos, float Sin) RopeEntry(double theta, int headDim, RopeScaling? scaling, int position, int index)
    {
        BigInteger f = Exp(-(Ln(Exact(theta)) * 2 * index / headDim));
        BigInteger pi = Pi;
        if (scaling is not null)
        {
            // Hugging Face's formulation: by wavelength, three cases.
            BigInteger wavelength = Div(2 * pi, f), original = scaling.OriginalPositions * Unit;
            BigInteger low = Exact(scaling.LowFrequencyFactor), high = Exact(scaling.HighFrequencyFactor), factor = Exact(scaling.Factor);
            if (wavelength > Div(original, low)) f = Div(f, factor);
            else if (wavelength >= Div(original, high))
            {
                BigInteger smooth = Div(Div(original, wavelength) - low, high - low);
                f = Mul(Div(Unit - smooth, factor), f) + Mul(smooth, f);
            }
        }
        (BigInteger cos, BigInteger sin) = CosSin(position * f % (2 * pi));
        return (Nearest(cos), Nearest(sin));
    }

    /// <summary>Error of a binary32 result in units in the last place of the exact value.</summary>
    public static double UlpError(float result, BigInteger exact)
    {
        float nearest = Nearest(exact);
        BigInteger ulp = Exact(MathF.BitIncrement(MathF.Abs(nearest))) - Exact(MathF.Abs(nearest));
        return (double)(BigInteger.Abs(Exact(result) - exact) * 1000000 / ulp) / 1e6;
    }

    public static BigInteger Exact(double value)
    {
        if (value == 0) return 0;
        int exponent = Math.ILogB(value);
        var significand = new BigInteger(Math.ScaleB(value, 52 - exponent));
        int shift = exponent - 52 + Bits;
        return shift >= 0 ? significand << shift : significand >> -shift;
    }

    /// <summary>eˣ: the series of x/2³², squared 32 times.</summary>
    public static BigInteger Exp(BigInteger x)
    {
        BigInteger small = x >> 32, term = Unit, sum = Unit;
        for (int k = 1; k < 20; k++)
        {
            term = Mul(term, small) / k;
            sum += term;
        }
        for (int i = 0; i < 32; i++) sum = Mul(sum, sum);
        return sum;
    }

    /// <summary>ln x by Halley's iteration y ← y + 2(x − eʸ)/(x + eʸ) from the binary64 logarithm.</summary>
    public static BigInteger Ln(BigInteger x)
    {
        BigInteger y = Exact(BigInteger.Log(x) - (Bits * Math.Log(2)));
        for (int i = 0; i < 4; i++)
        {
            BigInteger e = Exp(y);
            y += Div(2 * (x - e), x + e);
        }
        return y;
    }

    /// <summary>π by the Gauss–Legendre iteration.</summary>
    public static BigInteger Pi { get; } = GaussLegendre();

    /// <summary>The binary32 nearest to x.</summary>
    public static float Nearest(BigInteger x)
    {
        // Bisect on the ordered bit patterns of non-negative floats, then compare with the half-way point.
        BigInteger magnitude = BigInteger.Abs(x);
        uint low = 0, high = 0x7F80_0000;
        while (high - low > 1)
        {
            uint middle = (low + high) / 2;
            if (Exact(BitConverter.UInt32BitsToSingle(middle)) <= magnitude) low = middle;
            else high = middle;
        }
        BigInteger twice = 2 * magnitude, sum = Exact(BitConverter.UInt32BitsToSingle(low)) + Exact(BitConverter.UInt32BitsToSingle(low + 1));
        uint nearest = twice > sum || (twice == sum && low % 2 == 1) ? low + 1 : low;
        return x.Sign < 0 ? -BitConverter.UInt32BitsToSingle(nearest) : BitConverter.UInt32BitsToSingle(nearest);
    }

    /// <summary>Cosine and sine for |x| below 2π.</summary>
    public static (BigInteger Cos, BigInteger Sin) CosSin(BigInteger x)
    {
        // cos(x/2^40) and sin(x/2^40) by two terms more than needed, then 40 doublings.
        BigInteger small = x >> 40, square = Mul(small, small), cos = 0, sin = 0, c = Unit, s = small;
        for (int k = 0; k < 12; k++)
        {
            cos += c;
            sin += s;
            c = -Mul(c, square) / (((2 * k) + 1) * ((2 * k) + 2));
            s = -Mul(s, square) / (((2 * k) + 2) * ((2 * k) + 3));
        }
        for (int i = 0; i < 40; i++) (cos, sin) = (Mul(cos, cos) - Mul(sin, sin), 2 * Mul(sin, cos));
        return (cos, sin);
    }

    private static BigInteger GaussLegendre()
    {
        BigInteger a = Unit, b = Root(Unit / 2), t = Unit / 4, p = 1;
        for (int i = 0; i < 12; i++)
        {
            BigInteger next = (a + b) / 2;
            b = Root(Mul(a, b));
            t -= p * Mul(a - next, a - next);
            (a, p) = (next, 2 * p);
        }
        return Div(Mul(a + b, a + b), 4 * t);
    }

    /// <summary>√x by Newton's method from above.</summary>
    public static BigInteger Root(BigInteger x)
    {
        BigInteger target = x << Bits, y = BigInteger.One << (int)((target.GetBitLength() / 2) + 1);
        while (true)
        {
            BigInteger next = (y + (target / y)) / 2;
            if (next >= y) return y;
            y = next;
        }
    }

    public static BigInteger Mul(BigInteger a, BigInteger b) => (a * b) >> Bits;

    public static BigInteger Div(BigInteger a, BigInteger b) => (a << Bits) / b;
}

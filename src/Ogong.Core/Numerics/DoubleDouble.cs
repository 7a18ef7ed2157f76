using System.Runtime.CompilerServices;

namespace Ogong.Numerics;

/// <summary>
/// An unevaluated sum of two binary64 numbers, |Low| ≤ ulp(High)/2: about 106 bits, from IEEE operations alone, so the same on every platform.
/// Error bounds (u = 2⁻⁵³): M. Joldes, J.-M. Muller, V. Popescu, "Tight and rigorous error bounds for basic building blocks of double-word arithmetic" (2017).
/// </summary>
internal readonly record struct DoubleDouble(double High, double Low)
{
    /// <summary>Sum of a larger and a smaller number, exactly.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleDouble Normalize(double large, double small)
    {
        double sum = large + small;
        return new DoubleDouble(sum, small - (sum - large));
    }

    /// <summary>Sum; relative error below 3u² + 13u³.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleDouble operator +(DoubleDouble x, DoubleDouble y)
    {
        DoubleDouble high = TwoSum(x.High, y.High), low = TwoSum(x.Low, y.Low);
        DoubleDouble v = Normalize(high.High, high.Low + low.High);
        return Normalize(v.High, low.Low + v.Low);
    }

    /// <summary>Product; relative error below 5u².</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleDouble operator *(DoubleDouble x, DoubleDouble y)
    {
        double product = x.High * y.High;
        double error = Math.FusedMultiplyAdd(x.High, y.High, -product);
        return Normalize(product, error + Math.FusedMultiplyAdd(x.High, y.Low, x.Low * y.High));
    }

    /// <summary>The same number with the opposite sign.</summary>
    public static DoubleDouble operator -(DoubleDouble x) => new(-x.High, -x.Low);

    /// <summary>
    /// The binary32 nearest to every real within <paramref name="error"/> of this number, or false if they do not all round alike.
    /// </summary>
    public bool TryRound(double error, out float value)
    {
        value = Round(this + new DoubleDouble(error, 0));
        return value == Round(this + new DoubleDouble(-error, 0));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static DoubleDouble TwoSum(double a, double b)
    {
        double sum = a + b, part = sum - a;
        return new DoubleDouble(sum, (a - (sum - part)) + (b - part));
    }

    // Rounding High to odd where Low is not zero makes the second rounding, to binary32, see that something follows.
    private static float Round(DoubleDouble x)
    {
        double odd = x.High;
        if (x.Low != 0 && (BitConverter.DoubleToInt64Bits(odd) & 1) == 0)
            odd = x.Low > 0 ? Math.BitIncrement(odd) : Math.BitDecrement(odd);
        return (float)odd;
    }
}

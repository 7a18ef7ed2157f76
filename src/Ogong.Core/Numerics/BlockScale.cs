namespace Ogong.Numerics;

/// <summary>What the quantisers of blocks share.</summary>
internal static class BlockScale
{
    /// <summary><c>div(1, d)</c>, or 0 where that is not finite: for 0, and for the smallest subnormals, with which a block is zero anyway once d is a binary16.</summary>
    public static float Inverse(float d) => 1 / d is var inverse && float.IsFinite(inverse) ? inverse : 0;

    /// <summary><c>div(1, step)</c> in binary64, 0 for 0. A step is a product of a binary16 and a small integer, so that nothing else is infinite.</summary>
    public static double Inverse(double step) => step == 0 ? 0 : 1 / step;
}

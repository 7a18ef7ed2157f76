namespace Ogong.Numerics;

/// <summary>What the quantisers of blocks share.</summary>
internal static class BlockScale
{
    /// <summary><c>div(1, d)</c>, or 0 where that is not finite: for 0, and for the smallest subnormals, with which a block is zero anyway once d is a binary16.</summary>
    public static float Inverse(float d) => 1 / d is var inverse && float.IsFinite(inverse) ? inverse : 0;
}

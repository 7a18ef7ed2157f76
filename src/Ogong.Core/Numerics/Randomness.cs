namespace Ogong.Numerics;

/// <summary>What the profile draws from Philox. Word 2 of the counter is a purpose tag, so that no two purposes share a value under one seed.</summary>
internal static class Randomness
{
    /// <summary>Purpose tag of sampling noise: "GMBL" in ASCII, first letter highest.</summary>
    public const uint SamplingTag = 0x474D_424C;

    /// <summary>Purpose tag of SRP directions: "SRPD".</summary>
    public const uint SrpTag = 0x5352_5044;

    /// <summary>Standard Gumbel noise of one token: w = word 0 for counter (token, position, tag, 0), <c>u = mul(add((float)(w >> 9), 0.5), 2⁻²³)</c>, <c>−log(−log(u))</c>.</summary>
    public static float Gumbel(ulong seed, int token, int position)
    {
        uint w = Philox4x32.Generate(seed, (uint)token, (uint)position, SamplingTag, 0).W0;
        return GumbelFromWord(w);
    }

    /// <summary>The noise a random word gives. u lies in [2⁻²⁴, 1 − 2⁻²⁴], so that the result is finite.</summary>
    public static float GumbelFromWord(uint w)
    {
        float u = ((float)(w >> 9) + 0.5f) * 1.1920928955078125e-7f; // 2^-23
        return -ExactMath.Log(-ExactMath.Log(u));
    }

    /// <summary>
    /// The signs of coordinates 128·<paramref name="block"/> … + 127 of one SRP direction, one bit each: coordinate c is bit c mod 32 of word ⌊c / 32⌋ mod 4, and a set bit means −1.
    /// Counter (block, direction, tag, 0).
    /// </summary>
    public static (uint W0, uint W1, uint W2, uint W3) SrpSigns(ulong bankSeed, int direction, int block) =>
        Philox4x32.Generate(bankSeed, (uint)block, (uint)direction, SrpTag, 0);

    /// <summary>+1 or −1: the sign of one coordinate of one SRP direction.</summary>
    public static float SrpSign(ulong bankSeed, int direction, int coordinate)
    {
        (uint w0, uint w1, uint w2, uint w3) = SrpSigns(bankSeed, direction, coordinate >> 7);
        uint word = ((coordinate >> 5) & 3) switch { 0 => w0, 1 => w1, 2 => w2, _ => w3 };
        return ((word >> (coordinate & 31)) & 1) == 0 ? 1f : -1f;
    }
}

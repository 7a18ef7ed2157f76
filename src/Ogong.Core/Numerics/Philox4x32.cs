namespace Ogong.Numerics;

/// <summary>
/// Philox4x32-10, the counter-based generator of J. Salmon, M. Moraes, R. Dror and D. Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3" (SC'11):
/// 128 random bits from a 128-bit counter and a 64-bit key, with no state. The key's low word is word 0.
/// </summary>
internal static class Philox4x32
{
    /// <summary>Rounds.</summary>
    public const int Rounds = 10;

    /// <summary>Multiplier of counter words 0 and 2.</summary>
    public const uint Multiplier0 = 0xD251_1F53, Multiplier1 = 0xCD9E_8D57;

    /// <summary>What each key word grows by per round: the golden ratio and √3 − 1.</summary>
    public const uint Weyl0 = 0x9E37_79B9, Weyl1 = 0xBB67_AE85;

    /// <summary>The four output words for one counter.</summary>
    public static (uint W0, uint W1, uint W2, uint W3) Generate(ulong key, uint c0, uint c1, uint c2, uint c3)
    {
        unchecked
        {
            uint k0 = (uint)key, k1 = (uint)(key >> 32);
            for (int round = 0; round < Rounds; round++)
            {
                ulong product0 = (ulong)Multiplier0 * c0, product1 = (ulong)Multiplier1 * c2;
                (c0, c1, c2, c3) = ((uint)(product1 >> 32) ^ c1 ^ k0, (uint)product1, (uint)(product0 >> 32) ^ c3 ^ k1, (uint)product0);
                k0 += Weyl0;
                k1 += Weyl1;
            }
            return (c0, c1, c2, c3);
        }
    }
}

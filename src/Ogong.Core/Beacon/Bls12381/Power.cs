using System.Numerics;

namespace Ogong.Beacon.Bls12381;

/// <summary>Powers by fixed public exponents.</summary>
internal static class Power
{
    /// <summary>value^exponent, left to right in digits of four bits.</summary>
    public static T Of<T>(in T value, BigInteger exponent)
        where T : struct, IField<T>
    {
        var table = new T[16];
        table[0] = T.One;
        for (int i = 1; i < 16; i++) table[i] = table[i - 1] * value;
        T result = T.One;
        byte[] bytes = exponent.ToByteArray(isUnsigned: true, isBigEndian: true);
        foreach (byte b in bytes)
        {
            result = result.Square().Square().Square().Square() * table[b >> 4];
            result = result.Square().Square().Square().Square() * table[b & 15];
        }
        return result;
    }
}

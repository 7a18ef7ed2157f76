using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Ogong.Signatures;

/// <summary>Pseudorandom sampling (FIPS 204, section 7.3).</summary>
internal static class Sampling
{
    /// <summary>ExpandA: the matrix Â from the public seed ρ, row by row, already in the NTT domain, coefficients in [0, q).</summary>
    public static void ExpandA(ReadOnlySpan<byte> rho, Span<int> matrix)
    {
        Span<byte> block = stackalloc byte[Shake.Rate128];
        for (var r = 0; r < MLDsa44.K; r++)
        {
            for (var s = 0; s < MLDsa44.L; s++)
            {
                var shake = Shake.Create128();
                shake.Absorb(rho);
                shake.Absorb([(byte)s, (byte)r]);
                var poly = matrix.Slice(((r * MLDsa44.L) + s) * MLDsa44.N, MLDsa44.N);
                var filled = 0;
                while (filled < MLDsa44.N)
                {
                    shake.Squeeze(block);
                    filled = RejectUniform(block, poly, filled);
                }
            }
        }
    }

    /// <summary>ExpandS: the secrets s1 then s2 from ρ', coefficients in [−η, η].</summary>
    public static void ExpandS(ReadOnlySpan<byte> rhoPrime, Span<int> s)
    {
        Span<byte> block = stackalloc byte[Shake.Rate256];
        Span<byte> index = stackalloc byte[2];
        for (var r = 0; r < MLDsa44.K + MLDsa44.L; r++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(index, (ushort)r);
            var shake = Shake.Create256();
            shake.Absorb(rhoPrime);
            shake.Absorb(index);
            var filled = 0;
            while (filled < MLDsa44.N)
            {
                shake.Squeeze(block);
                filled = RejectBounded(block, s.Slice(r * MLDsa44.N, MLDsa44.N), filled);
            }
            shake.Clear();
        }
        CryptographicOperations.ZeroMemory(block);
    }

    /// <summary>ExpandMask: the mask y from ρ'' and the counter κ, coefficients in (−γ1, γ1].</summary>
    public static void ExpandMask(ReadOnlySpan<byte> rhoDoublePrime, int kappa, Span<int> y)
    {
        Span<byte> bytes = stackalloc byte[MLDsa44.ZBytes];
        Span<byte> index = stackalloc byte[2];
        for (var r = 0; r < MLDsa44.L; r++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(index, (ushort)(kappa + r));
            var shake = Shake.Create256();
            shake.Absorb(rhoDoublePrime);
            shake.Absorb(index);
            shake.Squeeze(bytes);
            shake.Clear();
            Packing.UnpackBelow(bytes, 18, MLDsa44.Gamma1, y.Slice(r * MLDsa44.N, MLDsa44.N));
        }
        CryptographicOperations.ZeroMemory(bytes);
    }

    /// <summary>SampleInBall: τ coefficients ±1, the others zero, from the challenge hash c̃.</summary>
    public static void SampleInBall(ReadOnlySpan<byte> challenge, Span<int> c)
    {
        var shake = Shake.Create256();
        shake.Absorb(challenge);
        Span<byte> block = stackalloc byte[Shake.Rate256];
        shake.Squeeze(block);
        var signs = BinaryPrimitives.ReadUInt64LittleEndian(block);
        var at = 8;
        c.Clear();
        for (var i = MLDsa44.N - MLDsa44.Tau; i < MLDsa44.N; i++)
        {
            int j;
            do
            {
                if (at == block.Length)
                {
                    shake.Squeeze(block);
                    at = 0;
                }
                j = block[at++];
            }
            while (j > i);
            c[i] = c[j];
            c[j] = 1 - (2 * (int)(signs & 1));
            signs >>= 1;
        }
    }

    /// <summary>RejNTTPoly over one block: three bytes give 23 bits, kept when below q (CoeffFromThreeBytes).</summary>
    private static int RejectUniform(ReadOnlySpan<byte> block, Span<int> poly, int filled)
    {
        for (var i = 0; i + 3 <= block.Length && filled < poly.Length; i += 3)
        {
            var value = block[i] | (block[i + 1] << 8) | ((block[i + 2] & 0x7F) << 16);
            if (value < MLDsa44.Q)
                poly[filled++] = value;
        }
        return filled;
    }

    /// <summary>RejBoundedPoly over one block: each half byte below 15 gives 2 − (b mod 5) (CoeffFromHalfByte).</summary>
    /// <remarks>Timing tells how many half bytes were 15, which is independent of the values kept.</remarks>
    private static int RejectBounded(ReadOnlySpan<byte> block, Span<int> poly, int filled)
    {
        foreach (var pair in block)
        {
            var low = pair & 15;
            var high = pair >> 4;
            if (low < 15 && filled < poly.Length)
                poly[filled++] = CoefficientFromHalfByte(low);
            if (high < 15 && filled < poly.Length)
                poly[filled++] = CoefficientFromHalfByte(high);
        }
        return filled;
    }

    /// <summary>2 − (b mod 5), with b / 5 = ⌊205b / 1024⌋ for b &lt; 15, so that no divide instruction sees a secret.</summary>
    private static int CoefficientFromHalfByte(int b) => 2 - (b - ((205 * b) >> 10) * 5);
}

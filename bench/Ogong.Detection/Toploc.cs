using Ogong.Numerics;

namespace Ogong.Detection;

/// <summary>How far recomputed states are from a TOPLOC proof.</summary>
/// <param name="ExponentMismatches">Of the verifier's k largest elements, those whose committed exponent differs.</param>
/// <param name="MantissaMean">Mean difference of mantissas, in units of the last place, over the others; infinite where there is none.</param>
/// <param name="MantissaMedian">Median of the same.</param>
/// <param name="Score">Mean over all k, a differing exponent counting 128: one figure, for a threshold fitted to honest runs.</param>
internal readonly record struct ToplocErrors(int ExponentMismatches, double MantissaMean, double MantissaMedian, double Score)
{
    /// <summary>Above 1 the published thresholds for bfloat16 reject: more than 38 exponents of 128 that differ (the authors' script asks for 90 that agree), a mean above 10 or a median above 8.</summary>
    public double Default => Math.Max(ExponentMismatches / 38.0, Math.Max(MantissaMean / 10, MantissaMedian / 8));
}

/// <summary>
/// The check of J. M. Ong et al., "TOPLOC: A Locality Sensitive Hashing Scheme for Trustless Verifiable Inference", ICML 2025 (arXiv 2501.16007), written from its description. Over the last hidden states of 32 tokens, in
/// bfloat16 and laid end to end, the k = 128 elements of largest magnitude become the points (position mod p, bits) of a polynomial of degree k − 1 over the integers modulo 65497; the proof is the modulus p of positions,
/// the largest that keeps them apart, and the k coefficients: 2 + 2k bytes. The verifier evaluates it at the positions of its own k largest elements and compares exponents, then mantissas where exponents agree.
/// </summary>
internal static class Toploc
{
    /// <summary>Elements per proof.</summary>
    public const int Count = 128;

    /// <summary>Bytes of a proof.</summary>
    public const int Bytes = 2 + (2 * Count);

    private const int Prime = 65497;
    private static readonly int[] Inverses = MakeInverses();

    /// <summary>Positions of the elements of largest magnitude, the first of equals first, and their bits.</summary>
    public static (int[] Positions, ushort[] Bits) Largest(ReadOnlySpan<float> states)
    {
        var keys = new ulong[states.Length];
        // Magnitude downward, then position upward.
        for (int i = 0; i < keys.Length; i++) keys[i] = ((ulong)(0x7FFF - (BFloat16Format.Round(states[i]) & 0x7FFF)) << 32) | (uint)i;
        Array.Sort(keys);
        var positions = new int[Count];
        var bits = new ushort[Count];
        for (int i = 0; i < Count; i++)
        {
            positions[i] = (int)(uint)keys[i];
            bits[i] = BFloat16Format.Round(states[positions[i]]);
        }
        return (positions, bits);
    }

    /// <summary>The proof over one window's states: modulus of positions, then coefficients in Newton's form.</summary>
    public static ToplocProof Prove((int[] Positions, ushort[] Bits) largest)
    {
        (int[] positions, ushort[] bits) = largest;
        int modulus = Modulus(positions);
        int[] x = [.. positions.Select(p => p % modulus)];
        int[] c = [.. bits.Select(b => (int)b)]; // Finite values are below 0xFF80 and so below the prime.
        for (int order = 1; order < Count; order++)
            for (int i = Count - 1; i >= order; i--)
                c[i] = (int)((long)Mod(c[i] - c[i - 1]) * Inverses[Mod(x[i] - x[i - order])] % Prime);
        return new ToplocProof(modulus, x, c);
    }

    /// <summary>Compares recomputed states with a proof.</summary>
    public static ToplocErrors Compare(ToplocProof proof, (int[] Positions, ushort[] Bits) recomputed)
    {
        int mismatches = 0;
        var errors = new List<int>(Count);
        for (int i = 0; i < Count; i++)
        {
            int committed = proof.Evaluate(recomputed.Positions[i]), own = recomputed.Bits[i];
            if (((committed >> 7) & 0xFF) != ((own >> 7) & 0xFF)) mismatches++;
            else errors.Add(Math.Abs((committed & 0x7F) - (own & 0x7F)));
        }
        double score = (errors.Sum() + (128.0 * mismatches)) / Count;
        if (errors.Count == 0) return new ToplocErrors(mismatches, double.PositiveInfinity, double.PositiveInfinity, score);
        errors.Sort();
        double median = (errors[errors.Count / 2] + errors[(errors.Count - 1) / 2]) / 2.0;
        return new ToplocErrors(mismatches, errors.Average(), median, score);
    }

    internal static int Mod(int value) => value < 0 ? (value % Prime) + Prime : value % Prime;

    private static int Modulus(int[] positions)
    {
        var seen = new HashSet<int>();
        for (int modulus = Prime; modulus > 1 << 15; modulus--)
        {
            seen.Clear();
            if (positions.All(p => seen.Add(p % modulus))) return modulus;
        }
        throw new InvalidOperationException("No modulus keeps the positions apart.");
    }

    private static int[] MakeInverses()
    {
        var inverses = new int[Prime];
        inverses[1] = 1;
        // p = q·i + r, so 1/i = −q/r modulo p.
        for (int i = 2; i < Prime; i++) inverses[i] = (int)((long)(Prime - (Prime / i)) * inverses[Prime % i] % Prime);
        return inverses;
    }
}

/// <summary>A polynomial through the points of the largest elements. Its nodes are what Newton's coefficients refer to; the published encoding expands them, with the same value everywhere and the same size.</summary>
internal sealed record ToplocProof(int Modulus, int[] Nodes, int[] Coefficients)
{
    /// <summary>Value at a position: the committed bits at a committed one, anything at another.</summary>
    public int Evaluate(int position)
    {
        int x = position % Modulus;
        long value = 0;
        for (int i = Coefficients.Length - 1; i >= 0; i--) value = ((value * Toploc.Mod(x - Nodes[i])) + Coefficients[i]) % 65497;
        return (int)value;
    }
}

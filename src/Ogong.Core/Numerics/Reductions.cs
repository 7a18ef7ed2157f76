namespace Ogong.Numerics;

/// <summary>The reductions of profile <c>exact-1</c>, element by element: chunks of 256 from index 0, chunks added in ascending order from +0.</summary>
internal static class Reductions
{
    /// <summary>Elements per chunk.</summary>
    public const int Chunk = 256;

    /// <summary>Dot product: per chunk <c>acc = fma(x[k], w[k], acc)</c> from +0 for ascending k; <c>total = add(total, acc)</c> from +0 for ascending chunks.</summary>
    public static float Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> w)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(w.Length, x.Length);
        float total = 0f;
        for (int start = 0; start < x.Length; start += Chunk)
        {
            float acc = 0f;
            int end = Math.Min(start + Chunk, x.Length);
            for (int k = start; k < end; k++) acc = MathF.FusedMultiplyAdd(x[k], w[k], acc);
            total += acc;
        }
        return total;
    }

    /// <summary>Sum: the tree of each chunk, added in ascending order from +0.</summary>
    public static float Sum(ReadOnlySpan<float> values)
    {
        float total = 0f;
        for (int start = 0; start < values.Length; start += Chunk)
            total += TreeSum256(values.Slice(start, Math.Min(Chunk, values.Length - start)));
        return total;
    }

    /// <summary>Sum of squares: as <see cref="Sum"/> over <c>mul(x, x)</c>.</summary>
    public static float SumOfSquares(ReadOnlySpan<float> values)
    {
        Span<float> squares = stackalloc float[Chunk];
        float total = 0f;
        for (int start = 0; start < values.Length; start += Chunk)
        {
            int count = Math.Min(Chunk, values.Length - start);
            for (int j = 0; j < count; j++) squares[j] = values[start + j] * values[start + j];
            total += TreeSum256(squares[..count]);
        }
        return total;
    }

    /// <summary>One chunk's tree: 256 lanes, absent ones +0; <c>lane[j] = add(lane[j], lane[j + m])</c> for m = 128, 64, …, 1.</summary>
    public static float TreeSum256(ReadOnlySpan<float> values)
    {
        Span<float> lane = stackalloc float[Chunk];
        lane.Clear();
        values.CopyTo(lane);
        for (int m = Chunk / 2; m > 0; m /= 2)
            for (int j = 0; j < m; j++)
                lane[j] += lane[j + m];
        return lane[0];
    }
}

using Ogong.Numerics;

namespace Ogong.Kernels.Cpu;

/// <summary>What layer norm needs to know of a row: <c>mu = div(sum(x), n)</c> and r = 1/√(variance + epsilon).</summary>
internal static unsafe class RowStatistics
{
    /// <summary>Floats of the buffer <see cref="Of"/> works in: one whole chunk, then a last one whose absent lanes must be, and stay, +0.</summary>
    public const int BufferLength = 2 * Reductions.Chunk;

    /// <summary>
    /// <c>mu</c> and, with d = sub(x, mu), <c>r = div(1, sqrt(add(div(sum(d²), n), epsilon)))</c>, NaN if the sum is not finite. Two reads of
    /// the row. The buffer serves rows of one length.
    /// </summary>
    public static (float Mean, float R) Of<S, V>(float* row, int columns, float epsilon, float* buffer)
        where S : struct, ISimd<V> where V : unmanaged
    {
        float mean = Sum<S, V>(row, columns, buffer) / columns, squares = SumOfSquares<S, V>(row, columns, mean, buffer);
        return (mean, float.IsFinite(squares) ? 1f / MathF.Sqrt((squares / columns) + epsilon) : float.NaN);
    }

    /// <summary>sum(mul(d, d)), d = sub(x, mean).</summary>
    private static float SumOfSquares<S, V>(float* row, int columns, float mean, float* buffer)
        where S : struct, ISimd<V> where V : unmanaged
    {
        float total = 0f;
        for (int start = 0; start < columns; start += Reductions.Chunk)
        {
            int count = Math.Min(Reductions.Chunk, columns - start);
            float* to = count == Reductions.Chunk ? buffer : buffer + Reductions.Chunk;
            Square<SimdScalar, float>(row + start, mean, to, count, Square<S, V>(row + start, mean, to, count, 0));
            total += VectorMath.TreeSum256<S, V>(to);
        }
        return total;
    }

    private static float Sum<S, V>(float* row, int columns, float* buffer) where S : struct, ISimd<V> where V : unmanaged
    {
        float total = 0f;
        int start = 0;
        for (; start <= columns - Reductions.Chunk; start += Reductions.Chunk) total += VectorMath.TreeSum256<S, V>(row + start);
        if (start == columns) return total;
        float* tail = buffer + Reductions.Chunk;
        new ReadOnlySpan<float>(row + start, columns - start).CopyTo(new Span<float>(tail, Reductions.Chunk));
        return total + VectorMath.TreeSum256<S, V>(tail);
    }

    private static int Square<S, V>(float* from, float mean, float* to, int count, int k) where S : struct, ISimd<V> where V : unmanaged
    {
        V mu = S.Broadcast(mean);
        for (; k <= count - S.Count; k += S.Count)
        {
            V d = S.Sub(S.Load(from + k), mu);
            S.Store(S.Mul(d, d), to + k);
        }
        return k;
    }
}

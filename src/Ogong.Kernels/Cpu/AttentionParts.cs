using Ogong.Kernels.Host;
using Ogong.Numerics;

namespace Ogong.Kernels.Cpu;

/// <summary>Merging of the parts of chunks, and the division at the end.</summary>
internal static unsafe class AttentionParts
{
    /// <summary>The running part before any chunk: o = +0 beside the initial states.</summary>
    public static void Clear(in AttentionStep step, in AttentionTile tile, float* running)
    {
        new Span<float>(running, tile.Queries * step.Stride).Clear();
        new Span<SoftmaxState>(step.StatesOf(tile, running), tile.Queries).Fill(new SoftmaxState());
    }

    /// <summary>Merges the part of one chunk: (m, z) as <see cref="SoftmaxState.Merge"/>, <c>o = fma(o, a, mul(o_c, b))</c>.</summary>
    public static void Merge<S, V>(in AttentionStep step, in AttentionTile tile, float* part, float* running)
        where S : struct, ISimd<V> where V : unmanaged
    {
        SoftmaxState* states = step.StatesOf(tile, running);
        var chunks = ((float Maximum, float Normalizer)*)step.StatesOf(tile, part);
        for (int i = 0; i < tile.Queries; i++)
        {
            if (chunks[i].Normalizer == 0f) continue;
            (float a, float b) = states[i].Merge(chunks[i].Maximum, chunks[i].Normalizer);
            float* o = running + ((long)i * step.Stride), chunk = part + ((long)i * step.Stride);
            V va = S.Broadcast(a), vb = S.Broadcast(b);
            for (int d = 0; d < step.Stride; d += S.Count) S.Store(S.Fma(S.Load(o + d), va, S.Mul(S.Load(chunk + d), vb)), o + d);
        }
    }

    /// <summary><c>y = div(o, z)</c>.</summary>
    public static void Finish<S, V>(in AttentionStep step, in AttentionTile tile, int kvHead, float* running)
        where S : struct, ISimd<V> where V : unmanaged
    {
        SoftmaxState* states = step.StatesOf(tile, running);
        float** queries = stackalloc float*[AttentionTile.MaxQueries];
        step.QueriesOf(tile, kvHead, queries);
        for (int i = 0; i < tile.Queries; i++)
        {
            float* o = running + ((long)i * step.Stride), y = step.Y + (queries[i] - step.Q);
            V z = S.Broadcast(states[i].Normalizer);
            int d = 0;
            for (; d <= step.HeadDim - S.Count; d += S.Count) S.Store(S.Div(S.Load(o + d), z), y + d);
            for (; d < step.HeadDim; d++) y[d] = o[d] / states[i].Normalizer;
            if (FiniteCheck.FirstNonFinite(new ReadOnlySpan<float>(y, step.HeadDim)) >= 0) *step.Finite = false;
        }
    }
}

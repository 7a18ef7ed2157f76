using Ogong.Compute;
using Ogong.Numerics;

namespace Ogong.Kernels.Reference;

internal sealed partial class ReferenceQueue
{
    // lse = add(m, log(z)) by softmax accumulation over token ids; lp = sub(l, lse), for the first k by (logit descending, id ascending) and for the target
    protected override void LogprobDigestCore(DeviceBuffer logits, DeviceBuffer ids, DeviceBuffer logprobs, DeviceBuffer? targets, DeviceBuffer? targetLogprobs, int rows, int vocabulary, int k)
    {
        Span<float> scores = stackalloc float[Reductions.Chunk];
        for (int row = 0; row < rows; row++)
        {
            Span<float> l = Row<float>(logits, row, vocabulary);
            var state = new SoftmaxState();
            for (int start = 0; start < vocabulary; start += Reductions.Chunk)
            {
                Span<float> chunk = scores[..Math.Min(Reductions.Chunk, vocabulary - start)];
                l.Slice(start, chunk.Length).CopyTo(chunk);
                (float maximum, float normalizer) = SoftmaxState.Weigh(chunk);
                state.Merge(maximum, normalizer);
            }
            float lse = state.LogSumExp;
            int[] order = Sampler.Order(l);
            for (int i = 0; i < k; i++)
            {
                Row<int>(ids, row, k)[i] = order[i];
                Row<float>(logprobs, row, k)[i] = l[order[i]] - lse;
            }
            if (targets is not null && targetLogprobs is not null)
                Row<float>(targetLogprobs, row, 1)[0] = l[Index(targets, row, vocabulary, nameof(targets))] - lse;
        }
        CheckFinite(logprobs, rows, k, Operation.LogprobDigest);
        if (targetLogprobs is not null) CheckFinite(targetLogprobs, rows, 1, Operation.LogprobDigest);
    }
}

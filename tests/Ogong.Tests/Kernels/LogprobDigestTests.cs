using Ogong.Compute;

namespace Ogong.Tests.Kernels;

internal sealed class LogprobDigestTests(BackendCase backend) : OperationTests(backend)
{
    protected override int Cases => 1500;

    protected override string Digest => "720a84ebb26e7e92df7c3ad5354a25120b4de2bc01228b6b3b486050f3cf4d94";

    protected override async Task<byte[]> RunAsync(IBackend backend, int seed)
    {
        var inputs = new Inputs(seed);
        int rows = inputs.Between(1, 4), vocabulary = inputs.Length(), k = inputs.Between(1, Math.Min(vocabulary, inputs.Pick(1, 5, 20, 400)));
        using var step = new Step(backend);
        DeviceBuffer logits = step.Upload(inputs.Values(rows * vocabulary)), ids = step.Output(rows * k), logprobs = step.Output(rows * k);
        int[] claimed = [.. Enumerable.Range(0, rows).Select(_ => inputs.Between(0, vocabulary - 1))];
        (DeviceBuffer? targets, DeviceBuffer? targetLogprobs) = inputs.OneIn(2) ? (step.Upload(claimed), step.Output(rows)) : (null, null);
        step.Queue.LogprobDigest(logits, ids, logprobs, targets, targetLogprobs, rows, vocabulary, k);
        return targetLogprobs is null
            ? await step.FinishAsync((ids, rows * k), (logprobs, rows * k))
            : await step.FinishAsync((ids, rows * k), (logprobs, rows * k), (targetLogprobs, rows));
    }
}

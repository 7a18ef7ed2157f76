using Ogong.Compute;

namespace Ogong.Tests.Kernels;

internal sealed class LogprobDigestTests(BackendCase backend) : OperationTests(backend)
{
    protected override int Cases => 1500;

    protected override string Digest => "7636a80c62ebbd975019f11a310f434dde19ae09c9bc880ebaf3d44e55012e46";

    protected override async Task<byte[]> RunAsync(IBackend backend, int seed)
    {
        var inputs = new Inputs(seed);
        int rows = inputs.Between(1, 4), vocabulary = seed % 100 == 0 ? inputs.Between(5000, 9000) : inputs.Width(), k = inputs.Between(1, Math.Min(vocabulary, inputs.Pick(1, 5, 20, 400)));
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

using Ogong.Compute;

namespace Ogong.Tests.Kernels;

internal sealed class LatentDistanceTests(BackendCase backend) : OperationTests(backend)
{
    protected override int Cases => 1000;

    protected override string Digest => "9c565003e458daac31002729027454aa59021c629ec02d4d1337c1b97bb1c0d0";

    protected override async Task<byte[]> RunAsync(IBackend backend, int seed)
    {
        var inputs = new Inputs(seed);
        int samples = inputs.Between(1, 4), count = inputs.Length();
        using var step = new Step(backend);
        DeviceBuffer x = step.Upload(inputs.Values(samples * count)), reference = inputs.OneIn(10) ? x : step.Upload(inputs.OneIn(20) ? new float[samples * count] : inputs.Values(samples * count));
        DeviceBuffer y = step.Output(samples);
        step.Queue.LatentDistance(x, reference, y, samples, count);
        return await step.FinishAsync((y, samples));
    }
}

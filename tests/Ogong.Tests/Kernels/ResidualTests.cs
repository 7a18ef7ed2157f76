using Ogong.Compute;

namespace Ogong.Tests.Kernels;

internal sealed class ResidualTests(BackendCase backend) : OperationTests(backend)
{
    protected override int Cases => 1500;

    protected override string Digest => "505aa858e9e2159b3b6f96f5d7ee1e5129b7855b3d307905f0a6d2dfb043cc2c";

    protected override async Task<byte[]> RunAsync(IBackend backend, int seed)
    {
        var inputs = new Inputs(seed);
        int count = inputs.Width() * inputs.Between(1, 3);
        using var step = new Step(backend);
        DeviceBuffer x = step.Upload(inputs.Values(count)), y = inputs.OneIn(10) ? x : step.Upload(inputs.Values(count));
        step.Queue.Residual(x, y, count);
        return await step.FinishAsync((x, count));
    }
}

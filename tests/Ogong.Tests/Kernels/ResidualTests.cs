using Ogong.Compute;

namespace Ogong.Tests.Kernels;

internal sealed class ResidualTests(BackendCase backend) : OperationTests(backend)
{
    protected override int Cases => 1500;

    protected override string Digest => "604b9bf7c92fa27220acd38a08c860c805079670fd1086ab36317073bacf1680";

    protected override async Task<byte[]> RunAsync(IBackend backend, int seed)
    {
        var inputs = new Inputs(seed);
        int count = inputs.Length() * inputs.Between(1, 3);
        using var step = new Step(backend);
        DeviceBuffer x = step.Upload(inputs.Values(count)), y = inputs.OneIn(10) ? x : step.Upload(inputs.Values(count));
        step.Queue.Residual(x, y, count);
        return await step.FinishAsync((x, count));
    }
}

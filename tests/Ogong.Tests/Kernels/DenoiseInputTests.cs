using Ogong.Compute;

namespace Ogong.Tests.Kernels;

internal sealed class DenoiseInputTests(BackendCase backend) : OperationTests(backend)
{
    protected override int Cases => 1000;

    protected override string Digest => "223d98fe9d169e25af29c2a22249b9bfc24bc6d2ff428b9a8a8bf6bed29699ce";

    protected override async Task<byte[]> RunAsync(IBackend backend, int seed)
    {
        var inputs = new Inputs(seed);
        int samples = inputs.Between(1, 4), count = inputs.Length(), branches = inputs.Between(1, 2), outputs = branches * samples * count;
        using var step = new Step(backend);
        DeviceBuffer x = step.Upload(inputs.Values(samples * count)), y = step.Output(outputs);
        step.Queue.DenoiseInput(x, DenoiseStepTests.Parameters(step, inputs, samples), y, samples, count, branches);
        return await step.FinishAsync((y, outputs));
    }
}

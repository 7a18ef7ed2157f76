using Ogong.Compute;

namespace Ogong.Tests.Kernels;

internal sealed class LayerNormTests(BackendCase backend) : OperationTests(backend)
{
    protected override int Cases => 1000;

    protected override string Digest => "b1ee4722f975ffd0993fd00576b85c63803c77e8a335b901136a8e4bcf75826b";

    protected override async Task<byte[]> RunAsync(IBackend backend, int seed)
    {
        var inputs = new Inputs(seed);
        int rows = inputs.Between(1, 7), columns = inputs.Width();
        using var step = new Step(backend);
        DeviceBuffer x = step.Upload(inputs.Values(rows * columns));
        DeviceBuffer? weight = inputs.OneIn(3) ? null : step.Upload(inputs.Tame(columns)), bias = inputs.OneIn(3) ? null : step.Upload(inputs.Tame(columns));
        DeviceBuffer y = inputs.OneIn(3) ? x : step.Output(rows * columns);
        step.Queue.LayerNorm(x, weight, bias, inputs.Pick(1e-5f, 1e-6f, 0f), y, rows, columns);
        return await step.FinishAsync((y, rows * columns));
    }
}

using Ogong.Compute;

namespace Ogong.Tests.Kernels;

internal sealed class RmsNormTests(BackendCase backend) : OperationTests(backend)
{
    protected override int Cases => 1000;

    protected override string Digest => "2761bb35ca42d6ea6946faf0c22d43b6a6f6cfc32bfab442e603d24eaed07976";

    protected override async Task<byte[]> RunAsync(IBackend backend, int seed)
    {
        var inputs = new Inputs(seed);
        int rows = inputs.Between(1, 7), columns = inputs.Width();
        using var step = new Step(backend);
        DeviceBuffer x = step.Upload(inputs.Values(rows * columns)), weight = step.Upload(inputs.Tame(columns));
        DeviceBuffer y = inputs.OneIn(3) ? x : step.Output(rows * columns);
        step.Queue.RmsNorm(x, weight, inputs.Pick(1e-5f, 1e-6f, 0f), y, rows, columns);
        return await step.FinishAsync((y, rows * columns));
    }
}

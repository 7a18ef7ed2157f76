using Ogong.Compute;

namespace Ogong.Tests.Kernels;

internal sealed class GatherRowsTests(BackendCase backend) : OperationTests(backend)
{
    protected override int Cases => 1000;

    protected override string Digest => "6d67ffcc3305c7b8acc53d60f67a1e1f0321b7fe3a626bc4de5ed08cba1cafaa";

    protected override async Task<byte[]> RunAsync(IBackend backend, int seed)
    {
        var inputs = new Inputs(seed);
        int available = inputs.Between(1, 9), rows = inputs.Between(1, 9), columns = inputs.Width();
        using var step = new Step(backend);
        DeviceBuffer x = step.Upload(inputs.Values(available * columns)), y = step.Output(rows * columns);
        DeviceBuffer indices = step.Upload([.. Enumerable.Range(0, rows).Select(_ => inputs.Between(0, available - 1))]);
        step.Queue.GatherRows(x, indices, y, rows, columns);
        return await step.FinishAsync((y, rows * columns));
    }
}

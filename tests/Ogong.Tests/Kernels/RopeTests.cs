using Ogong.Compute;
using Ogong.Numerics;

namespace Ogong.Tests.Kernels;

internal sealed class RopeTests(BackendCase backend) : OperationTests(backend)
{
    private const int Positions = 40;

    protected override int Cases => 1000;

    protected override string Digest => "2b586107c200a5c00a900aa26add09e1a2b80d877be9dc3473dfddff34ac523f";

    protected override async Task<byte[]> RunAsync(IBackend backend, int seed)
    {
        var inputs = new Inputs(seed);
        int rows = inputs.Between(1, 7), heads = inputs.Between(1, 5), headDim = 2 * inputs.Between(1, 70);
        using var step = new Step(backend);
        BatchLayout batch = step.Batch(rows);
        step.Queue.Write<int>([.. Enumerable.Range(0, rows).Select(_ => inputs.Between(0, Positions - 1))], batch.Positions);
        DeviceBuffer x = step.Upload(inputs.Values(rows * heads * headDim));
        DeviceBuffer table = step.Upload(seed % 20 == 0 ? new RopeTable(10000, headDim).Build(Positions) : inputs.Values(Positions * headDim));
        step.Queue.Rope(x, table, batch, rows, heads, headDim);
        return await step.FinishAsync((x, rows * heads * headDim));
    }
}

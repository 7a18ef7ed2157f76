using Ogong.Compute;

namespace Ogong.Tests.Kernels;

internal sealed class EmbedTests(BackendCase backend) : OperationTests(backend)
{
    protected override int Cases => 1000;

    protected override string Digest => "25816002ae8c60a532676cbd2a58e70fa64ac7682e6cf6af51d593ad8cd1000f";

    protected override async Task<byte[]> RunAsync(IBackend backend, int seed)
    {
        var inputs = new Inputs(seed);
        int vocabulary = inputs.Between(1, 20), columns = inputs.Width(), rows = inputs.Between(1, 9);
        using var step = new Step(backend);
        Weight table = step.Load(inputs.Tensor(inputs.Type(), vocabulary, columns));
        DeviceBuffer tokens = step.Upload([.. Enumerable.Range(0, rows).Select(_ => inputs.Between(0, vocabulary - 1))]), y = step.Output(rows * columns);
        step.Queue.Embed(table, tokens, y, rows);
        return await step.FinishAsync((y, rows * columns));
    }
}

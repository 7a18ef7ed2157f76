using Ogong.Compute;

namespace Ogong.Tests.Kernels;

internal sealed class SrpProjectTests(BackendCase backend) : OperationTests(backend)
{
    protected override int Cases => 1000;

    protected override string Digest => "45817e70cd8b82ba44849420e5aa6c55b959ff30abda3ba2b45ba2574d4e14fa";

    protected override async Task<byte[]> RunAsync(IBackend backend, int seed)
    {
        var inputs = new Inputs(seed);
        int rows = inputs.Between(1, 5), columns = inputs.Width(), directions = inputs.Between(1, 40);
        using var step = new Step(backend);
        DeviceBuffer h = step.Upload(inputs.Values(rows * columns)), y = step.Output(rows * directions);
        step.Queue.SrpProject(h, inputs.Seed(), y, rows, columns, directions);
        return await step.FinishAsync((y, rows * directions));
    }
}

using Ogong.Compute;

namespace Ogong.Tests.Kernels;

internal sealed class GatedResidualTests(BackendCase backend) : OperationTests(backend)
{
    protected override int Cases => 1000;

    protected override string Digest => "a3f70b7ef6d18555b143dd5161dccc039ff9655a0e909cd4ccb95cdc26041b12";

    protected override async Task<byte[]> RunAsync(IBackend backend, int seed)
    {
        var inputs = new Inputs(seed);
        int rows = inputs.Between(1, 9), columns = inputs.Width();
        using var step = new Step(backend);
        DeviceBuffer x = step.Upload(inputs.Values(rows * columns)), y = inputs.OneIn(10) ? x : step.Upload(inputs.Values(rows * columns));
        (SampleParameters parameters, int gate, _) = ModulateTests.Conditioning(step, inputs, rows, columns);
        step.Queue.GatedResidual(x, y, parameters, gate, rows, columns);
        return await step.FinishAsync((x, rows * columns));
    }
}

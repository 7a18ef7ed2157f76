using Ogong.Compute;
using Ogong.Kernels.Cuda;
using Ogong.Numerics;

namespace Ogong.Tests.Kernels;

internal sealed class LinearTests(BackendCase backend) : OperationTests(backend)
{
    protected override int Cases => 1000;

    protected override string Digest => "5aea5c91ad8bd36b696420d106b3c83e73d3164bb61e417b5d8ea5c4ad3e0d91";

    protected override async Task<byte[]> RunAsync(IBackend backend, int seed)
    {
        var inputs = new Inputs(seed);
        int rows = inputs.OneIn(3) ? 1 : inputs.OneIn(8) ? inputs.Between(10, 30) : inputs.Between(2, 9), columns = inputs.Width(), outputs = inputs.OneIn(5) ? inputs.Between(33, 70) : inputs.Between(1, 32);
        using var step = new Step(backend);
        Weight w = step.Load(inputs.Tensor(inputs.Type(), outputs, columns));
        float[] values = inputs.Values(rows * columns);
        DeviceBuffer y = step.Output(rows * outputs);
        DeviceBuffer? bias = inputs.OneIn(2) ? step.Upload(inputs.Tame(outputs)) : null;
        NumericMode mode = inputs.OneIn(3) ? NumericMode.Fast : NumericMode.Exact;
        // What fast mode is on host backends. A device's own keeps no bits: Cuda/LinearTests.
        if (mode == NumericMode.Fast && backend is CudaBackend) (values, mode) = ([.. values.Select(v => BFloat16Format.Widen(BFloat16Format.Round(v)))], NumericMode.Exact);
        step.Queue.Linear(step.Upload(values), w, bias, y, rows, mode);
        return await step.FinishAsync((y, rows * outputs));
    }
}

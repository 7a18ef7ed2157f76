using Ogong.Compute;

namespace Ogong.Tests.Kernels;

internal sealed class SiluTests(BackendCase backend) : OperationTests(backend)
{
    protected override int Cases => 1500;

    protected override string Digest => "e507f74d81a57af6df5cc6145077c9022fa682d4f9dea814382f28c23e459452";

    protected override async Task<byte[]> RunAsync(IBackend backend, int seed)
    {
        var inputs = new Inputs(seed);
        int count = inputs.Length() * inputs.Between(1, 3);
        using var step = new Step(backend);
        float[] values = inputs.Values(count);
        // Through the whole of exp's range, both ends of it included.
        if (inputs.OneIn(2)) values = [.. values.Select(v => v * 40f)];
        DeviceBuffer x = step.Upload(values), y = inputs.OneIn(3) ? x : step.Output(count);
        step.Queue.Silu(x, y, count);
        return await step.FinishAsync((y, count));
    }
}

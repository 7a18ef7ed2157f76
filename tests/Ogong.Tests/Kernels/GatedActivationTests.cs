using Ogong.Compute;

namespace Ogong.Tests.Kernels;

internal sealed class GatedActivationTests(BackendCase backend) : OperationTests(backend)
{
    protected override int Cases => 1500;

    protected override string Digest => "ac1e9c11367793fc0610b84625793a103617cd1e724357c204079bc053b5632a";

    protected override async Task<byte[]> RunAsync(IBackend backend, int seed)
    {
        var inputs = new Inputs(seed);
        int count = inputs.Width() * inputs.Between(1, 3);
        using var step = new Step(backend);
        float[] gates = inputs.Values(count);
        // Through the whole of exp's range, both ends of it included.
        if (inputs.OneIn(2)) gates = [.. gates.Select(g => g * 40f)];
        DeviceBuffer gate = step.Upload(gates), up = step.Upload(inputs.Values(count));
        DeviceBuffer y = inputs.Pick(gate, up, step.Output(count));
        step.Queue.GatedActivation(gate, up, y, count);
        return await step.FinishAsync((y, count));
    }
}

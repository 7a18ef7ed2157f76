using Ogong.Compute;

namespace Ogong.Tests.Kernels;

internal sealed class GatedActivationTests(BackendCase backend) : OperationTests(backend)
{
    protected override int Cases => 1500;

    protected override string Digest => "1a17e4a14fdc897472f9671b6321dd38efc8833949b5a47d9f787597ac16a92b";

    protected override async Task<byte[]> RunAsync(IBackend backend, int seed)
    {
        var inputs = new Inputs(seed);
        int count = inputs.Length() * inputs.Between(1, 3);
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

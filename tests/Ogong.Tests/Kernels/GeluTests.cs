using Ogong.Compute;

namespace Ogong.Tests.Kernels;

internal sealed class GeluTests(BackendCase backend) : OperationTests(backend)
{
    protected override int Cases => 1500;

    protected override string Digest => "db184e87074e63eba6f53b4edf46dcc9cb3e3c32124adbe3ee8391ec1f2b34b2";

    protected override async Task<byte[]> RunAsync(IBackend backend, int seed)
    {
        var inputs = new Inputs(seed);
        int count = inputs.Length() * inputs.Between(1, 3);
        using var step = new Step(backend);
        float[] values = inputs.Values(count);
        // Through the whole of exp's range, both ends of it included.
        if (inputs.OneIn(2)) values = [.. values.Select(v => v * 8f)];
        DeviceBuffer x = step.Upload(values), y = inputs.OneIn(3) ? x : step.Output(count);
        step.Queue.Gelu(x, y, count);
        return await step.FinishAsync((y, count));
    }
}

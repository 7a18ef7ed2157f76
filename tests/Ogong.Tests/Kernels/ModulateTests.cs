using NUnit.Framework;
using Ogong.Compute;

namespace Ogong.Tests.Kernels;

internal sealed class ModulateTests(BackendCase backend) : OperationTests(backend)
{
    protected override int Cases => 1000;

    protected override string Digest => "a9d46e678d69c22c27a1cdd426636f70417fc88c81702bc24b9f31ced5701252";

    protected override async Task<byte[]> RunAsync(IBackend backend, int seed)
    {
        var inputs = new Inputs(seed);
        int rows = inputs.Between(1, 9), columns = inputs.Width();
        using var step = new Step(backend);
        DeviceBuffer x = step.Upload(inputs.Values(rows * columns));
        (SampleParameters parameters, int shift, int scale) = Conditioning(step, inputs, rows, columns);
        DeviceBuffer y = inputs.OneIn(3) ? x : step.Output(rows * columns);
        step.Queue.Modulate(x, parameters, shift, scale, inputs.Pick(1e-5f, 1e-6f, 0f), y, rows, columns);
        return await step.FinishAsync((y, rows * columns));
    }

    /// <summary>Vectors of every sample, two of them at offsets that need not be apart, in a buffer that ends with the last.</summary>
    internal static (SampleParameters Parameters, int First, int Second) Conditioning(Step step, Inputs inputs, int rows, int columns)
    {
        int rowsPerSample = inputs.Between(1, rows + 1), first = inputs.Between(0, 40), second = inputs.Between(0, 2 * columns);
        int used = Math.Max(first, second) + columns, stride = used + inputs.Between(0, 3);
        float[] values = inputs.Tame(((rows - 1) / rowsPerSample * stride) + used);
        return (new SampleParameters(step.Upload(values), stride, rowsPerSample), first, second);
    }

    [Test]
    public async Task Without_shift_and_scale_it_is_LayerNorm_without_weight_and_bias()
    {
        float[] x = new Inputs(3).Tame(5 * 301);
        using var step = new Step(Backend);
        DeviceBuffer modulated = step.Output(x.Length), normalized = step.Output(x.Length), input = step.Upload(x);
        step.Queue.Modulate(input, new SampleParameters(step.Upload(new float[301]), 301, 5), 0, 0, 1e-6f, modulated, 5, 301);
        step.Queue.LayerNorm(input, null, null, 1e-6f, normalized, 5, 301);
        byte[] both = await step.FinishAsync((modulated, x.Length), (normalized, x.Length));
        Assert.That(both.AsSpan(0, both.Length / 2).SequenceEqual(both.AsSpan(both.Length / 2)));
    }
}

using NUnit.Framework;
using Ogong.Compute;
using Ogong.Kernels.Cuda;

namespace Ogong.Tests.Kernels;

/// <summary>A batch of many rows gives each row the bits it has alone.</summary>
[TestFixtureSource(typeof(BackendCase), nameof(BackendCase.All))]
internal sealed class RowIndependenceTests(BackendCase backend)
{
    private IBackend _backend = null!;

    [OneTimeSetUp]
    public void Create() => _backend = backend.Create();

    [OneTimeTearDown]
    public void Release() => _backend?.Dispose();

    [Test]
    public Task RmsNorm() => CheckAsync(50, async (step, inputs, x, rows, columns) =>
    {
        DeviceBuffer y = step.Output(rows * columns);
        step.Queue.RmsNorm(x, step.Upload(inputs.Tame(columns)), 1e-5f, y, rows, columns);
        return await step.FinishAsync((y, rows * columns));
    });

    [Test]
    public Task Linear([Values] NumericMode mode, [Values] ElementType type) => CheckAsync(12, async (step, inputs, x, rows, columns) =>
    {
        if (mode == NumericMode.Fast && _backend is CudaBackend) Assert.Ignore("CUDA's fast mode promises no bits.");
        int outputs = inputs.Between(1, 70);
        DeviceBuffer y = step.Output(rows * outputs);
        step.Queue.Linear(x, step.Load(inputs.AnyTensor(type, outputs, columns)), step.Upload(inputs.Tame(outputs)), y, rows, mode);
        return await step.FinishAsync((y, rows * outputs));
    }, type);

    [Test]
    public Task SrpProject() => CheckAsync(40, async (step, inputs, x, rows, columns) =>
    {
        DeviceBuffer y = step.Output(rows * 17);
        step.Queue.SrpProject(x, inputs.Seed(), y, rows, columns, 17);
        return await step.FinishAsync((y, rows * 17));
    });

    [Test]
    public Task LogprobDigest() => CheckAsync(40, async (step, inputs, x, rows, columns) =>
    {
        int k = inputs.Between(1, Math.Min(columns, 30));
        DeviceBuffer logprobs = step.Output(rows * k);
        step.Queue.LogprobDigest(x, step.Output(rows * k), logprobs, null, null, rows, columns, k);
        return await step.FinishAsync((logprobs, rows * k));
    });

    [Test]
    public Task Sample() => CheckAsync(40, async (step, inputs, x, rows, columns) =>
    {
        SamplingRow parameters = SampleTests.Parameters(inputs, columns) with { Temperature = 0.8f };
        DeviceBuffer tokens = step.Output(rows);
        step.Queue.Sample(x, step.Upload([.. Enumerable.Repeat(parameters, rows)]), tokens, rows, columns);
        return await step.FinishAsync((tokens, rows));
    });

    private async Task CheckAsync(int cases, Func<Step, Inputs, DeviceBuffer, int, int, Task<byte[]>> run, ElementType type = ElementType.F32)
    {
        for (int seed = 0; seed < cases; seed++)
        {
            var shapes = new Inputs(seed);
            int rows = shapes.Between(2, 13), columns = shapes.Width(type);
            float[] x = shapes.Tame(rows * columns);
            using var together = new Step(_backend);
            byte[] expected = await run(together, new Inputs(seed), together.Upload(x), rows, columns);
            List<byte> alone = [];
            for (int row = 0; row < rows; row++)
            {
                using var step = new Step(_backend);
                alone.AddRange(await run(step, new Inputs(seed), step.Upload(x[(row * columns)..((row + 1) * columns)]), 1, columns));
            }
            Assert.That(alone.ToArray().AsSpan().SequenceEqual(expected), $"seed {seed}");
        }
    }
}

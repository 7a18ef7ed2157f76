using NUnit.Framework;
using Ogong.Compute;
using Ogong.Kernels.Cpu;

namespace Ogong.Tests.Kernels.Cpu;

/// <summary>In steady state no operation of the CPU backend allocates on the garbage-collected heap.</summary>
[TestFixture]
internal sealed class AllocationTests
{
    private const int Rows = 3, Heads = 4, KvHeads = 2, HeadDim = 32, Columns = Heads * HeadDim, Vocabulary = 18_000, Pages = 2;

    [Test]
    public async Task No_operation_allocates_in_steady_state([PlainTypes] ElementType kvType)
    {
        const ulong all = 1UL << 32;
        using var backend = new CpuBackend(new CpuOptions { Threads = 1 });
        using var step = new Step(backend);
        var inputs = new Inputs(1);
        ComputeQueue queue = step.Queue;
        BatchLayout batch = step.Batch(Rows, 1, Pages);
        queue.Write<int>([300, 301, 302], batch.Positions);
        queue.Write<int>([1, 0], batch.PageTable);
        KvCache cache = step.Cache(new KvCacheShape(1, KvHeads, HeadDim, Pages, kvType));
        DeviceBuffer x = step.Upload(inputs.Tame(Rows * Columns)), y = step.Output(Rows * Columns),
            weight = step.Upload(inputs.Tame(Columns));
        DeviceBuffer table = step.Upload([.. Enumerable.Repeat(0.7f, 400 * HeadDim)]), indices = step.Upload(2, 0, 1),
            sketch = step.Output(Rows * 20);
        DeviceBuffer logits = step.Upload(inputs.Tame(Rows * Vocabulary)), ids = step.Output(Rows * 5), logprobs = step.Output(Rows * 5),
            tokens = step.Output(Rows), margins = step.Output(Rows);
        DeviceBuffer sampling = step.Upload<SamplingRow>(new(1, all, 0f, 0, 1), new(1, all, 1f, 0, 1), new(1, all - 5, 2f, 0, 1));
        DeviceBuffer denoising = step.Upload([.. Enumerable.Repeat(new DenoiseRow(1, 1, 1, -1, 1, 0.5f, 0.5f, 0.1f, 0.1f), Rows)]);
        Action[] operations =
        [
            () => queue.RmsNorm(x, weight, 1e-5f, y, Rows, Columns),
            () => queue.Rope(y, table, batch, Rows, Heads, HeadDim),
            () => queue.AppendKv(cache, 0, x, x, batch, Rows),
            () => queue.Attention(cache, 0, x, y, batch, Rows, Heads, int.MaxValue, NumericMode.Exact),
            () => queue.GatedActivation(x, x, y, Rows * Columns),
            () => queue.Residual(y, x, Rows * Columns),
            () => queue.LayerNorm(x, weight, weight, 1e-5f, y, Rows, Columns),
            () => queue.Modulate(x, new SampleParameters(weight, Columns, Rows), 0, 0, 1e-5f, y, Rows, Columns),
            () => queue.GatedResidual(y, x, new SampleParameters(weight, Columns, Rows), 0, Rows, Columns),
            () => queue.Gelu(x, y, Rows * Columns),
            () => queue.Silu(x, y, Rows * Columns),
            () => queue.BidirectionalAttention(x, x, x, null, y, new AttentionShape(1, Rows, Rows, Heads, HeadDim)),
            () => queue.DenoiseInput(x, denoising, y, Rows, Columns, 1),
            () => queue.DenoiseStep(x, x, x, denoising, y, Rows, Columns, guided: false),
            () => queue.LatentDistance(x, y, margins, Rows, Columns),
            () => queue.GatherRows(x, indices, y, Rows, Columns),
            () => queue.SrpProject(x, 1, sketch, Rows, Columns, 20),
            () => queue.LogprobDigest(logits, ids, logprobs, tokens, margins, Rows, Vocabulary, 5),
            () => queue.Sample(logits, sampling, tokens, Rows, Vocabulary),
            () => queue.SampleMargin(logits, sampling, tokens, margins, Rows, Vocabulary),
        ];
        queue.Write<int>([0, 1, 2], tokens);
        for (int i = 0; i < operations.Length; i++)
        {
            operations[i]();
            operations[i]();
            long before = GC.GetAllocatedBytesForCurrentThread();
            operations[i]();
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero, $"operation {i}");
        }
        await queue.CompleteAsync();
    }
}

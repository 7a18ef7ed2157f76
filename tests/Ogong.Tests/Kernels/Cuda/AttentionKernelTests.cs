using System.Runtime.InteropServices;
using System.Text;
using NUnit.Framework;
using Ogong.Compute;
using Ogong.Kernels.Cuda;
using Ogong.Kernels.Reference;
using Rows = Ogong.Tests.Kernels.Cpu.AttentionStepTests.Rows;
using Steps = Ogong.Tests.Kernels.Cpu.AttentionStepTests;

namespace Ogong.Tests.Kernels.Cuda;

/// <summary>
/// Each attention kernel where it has the most to get wrong: compiled for a head dimension and not, over chunk and page boundaries, more queries per kv head than a block takes, sequences that share a
/// tile. The exact ones against the reference, bit for bit; the fast one within what 16 bits leave.
/// </summary>
[TestFixture]
internal sealed class AttentionKernelTests
{
    private const int Full = int.MaxValue;
    private readonly List<string> _compiled = [];
    private CudaBackend _backend = null!;

    [OneTimeSetUp]
    public void Create() => _backend = CudaCase.Create(kernelCache: "off", progress: _compiled.Add);

    [OneTimeTearDown]
    public void Release() => _backend?.Dispose();

    [Test]
    public Task Decode_over_several_pages([PlainTypes] ElementType type, [Values(64, 128)] int headDim) =>
        CompareAsync("attention_decode", type, heads: 8, kvHeads: 2, headDim, [Full, 600, 1], new Rows(900, 1));

    [Test]
    public Task Decode_of_several_sequences_with_more_queries_per_kv_head_than_a_block() =>
        CompareAsync("attention_decode", ElementType.BF16, heads: 22, kvHeads: 2, headDim: 64, [Full, 256], new Rows(700, 1), new Rows(0, 1), new Rows(255, 1), new Rows(256, 1));

    [Test]
    public Task Decode_with_one_query_per_kv_head_of_an_odd_width([PlainTypes] ElementType type) =>
        CompareAsync("attention_decode", type, heads: 3, kvHeads: 3, headDim: 33, [Full, 257], new Rows(520, 2));

    [Test]
    public Task Merging_more_chunks_than_a_warp_has_lanes() =>
        CompareAsync("attention_decode", ElementType.F16, heads: 2, kvHeads: 1, headDim: 3, [Full, 8400], new Rows(8700, 1));

    [Test]
    public Task Prefill_over_chunk_boundaries([PlainTypes] ElementType type, [Values(64, 128)] int headDim) =>
        CompareAsync("attention_prefill", type, heads: 6, kvHeads: 2, headDim, [Full, 100], new Rows(490, 40));

    [Test]
    public Task Prefill_of_heads_wider_than_a_chunk() =>
        CompareAsync("attention_prefill", ElementType.BF16, heads: 4, kvHeads: 1, headDim: 261, [Full], new Rows(250, 14));

    [Test]
    public Task Sequences_that_share_a_tile([Values(Full, 300)] int window) =>
        CompareAsync("attention_prefill", ElementType.BF16, heads: 4, kvHeads: 2, headDim: 64, [window], new Rows(700, 1), new Rows(0, 30), new Rows(255, 2), new Rows(0, 1));

    [Test]
    public Task Prefill_with_more_queries_per_kv_head_than_a_tile() =>
        CompareAsync("attention_prefill", ElementType.F16, heads: 50, kvHeads: 1, headDim: 20, [Full], new Rows(250, 10));

    [Test]
    public async Task Rows_whose_parts_do_not_fit_at_once_are_done_in_turns()
    {
        Rows[] step = [new Rows(200, 120)];
        byte[] expected = await Steps.RunAsync(new ReferenceBackend(), ElementType.BF16, 16, 1, 64, [Full], step);
        byte[] result = await Steps.RunAsync(_backend, ElementType.BF16, 16, 1, 64, [Full], step, maxPages: 300);
        Assert.That(result.AsSpan().SequenceEqual(expected));
    }

    [Test]
    public async Task A_window_far_into_a_context_reads_only_the_pages_it_sees([Values(5, 12)] int attending)
    {
        const int headDim = 8, first = 131_000, count = 300, window = 200, pages = 514;
        byte[][] results = [await RunAsync(_backend), await RunAsync(new ReferenceBackend())];
        Assert.That(results[0].AsSpan().SequenceEqual(results[1]));

        async Task<byte[]> RunAsync(IBackend backend)
        {
            var inputs = new Inputs(attending);
            using var step = new Step(backend);
            KvCache cache = step.Cache(new KvCacheShape(1, 1, headDim, 3, ElementType.F32));
            BatchLayout fill = step.Batch(count, 1, pages), batch = step.Batch(attending, 1, pages);
            int[] table = [.. Enumerable.Repeat(-1, pages)];
            for (int i = 0; i < 3; i++) table[(first / KvCacheShape.PageLength) + i] = 2 - i;
            foreach ((BatchLayout layout, int rows) in ((BatchLayout, int)[])[(fill, count), (batch, attending)])
            {
                step.Queue.Write<int>(table, layout.PageTable);
                step.Queue.Write<int>([.. Enumerable.Range(first + count - rows, rows)], layout.Positions);
            }
            step.Queue.AppendKv(cache, 0, step.Upload(inputs.Tame(count * headDim)), step.Upload(inputs.Tame(count * headDim)), fill, count);
            DeviceBuffer y = step.Output(attending * headDim);
            step.Queue.Attention(cache, 0, step.Upload(inputs.Tame(attending * headDim)), y, batch, attending, 1, window, NumericMode.Exact);
            return await step.FinishAsync((y, attending * headDim));
        }
    }

    // A step that failed leaves infinities in a page; the page goes to another sequence, which has not written that far.
    [Test]
    public async Task What_a_page_holds_of_others_does_not_matter([Values(3, 12)] int rows, [Values] NumericMode mode)
    {
        const int headDim = 64, written = 20;
        byte[][] results = [await RunAsync(_backend), await RunAsync(new ReferenceBackend())];
        Assert.That(results[0], Has.Length.EqualTo(4 * rows * headDim), "no fault");
        if (rows == 3 || mode == NumericMode.Exact) Assert.That(results[0].AsSpan().SequenceEqual(results[1]));

        async Task<byte[]> RunAsync(IBackend backend)
        {
            var inputs = new Inputs(rows);
            using var step = new Step(backend);
            KvCache cache = step.Cache(new KvCacheShape(1, 1, headDim, 1, ElementType.BF16));
            BatchLayout batch = step.Batch(written);
            step.Queue.Write<int>([.. Enumerable.Range(0, written)], batch.Positions);
            float[] k = inputs.Tame(written * headDim), v = inputs.Tame(written * headDim);
            k.AsSpan(rows * headDim).Fill(float.PositiveInfinity);
            v.AsSpan(rows * headDim).Fill(float.NaN);
            step.Queue.AppendKv(cache, 0, step.Upload(k), step.Upload(v), batch, written);
            Assert.That(Encoding.UTF8.GetString(await step.FinishAsync()), Is.EqualTo($"AppendKv [{rows}, 0]"));
            DeviceBuffer y = step.Output(rows * headDim);
            step.Queue.Attention(cache, 0, step.Upload(inputs.Tame(rows * headDim)), y, batch, rows, 1, Full, mode);
            return await step.FinishAsync((y, rows * headDim));
        }
    }

    [Test]
    public async Task Fast_prefill_is_close_to_exact([Values(ElementType.F16, ElementType.BF16)] ElementType type, [Values(64, 128)] int headDim)
    {
        Rows[] step = [new Rows(700, 1), new Rows(230, 50), new Rows(0, 3)];
        float[] exact = Floats(await Steps.RunAsync(new ReferenceBackend(), type, 14, 2, headDim, [Full, 100], step));
        float[] fast = Floats(await Steps.RunAsync(_backend, type, 14, 2, headDim, [Full, 100], step, NumericMode.Fast));
        Assert.That(_compiled, Has.Some.Contains($"attention_fast.cu -DCACHE_TYPE={(int)type} -DHEAD_DIM={headDim}"));
        double error = Math.Sqrt(exact.Zip(fast).Sum(p => Math.Pow(p.First - p.Second, 2)) / exact.Sum(v => (double)v * v));
        // Half a unit in the last place of a query, a key's product and a weight: 2⁻⁹ in bfloat16, 2⁻¹² in binary16, and a few of them.
        Assert.That(error, Is.GreaterThan(0).And.LessThan(type == ElementType.BF16 ? 0.01 : 0.00125));
    }

    [Test]
    public async Task Fast_mode_is_exact_where_tensor_cores_have_no_part()
    {
        (ElementType Type, int HeadDim, int Count)[] cases = [(ElementType.F32, 64, 12), (ElementType.BF16, 40, 12), (ElementType.BF16, 64, 3)];
        foreach ((ElementType type, int headDim, int count) in cases)
        {
            Rows[] step = [new Rows(250, count)];
            byte[] exact = await Steps.RunAsync(new ReferenceBackend(), type, 2, 1, headDim, [Full], step);
            Assert.That((await Steps.RunAsync(_backend, type, 2, 1, headDim, [Full], step, NumericMode.Fast)).AsSpan().SequenceEqual(exact), $"{type} {headDim} {count}");
        }
    }

    [Test]
    public async Task Fast_prefill_names_the_query_that_overflows([Values(ElementType.F16, ElementType.BF16)] ElementType type)
    {
        const int rows = 20, headDim = 64;
        var inputs = new Inputs(3);
        using var step = new Step(_backend);
        KvCache cache = step.Cache(new KvCacheShape(1, 1, headDim, 1, type));
        BatchLayout batch = step.Batch(rows);
        step.Queue.Write<int>([.. Enumerable.Range(0, rows)], batch.Positions);
        step.Queue.AppendKv(cache, 0, step.Upload(inputs.Tame(rows * headDim)), step.Upload(inputs.Tame(rows * headDim)), batch, rows);
        float[] q = inputs.Tame(rows * 2 * headDim);
        q[(((7 * 2) + 1) * headDim) + 9] = float.PositiveInfinity;
        step.Queue.Attention(cache, 0, step.Upload(q), step.Output(rows * 2 * headDim), batch, rows, 2, Full, NumericMode.Fast);
        Assert.That(Encoding.UTF8.GetString(await step.FinishAsync()), Is.EqualTo($"Attention [7, {headDim}]"));
    }

    private async Task CompareAsync(string kernel, ElementType type, int heads, int kvHeads, int headDim, int[] windows, params Rows[] step)
    {
        int maxPages = Math.Max(7, step.Max(s => (s.First + s.Count) / KvCacheShape.PageLength) + 1);
        byte[] expected = await Steps.RunAsync(new ReferenceBackend(), type, heads, kvHeads, headDim, windows, step, maxPages: maxPages);
        byte[] result = await Steps.RunAsync(_backend, type, heads, kvHeads, headDim, windows, step, maxPages: maxPages);
        int specialised = headDim is 64 or 128 ? headDim : 0;
        Assert.That(_compiled, Has.Some.Contains($"{kernel}.cu -DCACHE_TYPE={(int)type} -DHEAD_DIM={specialised}"));
        Assert.That(result.AsSpan().SequenceEqual(expected), "every bit of the reference");
    }

    private static float[] Floats(byte[] bytes) => MemoryMarshal.Cast<byte, float>(bytes).ToArray();
}

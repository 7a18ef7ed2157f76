using NUnit.Framework;
using Ogong.Compute;

namespace Ogong.Tests.Kernels.Cpu;

/// <summary>
/// Attention cut into tiles, and into single chunks whose parts are merged afterwards, against the reference, bit for bit.
/// </summary>
[TestFixture]
internal sealed class AttentionStepTests
{
    private const int Full = int.MaxValue;

    /// <summary>Rows of one sequence in a step: positions [First, First + Count).</summary>
    internal readonly record struct Rows(int First, int Count);

    [Test]
    public async Task Decode_with_a_long_context([PlainTypes] ElementType type) =>
        await CompareAsync(type, heads: 6, kvHeads: 2, headDim: 64, [Full, 600, 1], new Rows(1400, 1));

    [Test]
    public async Task Decode_with_one_query_per_kv_head([PlainTypes] ElementType type) =>
        await CompareAsync(type, heads: 2, kvHeads: 2, headDim: 50, [Full, 257], new Rows(767, 1));

    [Test]
    public async Task Prefill_over_chunk_boundaries([PlainTypes] ElementType type) =>
        await CompareAsync(type, heads: 3, kvHeads: 1, headDim: 40, [Full, 100, 7], new Rows(200, 120));

    [Test]
    public async Task Decode_and_prefill_of_several_sequences_in_one_step() =>
        await CompareAsync(ElementType.BF16, heads: 4, kvHeads: 4, headDim: 16, [Full, 256], new Rows(700, 1), new Rows(0, 70),
            new Rows(255, 2), new Rows(0, 1));

    [Test]
    public async Task Heads_wider_than_a_chunk_and_more_queries_per_kv_head_than_a_tile([Values(ElementType.F32,
        ElementType.F16)] ElementType type) =>
        await CompareAsync(type, heads: 40, kvHeads: 1, headDim: 300, [Full], new Rows(255, 3));

    [Test]
    public async Task Heads_wider_than_a_chunk_and_a_tile_not_full([PlainTypes] ElementType type) =>
        await CompareAsync(type, heads: 3, kvHeads: 1, headDim: 257, [Full, 4], new Rows(258, 2), new Rows(30, 1));

    private static Task CompareAsync(ElementType type, int heads, int kvHeads, int headDim, int[] windows, params Rows[] step) =>
        LargeStepTests.CompareAsync(backend => RunAsync(backend, type, heads, kvHeads, headDim, windows, step));

    /// <summary>Appends every position up to the step's in one go, then attends once per window. Returns the outputs, one after the other.</summary>
    internal static async Task<byte[]> RunAsync(IBackend backend, ElementType type, int heads, int kvHeads, int headDim, int[] windows,
        Rows[] sequences, NumericMode mode = NumericMode.Exact, int maxPages = 7)
    {
        int needed = sequences.Sum(s => (s.First + s.Count + KvCacheShape.PageLength - 1) / KvCacheShape.PageLength);
        var shape = new KvCacheShape(2, kvHeads, headDim, needed + 5, type);
        var inputs = new Inputs(heads);
        using var step = new Step(backend);
        KvCache cache = step.Cache(shape);
        int appended = sequences.Sum(s => s.First + s.Count), rows = sequences.Sum(s => s.Count), width = shape.KvHeads * shape.HeadDim;
        BatchLayout fill = step.Batch(appended, sequences.Length, maxPages), batch = step.Batch(rows, sequences.Length, maxPages);
        int[] pages = [.. Enumerable.Range(0, shape.Pages)], table = new int[sequences.Length * maxPages];
        inputs.Shuffle(pages);
        int used = 0;
        for (int s = 0; s < sequences.Length; s++)
            for (int page = 0; page <= (sequences[s].First + sequences[s].Count - 1) / KvCacheShape.PageLength; page++)
                table[(s * maxPages) + page] = pages[used++];
        foreach ((BatchLayout layout, bool whole) in ((BatchLayout, bool)[])[(fill, true), (batch, false)])
        {
            step.Queue.Write<int>([.. sequences.SelectMany(s => Enumerable.Range(whole ? 0 : s.First,
                whole ? s.First + s.Count : s.Count))], layout.Positions);
            step.Queue.Write<int>([.. sequences.SelectMany((s, i) => Enumerable.Repeat(i, whole ? s.First + s.Count : s.Count))],
                layout.Sequences);
            step.Queue.Write<int>(table, layout.PageTable);
        }
        step.Queue.AppendKv(cache, 1, step.Upload(inputs.Tame(appended * width)), step.Upload(inputs.Tame(appended * width)), fill,
            appended);
        DeviceBuffer q = step.Upload([.. inputs.Tame(rows * heads * shape.HeadDim).Select(v => 2f * v)]);
        int count = rows * heads * shape.HeadDim;
        var outputs = new List<(DeviceBuffer, int)>();
        foreach (int window in windows)
        {
            DeviceBuffer y = step.Output(count);
            step.Queue.Attention(cache, 1, q, y, batch, rows, heads, window, mode);
            outputs.Add((y, count));
        }
        return await step.FinishAsync([.. outputs]);
    }
}

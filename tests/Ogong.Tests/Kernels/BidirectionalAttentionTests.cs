using NUnit.Framework;
using Ogong.Compute;

namespace Ogong.Tests.Kernels;

internal sealed class BidirectionalAttentionTests(BackendCase backend) : OperationTests(backend)
{
    protected override int Cases => 300;

    protected override string Digest => "509ff5cfec446a7aa81f28c34797d96b7f2e763c75cead10dcdcc5415fa17c8e";

    protected override async Task<byte[]> RunAsync(IBackend backend, int seed)
    {
        var inputs = new Inputs(seed);
        AttentionShape shape = Shape(inputs);
        using var step = new Step(backend);
        int outputs = shape.Rows * shape.Width, keys = shape.Samples * shape.Keys * shape.Width;
        DeviceBuffer q = step.Upload(inputs.Values(outputs)), k = step.Upload(inputs.Values(keys)), v = step.Upload(inputs.Values(keys)), y = step.Output(outputs);
        step.Queue.BidirectionalAttention(q, k, v, inputs.OneIn(2) ? null : step.Upload(Counts(inputs, shape)), y, shape);
        return await step.FinishAsync((y, outputs));
    }

    private static AttentionShape Shape(Inputs inputs)
    {
        int Tokens() => inputs.OneIn(12) ? inputs.Pick(255, 256, 257, 513, inputs.Between(250, 600)) : inputs.Between(1, 50);
        int queries = Tokens(), keys = inputs.OneIn(2) ? queries : Tokens();
        return new AttentionShape(inputs.Between(1, 3), Math.Min(queries, 60), keys, inputs.Between(1, 3), inputs.Pick(inputs.Between(1, 24), 32, 64, inputs.OneIn(6) ? inputs.Between(250, 300) : 72));
    }

    private static int[] Counts(Inputs inputs, AttentionShape shape) => [.. Enumerable.Range(0, shape.Samples).Select(_ => inputs.Between(1, shape.Keys))];

    [Test]
    public async Task It_has_the_bits_of_Attention_from_the_last_key_over_a_binary32_cache()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var inputs = new Inputs(seed);
            AttentionShape shape = Shape(inputs) with { Samples = 1 };
            int outputs = shape.Rows * shape.Width, keys = shape.Keys * shape.Width, pages = (shape.Keys + KvCacheShape.PageLength - 1) / KvCacheShape.PageLength;
            using var step = new Step(Backend);
            DeviceBuffer q = step.Upload(inputs.Tame(outputs)), k = step.Upload(inputs.Tame(keys)), v = step.Upload(inputs.Tame(keys));
            DeviceBuffer here = step.Output(outputs), there = step.Output(outputs);
            step.Queue.BidirectionalAttention(q, k, v, null, here, shape);

            KvCache cache = step.Cache(new KvCacheShape(1, shape.Heads, shape.HeadDim, pages, ElementType.F32));
            using BatchLayout append = new(Backend, shape.Keys, 1, pages), attend = new(Backend, shape.Rows, 1, pages);
            step.Queue.Write<int>([.. Enumerable.Range(0, pages)], append.PageTable);
            step.Queue.Write<int>([.. Enumerable.Range(0, pages)], attend.PageTable);
            step.Queue.Write<int>([.. Enumerable.Range(0, shape.Keys)], append.Positions);
            step.Queue.Write<int>([.. Enumerable.Repeat(shape.Keys - 1, shape.Rows)], attend.Positions);
            step.Queue.AppendKv(cache, 0, k, v, append, shape.Keys);
            step.Queue.Attention(cache, 0, q, there, attend, shape.Rows, shape.Heads, int.MaxValue, NumericMode.Exact);
            byte[] both = await step.FinishAsync((here, outputs), (there, outputs));
            Assert.That(both.AsSpan(0, both.Length / 2).SequenceEqual(both.AsSpan(both.Length / 2)), $"seed {seed}");
        }
    }

    [Test]
    public async Task A_batch_gives_each_sample_its_bits_alone_and_hidden_keys_do_not_matter()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var inputs = new Inputs(seed);
            AttentionShape shape = Shape(inputs) with { Samples = 3 };
            int outputs = shape.Queries * shape.Width, keys = shape.Keys * shape.Width;
            float[] q = inputs.Tame(3 * outputs), k = inputs.Tame(3 * keys), v = inputs.Tame(3 * keys);
            int[] counts = Counts(inputs, shape);
            using var step = new Step(Backend);
            DeviceBuffer together = step.Output(3 * outputs);
            step.Queue.BidirectionalAttention(step.Upload(q), step.Upload(k), step.Upload(v), step.Upload(counts), together, shape);
            byte[] expected = await step.FinishAsync((together, 3 * outputs));
            List<byte> alone = [];
            for (int s = 0; s < 3; s++)
            {
                float[] Seen(float[] x) => x[(s * keys)..((s * keys) + (counts[s] * shape.Width))];
                DeviceBuffer y = step.Output(outputs);
                step.Queue.BidirectionalAttention(step.Upload(q[(s * outputs)..((s + 1) * outputs)]), step.Upload(Seen(k)), step.Upload(Seen(v)), null, y, shape with { Samples = 1, Keys = counts[s] });
                alone.AddRange(await step.FinishAsync((y, outputs)));
            }
            Assert.That(alone.ToArray().AsSpan().SequenceEqual(expected), $"seed {seed}");
        }
    }
}

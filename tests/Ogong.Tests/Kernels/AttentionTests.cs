using NUnit.Framework;
using Ogong.Compute;

namespace Ogong.Tests.Kernels;

internal sealed class AttentionTests(BackendCase backend) : OperationTests(backend)
{
    protected override int Cases => 400;

    protected override string Digest => "946ec9ef55de5d047831ea2eaa12a9d630196bf9ac7faadb4c50d92def47b74d";

    protected override Task<byte[]> RunAsync(IBackend backend, int seed)
    {
        var inputs = new Inputs(seed);
        return new History(inputs, inputs.Values).PlayAsync(backend, inputs, inputs.Between(1, 12));
    }

    [Test]
    public async Task Any_chunking_in_any_batch_on_any_pages_gives_the_bits_of_each_sequence_alone_in_one_step()
    {
        for (int seed = 0; seed < 24; seed++)
        {
            var inputs = new Inputs(seed);
            var history = new History(inputs, inputs.Tame);
            int attended = inputs.Pick(3, 20, 45);
            List<byte> alone = [];
            foreach (History sequence in history.Alone()) alone.AddRange(await sequence.PlayAsync(Backend, null, attended));
            for (int plan = 0; plan < 2; plan++)
                Assert.That((await history.PlayAsync(Backend, new Inputs((1000 * plan) + seed), attended)).AsSpan().SequenceEqual(alone.ToArray()), $"seed {seed}, plan {plan}");
        }
    }

    [Test]
    public async Task A_window_as_long_as_the_sequence_is_no_window([Values(39, 300)] int length)
    {
        var inputs = new Inputs(length);
        float[] q = inputs.Tame(length * 6), k = inputs.Tame(length * 6), v = inputs.Tame(length * 6);
        using var step = new Step(Backend);
        KvCache cache = step.Cache(new KvCacheShape(1, 2, 3, 2, ElementType.F32));
        BatchLayout batch = step.Batch(length, 1, 2);
        step.Queue.Write<int>([1, 0], batch.PageTable);
        step.Queue.Write<int>([.. Enumerable.Range(0, length)], batch.Positions);
        step.Queue.AppendKv(cache, 0, step.Upload(k), step.Upload(v), batch, length);
        DeviceBuffer windowed = step.Output(length * 6), free = step.Output(length * 6), queries = step.Upload(q);
        step.Queue.Attention(cache, 0, queries, windowed, batch, length, 2, length, NumericMode.Exact);
        step.Queue.Attention(cache, 0, queries, free, batch, length, 2, int.MaxValue, NumericMode.Exact);
        byte[] both = await step.FinishAsync((windowed, length * 6), (free, length * 6));
        Assert.That(both.AsSpan(0, both.Length / 2).SequenceEqual(both.AsSpan(both.Length / 2)));
    }
}

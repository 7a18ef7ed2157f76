using NUnit.Framework;
using Ogong.Compute;
using Ogong.Numerics;

namespace Ogong.Tests.Kernels;

internal sealed class AppendKvTests(BackendCase backend) : OperationTests(backend)
{
    protected override int Cases => 1000;

    protected override string Digest => "418e8429950b9f1dff0a6e7636c44d571c65e88660b65a9b6145484345e59d9f";

    // A window of one position reads the values back; scores against earlier keys show the keys.
    protected override async Task<byte[]> RunAsync(IBackend backend, int seed)
    {
        var inputs = new Inputs(seed);
        int rows = inputs.Between(1, 9), heads = inputs.Between(1, 3), headDim = inputs.Between(1, 40), start = inputs.Pick(0, 251, 255, 256);
        using var step = new Step(backend);
        KvCache cache = step.Cache(new KvCacheShape(1, heads, headDim, 3, inputs.Type()));
        BatchLayout batch = step.Batch(rows, 1, 3);
        step.Queue.Write<int>([2, 0, 1], batch.PageTable);
        step.Queue.Write<int>([.. Enumerable.Range(start, rows)], batch.Positions);
        int count = rows * heads * headDim;
        step.Queue.AppendKv(cache, 0, step.Upload(inputs.Values(count)), step.Upload(inputs.Values(count)), batch, rows);
        DeviceBuffer q = step.Upload(inputs.Tame(count)), values = step.Output(count), scored = step.Output(count);
        step.Queue.Attention(cache, 0, q, values, batch, rows, heads, 1, NumericMode.Exact);
        step.Queue.Attention(cache, 0, q, scored, batch, rows, heads, rows, NumericMode.Exact);
        return await step.FinishAsync((values, count), (scored, count));
    }

    [Test]
    public async Task A_read_sees_the_value_rounded_to_the_type_of_the_cache([Values(ElementType.F32, ElementType.F16, ElementType.BF16)] ElementType type)
    {
        float[] v = new Inputs(5).Tame(7);
        using var step = new Step(Backend);
        KvCache cache = step.Cache(new KvCacheShape(1, 1, 7, 1, type));
        BatchLayout batch = step.Batch(1);
        step.Queue.AppendKv(cache, 0, step.Upload(new float[7]), step.Upload(v), batch, 1);
        DeviceBuffer y = step.Output(7);
        step.Queue.Attention(cache, 0, step.Upload(new float[7]), y, batch, 1, 1, int.MaxValue, NumericMode.Exact);
        float[] rounded = [.. v.Select(x => type switch
        {
            ElementType.F16 => Float16Format.Widen(Float16Format.Round(x)),
            ElementType.BF16 => BFloat16Format.Widen(BFloat16Format.Round(x)),
            _ => x,
        })];
        Assert.That(await step.FinishAsync((y, 7)), Is.EqualTo(rounded.SelectMany(BitConverter.GetBytes)));
    }
}

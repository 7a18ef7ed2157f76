using Ogong.Compute;

namespace Ogong.Tests.Kernels;

internal sealed class SampleTests(BackendCase backend) : OperationTests(backend)
{
    protected override int Cases => 2000;

    protected override string Digest => "99afb8ff98968c916ca38aeb1e8a971019ddfcfc6af47c3173b2a1643d7698b0";

    /// <summary>Parameters at and between the edges of each rule.</summary>
    public static SamplingRow Parameters(Inputs inputs, int vocabulary) => new(
        inputs.Seed(),
        inputs.Pick(1UL << 32, 1UL << 32, (1UL << 32) - 1, 0UL, 1UL, inputs.Seed() >> 32, ulong.MaxValue, (1UL << 32) / 10 * 9),
        inputs.Pick(1f, 1f, 0.7f, 1.3f, 0f, -1f, 100f, 0.01f, 1e-20f, 1e-39f, float.NaN),
        inputs.Pick(0, 0, 1, 2, 5, vocabulary, vocabulary + 1, inputs.Between(1, vocabulary), -3),
        inputs.Pick(0, 1, 77, int.MaxValue));

    protected override async Task<byte[]> RunAsync(IBackend backend, int seed)
    {
        var inputs = new Inputs(seed);
        int rows = inputs.Between(1, 4), vocabulary = inputs.Length();
        using var step = new Step(backend);
        DeviceBuffer logits = step.Upload(inputs.Values(rows * vocabulary)), tokens = step.Output(rows);
        DeviceBuffer parameters = step.Upload([.. Enumerable.Range(0, rows).Select(_ => Parameters(inputs, vocabulary))]);
        step.Queue.Sample(logits, parameters, tokens, rows, vocabulary);
        return await step.FinishAsync((tokens, rows));
    }
}

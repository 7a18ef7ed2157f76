using NUnit.Framework;
using Ogong.Compute;

namespace Ogong.Tests.Kernels;

internal sealed class SampleMarginTests(BackendCase backend) : OperationTests(backend)
{
    protected override int Cases => 2000;

    protected override string Digest => "829163bb94224b7d1d38e5f4009f4b81ebfc36bce2a802765c9637d5a44e7a84";

    protected override async Task<byte[]> RunAsync(IBackend backend, int seed)
    {
        var inputs = new Inputs(seed);
        int rows = inputs.Between(1, 4), vocabulary = inputs.Length();
        using var step = new Step(backend);
        DeviceBuffer logits = step.Upload(inputs.Values(rows * vocabulary)), margins = step.Output(rows);
        DeviceBuffer parameters = step.Upload([.. Enumerable.Range(0, rows).Select(_ => SampleTests.Parameters(inputs, vocabulary))]);
        DeviceBuffer claimed = step.Upload([.. Enumerable.Range(0, rows).Select(_ => inputs.Between(0, vocabulary - 1))]);
        step.Queue.SampleMargin(logits, parameters, claimed, margins, rows, vocabulary);
        return await step.FinishAsync((margins, rows));
    }

    [Test]
    public async Task The_token_that_Sample_chooses_has_margin_zero()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var inputs = new Inputs(seed);
            int vocabulary = inputs.Width();
            float[] values = inputs.Tame(vocabulary);
            using var step = new Step(Backend);
            DeviceBuffer logits = step.Upload(values), tokens = step.Output(1), margins = step.Output(1);
            DeviceBuffer parameters = step.Upload(SampleTests.Parameters(inputs, vocabulary) with { Temperature = inputs.Pick(0f, 0.5f, 2f) });
            step.Queue.Sample(logits, parameters, tokens, 1, vocabulary);
            step.Queue.SampleMargin(logits, parameters, tokens, margins, 1, vocabulary);
            Assert.That(await step.FinishAsync((margins, 1)), Is.All.Zero, $"seed {seed}");
        }
    }
}

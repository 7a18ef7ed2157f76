using NUnit.Framework;
using Ogong.Compute;

namespace Ogong.Tests.Kernels;

internal sealed class DenoiseStepTests(BackendCase backend) : OperationTests(backend)
{
    protected override int Cases => 1000;

    protected override string Digest => "87fef6905b07d135c6b5119ef6681db5f5c37e1a42e4b73ca089172424ea59d1";

    protected override async Task<byte[]> RunAsync(IBackend backend, int seed)
    {
        var inputs = new Inputs(seed);
        int samples = inputs.Between(1, 4), count = inputs.Length();
        bool guided = inputs.OneIn(2);
        using var step = new Step(backend);
        DeviceBuffer x = step.Upload(inputs.Values(samples * count)), output = step.Upload(inputs.Values((guided ? 2 : 1) * samples * count));
        DeviceBuffer? noise = inputs.OneIn(2) ? step.Upload(inputs.Tame(samples * count)) : null;
        DeviceBuffer y = inputs.Pick(x, noise ?? x, step.Output(samples * count));
        step.Queue.DenoiseStep(x, output, noise, Parameters(step, inputs, samples), y, samples, count, guided);
        return await step.FinishAsync((y, samples * count));
    }

    /// <summary>Coefficients of every kind of scheduler: any, with zeros and ones among them, with and without a limit.</summary>
    internal static DeviceBuffer Parameters(Step step, Inputs inputs, int samples)
    {
        float Any() => inputs.Pick(0f, 1f, inputs.Normal(), inputs.Normal());
        return step.Upload([.. Enumerable.Range(0, samples).Select(_ => new DenoiseRow(
            Any(), 3f * inputs.Normal(), Any(), Any(), inputs.Pick(float.PositiveInfinity, 1f, MathF.Abs(inputs.Normal())), Any(), Any(), Any(), Any()))]);
    }

    [Test]
    public async Task Coefficients_of_one_and_zero_leave_the_latent_alone()
    {
        float[] x = new Inputs(1).Tame(700), output = new Inputs(2).Tame(1400);
        using var step = new Step(Backend);
        DeviceBuffer y = step.Output(700);
        step.Queue.DenoiseStep(step.Upload(x), step.Upload(output), null, step.Upload(new DenoiseRow(1, 7.5f, 0, 0, float.PositiveInfinity, 1, 0, 0, 0)), y, 1, 700, guided: true);
        Assert.That(await step.FinishAsync((y, 700)), Is.EqualTo(x.SelectMany(BitConverter.GetBytes)));
    }
}

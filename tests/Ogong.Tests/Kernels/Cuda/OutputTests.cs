using System.Text;
using NUnit.Framework;
using Ogong.Compute;
using Ogong.Kernels.Cuda;
using Ogong.Kernels.Reference;

namespace Ogong.Tests.Kernels.Cuda;

/// <summary>What the operations on outputs have of their own on a device: the queue's scratch within recorded steps, and indices that only the device sees.</summary>
[TestFixture]
internal sealed class OutputTests
{
    private const int Rows = 2, Columns = 300, Directions = 5, Vocabulary = 9001;

    private CudaBackend _backend = null!;

    [OneTimeSetUp]
    public void Create() => _backend = CudaCase.Create();

    [OneTimeTearDown]
    public void Release() => _backend?.Dispose();

    [Test]
    public async Task Scratch_that_grows_during_a_replay_spoils_no_call_before_it()
    {
        using var reference = new ReferenceBackend();
        byte[] expected = await DepartAsync(reference), result = await DepartAsync(_backend);
        Assert.That(result.AsSpan().SequenceEqual(expected));
    }

    [Test]
    public async Task A_target_outside_the_vocabulary_fails_the_step([Values(-1, Columns)] int target)
    {
        using var step = new Step(_backend);
        DeviceBuffer logits = step.Upload(new Inputs(1).Tame(Rows * Columns)), ids = step.Output(Rows), logprobs = step.Output(Rows);
        step.Queue.LogprobDigest(logits, ids, logprobs, step.Upload(0, target), step.Output(Rows), Rows, Columns, 1);
        Assert.That(Encoding.UTF8.GetString(await step.FinishAsync()), Is.EqualTo("LogprobDigest [1, 0]"));
    }

    [Test]
    public async Task A_claimed_token_outside_the_vocabulary_fails_the_step([Values(-1, Columns)] int claimed, [Values(0f, 1f)] float temperature)
    {
        using var step = new Step(_backend);
        DeviceBuffer logits = step.Upload(new Inputs(1).Tame(Rows * Columns)), margins = step.Output(Rows);
        DeviceBuffer parameters = step.Upload([.. Enumerable.Repeat(new SamplingRow(1, 1UL << 31, temperature, 40, 3), Rows)]);
        step.Queue.SampleMargin(logits, parameters, step.Upload(0, claimed), margins, Rows, Columns);
        Assert.That(Encoding.UTF8.GetString(await step.FinishAsync()), Is.EqualTo("SampleMargin [1, 0]"));
    }

    /// <summary>Three times the same step, so that a device replays it, then one whose second call needs more scratch.</summary>
    private static async Task<byte[]> DepartAsync(IBackend backend)
    {
        var inputs = new Inputs(1);
        using var step = new Step(backend);
        DeviceBuffer h = step.Output(Rows * Columns), y = step.Output(Rows * Directions), z = step.Output(Rows * Directions);
        DeviceBuffer logits = step.Upload(inputs.Tame(Rows * Vocabulary)), ids = step.Output(Rows * Vocabulary), logprobs = step.Output(Rows * Vocabulary);
        for (int i = 0; i < 4; i++)
        {
            step.Queue.Write<float>(inputs.Tame(Rows * Columns), h);
            step.Queue.BeginStep(1);
            step.Queue.SrpProject(h, 7, y, Rows, Columns, Directions);
            if (i < 3) step.Queue.SrpProject(h, 8, z, Rows, Columns, Directions);
            else step.Queue.LogprobDigest(logits, ids, logprobs, null, null, Rows, Vocabulary, Vocabulary);
            step.Queue.EndStep();
            await step.Queue.CompleteAsync();
        }
        return await step.FinishAsync((y, Rows * Directions), (z, Rows * Directions), (ids, Rows * Vocabulary), (logprobs, Rows * Vocabulary));
    }
}

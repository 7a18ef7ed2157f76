using NUnit.Framework;
using Ogong.Compute;
using Ogong.Kernels.Cuda;

namespace Ogong.Tests.Kernels.Cuda;

/// <summary>Linear within recorded steps.</summary>
internal static class RecordedLinear
{
    /// <summary>Runs a step four times on other values each, and the same calls outside of one: the third and the fourth time it is replayed, and its bits are those of the calls.</summary>
    public static async Task IsReplayedAsync(IBackend backend, Inputs inputs, Tensor tensor, int rows, NumericMode mode)
    {
        using var step = new Step(backend);
        Weight w = step.Load(tensor);
        DeviceBuffer x = step.Upload(new float[rows * w.Columns]), y = step.Output(rows * w.Rows);
        for (int turn = 0; turn < 4; turn++)
        {
            float[] values = inputs.Tame(rows * w.Columns), result = new float[rows * w.Rows], again = new float[rows * w.Rows];
            step.Queue.BeginStep(1);
            Enqueue(values, result);
            step.Queue.EndStep();
            await step.Queue.CompleteAsync();
            Enqueue(values, again);
            await step.Queue.CompleteAsync();
            Assert.That(result, Is.EqualTo(again).And.Some.Not.Zero);
        }
        Assert.That(((CudaQueue)step.Queue).Replays, Is.EqualTo(2));

        void Enqueue(float[] values, float[] result)
        {
            step.Queue.Write<float>(values, x);
            step.Queue.Linear(x, w, null, y, rows, mode);
            step.Queue.Read<float>(y, result);
        }
    }
}

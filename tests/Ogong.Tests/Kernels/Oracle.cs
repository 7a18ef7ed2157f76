using System.Runtime.InteropServices;
using NUnit.Framework;
using Ogong.Compute;

namespace Ogong.Tests.Kernels;

/// <summary>Runs one operation on a backend and compares its outputs with a formula in binary64.</summary>
internal static class Oracle
{
    /// <summary>What <paramref name="run"/> writes to an output of <paramref name="count"/> elements.</summary>
    public static async Task<float[]> RunAsync(IBackend backend, int count, Action<Step, DeviceBuffer> run)
    {
        using var step = new Step(backend);
        DeviceBuffer y = step.Output(count);
        run(step, y);
        return MemoryMarshal.Cast<byte, float>((await step.FinishAsync((y, count))).AsSpan()).ToArray();
    }

    /// <summary>Holds y [rows × <paramref name="columns"/>] to <paramref name="expected"/>(row, column), relative to values above 1.</summary>
    public static void Compare(float[] y, Func<int, int, double> expected, int columns, double tolerance)
    {
        for (int i = 0; i < y.Length; i++)
        {
            double e = expected(i / columns, i % columns);
            Assert.That(y[i], Is.EqualTo(e).Within(tolerance * Math.Max(1, Math.Abs(e))), $"row {i / columns}, column {i % columns}");
        }
    }
}

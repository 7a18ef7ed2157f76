using System.Runtime.InteropServices;

namespace Ogong.Engine;

/// <summary>A provider's check of its own machine: a step is computed twice, and must come out the same.</summary>
internal static class RepeatedStep
{
    /// <summary>What came out, or null if it was something else the second time.</summary>
    public static async ValueTask<float[]?> RunAsync(Func<ValueTask<float[]>> compute)
    {
        float[] first = await compute().ConfigureAwait(false), second = await compute().ConfigureAwait(false);
        return MemoryMarshal.AsBytes<float>(first).SequenceEqual(MemoryMarshal.AsBytes<float>(second)) ? first : null;
    }
}

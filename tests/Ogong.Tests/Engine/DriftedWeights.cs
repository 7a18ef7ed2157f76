using System.Runtime.InteropServices;
using Ogong.Compute;
using Ogong.Models;

namespace Ogong.Tests.Engine;

/// <summary>Weights a little off: an honest device whose roundings differ from the verifier's, where all devices at hand have the same.</summary>
internal static class DriftedWeights
{
    public static SubstitutedWeights Of(IModelWeights model, float most = 1e-4f) => SubstitutedWeights.WithTensors(model, tensor =>
    {
        float[] values = new float[tensor.Rows * tensor.Columns];
        ElementStorage.Widen(tensor.Type, tensor.ReadRows(0, tensor.Rows), values);
        for (int i = 0; i < values.Length; i++) values[i] *= 1 + (((i * 37 % 101) - 50) / 50f * most);
        return new MemoryTensor(tensor.Name, ElementType.F32, tensor.Rows, tensor.Columns, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
    });
}

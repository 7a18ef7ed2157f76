using Ogong.Compute;
using Ogong.Models;

namespace Ogong.Tests.Engine;

/// <summary>A bfloat16 model with elements of one tensor rewritten: (row, column, stored bits) to stored bits.</summary>
internal sealed class PatchedWeights(IModelWeights inner, string name, Func<int, int, ushort, ushort> patch) : IModelWeights
{
    public ModelConfig Config => inner.Config;

    public bool Contains(string tensor) => inner.Contains(tensor);

    public ITensorSource Tensor(string tensor)
    {
        ITensorSource source = inner.Tensor(tensor);
        if (tensor != name) return source;
        byte[] bytes = source.ReadRows(0, source.Rows).ToArray();
        for (int i = 0; i < bytes.Length; i += 2)
        {
            (int row, int column) = Math.DivRem(i / 2, source.Columns);
            BitConverter.TryWriteBytes(bytes.AsSpan(i), patch(row, column, BitConverter.ToUInt16(bytes, i)));
        }
        return new MemoryTensor(name, source.Type, source.Rows, source.Columns, bytes);
    }
}

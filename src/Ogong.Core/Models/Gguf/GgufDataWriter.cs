using System.Runtime.InteropServices;
using Ogong.Compute;

namespace Ogong.Models;

/// <summary>Writes the data of tensors one after the other, converted and in GGUF's order of rows.</summary>
internal sealed class GgufDataWriter(Stream stream, StoredModel model, CancellationToken cancellationToken)
{
    private readonly TensorDataWriter _tensors = new(stream, model.FullPath, cancellationToken);

    public void WriteRopeFactors()
    {
        if (RopeFactors.Of(model.Config) is not { Length: > 0 } factors) return;
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes<float>(factors);
        stream.Write(bytes);
        GgufHeaderWriter.Pad(stream, bytes.Length);
    }

    public void Write(ITensorSource source, ElementType type)
    {
        _tensors.Write(source, type, RotaryRows.Affects(model.Config, source.Name) ? row => RotaryRows.Logical(row, model.Config.HeadDim) : null);
        GgufHeaderWriter.Pad(stream, source.Rows * type.RowBytes(source.Columns));
    }
}

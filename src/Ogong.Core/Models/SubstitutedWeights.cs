using System.Buffers.Binary;
using Ogong.Compute;

namespace Ogong.Models;

/// <summary>
/// Another model's weights with something substituted, for what a cheating provider would run: the demo's cheat and the substitution tests.
/// Each method returns a new view; tensors it does not name are the original's. Thread-safe.
/// </summary>
internal sealed class SubstitutedWeights : IModelWeights
{
    private readonly IModelWeights _original;
    private readonly Func<ITensorSource, ITensorSource> _substitute;

    private SubstitutedWeights(IModelWeights original, ModelConfig config, Func<ITensorSource, ITensorSource> substitute)
        => (_original, Config, _substitute) = (original, config, substitute);

    public ModelConfig Config { get; }

    /// <summary>The same tensors under other hyper-parameters.</summary>
    public static SubstitutedWeights WithConfig(IModelWeights original, Func<ModelConfig, ModelConfig> change) => new(original, change(original.Config), static t => t);

    /// <summary>
    /// Every matrix of the given layers rounded to 8 bits: per row, <c>s = absmax / 127</c>, <c>w' = rint(w / s) · s</c>, stored with the
    /// original's type.
    /// </summary>
    public static SubstitutedWeights WithEightBitLayers(IModelWeights original, int first, int count)
    {
        HashSet<string> names = [.. Layers(original.Config, first, count).Where(static s => !s.IsVector).Select(static s => s.Name)];
        return new(original, original.Config, tensor => names.Contains(tensor.Name) ? Rewrite(tensor, RoundRow) : tensor);
    }

    /// <summary>One bit of one element's stored pattern flipped.</summary>
    public static SubstitutedWeights WithFlippedBit(IModelWeights original, string name, int row, int column, int bit)
    {
        ITensorSource target = original.Tensor(name);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)bit, (uint)(8 * target.Type.Size()), nameof(bit));
        return new(original, original.Config, tensor => tensor.Name != name ? tensor : Rewrite(tensor, (r, _, bytes) =>
        {
            if (r == row) bytes[(column * tensor.Type.Size()) + (bit / 8)] ^= (byte)(1 << (bit % 8));
        }));
    }

    /// <summary>
    /// A layer that adds nothing to the residual stream, which is what skipping it computes: its two output projections are zero.
    /// </summary>
    public static SubstitutedWeights WithSkippedLayer(IModelWeights original, int layer)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)layer, (uint)original.Config.Layers, nameof(layer));
        string output = TensorNames.Output(layer), down = TensorNames.Down(layer);
        return new(original, original.Config, tensor => tensor.Name == output || tensor.Name == down ? Rewrite(tensor, static (_, _, bytes) => bytes.Clear()) : tensor);
    }

    public bool Contains(string name) => _original.Contains(name);

    public ITensorSource Tensor(string name) => _substitute(_original.Tensor(name));

    private static IEnumerable<TensorSpec> Layers(ModelConfig config, int first, int count)
        => Enumerable.Range(first, count).SelectMany(layer => TensorNames.LayerTensors(config, layer));

    private delegate void RowRewriter(int row, ElementType type, Span<byte> bytes);

    private static MemoryTensor Rewrite(ITensorSource tensor, RowRewriter rewrite)
    {
        int rowBytes = tensor.Columns * tensor.Type.Size();
        byte[] bytes = new byte[rowBytes * tensor.Rows];
        for (int row = 0; row < tensor.Rows; row++)
        {
            Span<byte> target = bytes.AsSpan(row * rowBytes, rowBytes);
            tensor.ReadRows(row, 1).CopyTo(target);
            rewrite(row, tensor.Type, target);
        }
        return new MemoryTensor(tensor.Name, tensor.Type, tensor.Rows, tensor.Columns, bytes);
    }

    private static void RoundRow(int row, ElementType type, Span<byte> bytes)
    {
        int size = type.Size(), columns = bytes.Length / size;
        float largest = 0;
        for (int i = 0; i < columns; i++) largest = MathF.Max(largest, MathF.Abs(Load(bytes[(i * size)..], type)));
        if (largest == 0) return;
        float scale = largest / 127;
        for (int i = 0; i < columns; i++)
        {
            Span<byte> element = bytes.Slice(i * size, size);
            Store(MathF.Round(Load(element, type) / scale, MidpointRounding.ToEven) * scale, element, type);
        }
    }

    private static float Load(ReadOnlySpan<byte> bytes, ElementType type) => type switch
    {
        ElementType.F32 => BinaryPrimitives.ReadSingleLittleEndian(bytes),
        ElementType.F16 => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes),
        _ => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(bytes) << 16),
    };

    private static void Store(float value, Span<byte> bytes, ElementType type)
    {
        switch (type)
        {
            case ElementType.F32: BinaryPrimitives.WriteSingleLittleEndian(bytes, value); break;
            case ElementType.F16: BinaryPrimitives.WriteHalfLittleEndian(bytes, (Half)value); break;
            default:
                // To nearest, ties to even; the values are finite.
                uint bits = BitConverter.SingleToUInt32Bits(value);
                BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16));
                break;
        }
    }
}

/// <summary>A tensor held in memory.</summary>
internal sealed class MemoryTensor(string name, ElementType type, int rows, int columns, ReadOnlyMemory<byte> bytes) : ITensorSource
{
    public string Name => name;

    public ElementType Type => type;

    public int Rows => rows;

    public int Columns => columns;

    public ReadOnlySpan<byte> ReadRows(int first, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, rows - first);
        int rowBytes = columns * type.Size();
        return bytes.Span.Slice(first * rowBytes, count * rowBytes);
    }
}

using System.Buffers.Binary;
using Ogong.Bytes;

namespace Ogong.Commitments;

/// <summary>Sketches of one window's rows, in their stored form. Immutable.</summary>
public sealed class SketchWindow
{
    private readonly byte[] bytes;

    private SketchWindow(int rows, SketchParameters parameters, byte[] bytes)
    {
        (Rows, Parameters, this.bytes) = (rows, parameters, bytes);
    }

    /// <summary>Rows sketched.</summary>
    public int Rows { get; }

    /// <summary>The bank and the format.</summary>
    public SketchParameters Parameters { get; }

    /// <summary>The stored values [Rows × Directions], little-endian.</summary>
    public ReadOnlySpan<byte> Bytes => bytes;

    /// <summary>Stores sketch values [rows × Directions], rounding each to the format.</summary>
    /// <exception cref="ArgumentException">The values do not fill 1 to 32 rows, or one is not finite.</exception>
    public static SketchWindow Create(ReadOnlySpan<float> values, SketchParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        int m = parameters.Directions;
        if (m == 0 || values.IsEmpty || values.Length % m != 0 || values.Length > m * CommitmentWindow.Length)
            throw new ArgumentException("A sketch window has 1 to 32 rows of one value per direction.", nameof(values));
        int size = parameters.Format.Size();
        var bytes = new byte[values.Length * size];
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i])) throw new ArgumentException("A sketch value is not finite.", nameof(values));
            uint bits = parameters.Format.Round(values[i]);
            Span<byte> at = bytes.AsSpan(i * size);
            if (size == 4) BinaryPrimitives.WriteUInt32LittleEndian(at, bits);
            else BinaryPrimitives.WriteUInt16LittleEndian(at, (ushort)bits);
        }
        return new SketchWindow(values.Length / m, parameters, bytes);
    }

    /// <summary>The stored values of one row, widened.</summary>
    public void Row(int row, Span<float> values)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Rows);
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, Parameters.Directions);
        for (int d = 0; d < values.Length; d++) values[d] = At((row * Parameters.Directions) + d);
    }

    /// <summary><c>H("ogong/sketch-window/1", u32 window ‖ sketch parameters ‖ stored values ‖ u32 rows)</c>.</summary>
    public Digest Hash(int window)
    {
        using var hasher = new TaggedHasher(CommitmentTags.SketchWindow);
        hasher.Append((uint)window);
        hasher.Append(Parameters.Encode());
        hasher.Append(bytes);
        hasher.Append((uint)Rows);
        return hasher.Finish();
    }

    /// <summary>Reads the stored values of <paramref name="rows"/> rows.</summary>
    internal static bool TryRead(ref ByteReader reader, int rows, SketchParameters parameters, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out SketchWindow? value)
    {
        value = null;
        int start = reader.Offset;
        if (!reader.TryRaw(rows * parameters.BytesPerRow, out ReadOnlySpan<byte> raw, "sketch")) return false;
        var read = new SketchWindow(rows, parameters, raw.ToArray());
        for (int i = 0; i < rows * parameters.Directions; i++)
            if (!float.IsFinite(read.At(i))) return reader.FailAt(DecodeError.NotFinite, start, "sketch");
        value = read;
        return true;
    }

    private float At(int i)
    {
        int size = Parameters.Format.Size();
        ReadOnlySpan<byte> at = bytes.AsSpan(i * size, size);
        return Parameters.Format.Widen(size == 4 ? BinaryPrimitives.ReadUInt32LittleEndian(at) : BinaryPrimitives.ReadUInt16LittleEndian(at));
    }
}

using Ogong.Compute;
using Ogong.Numerics;

namespace Ogong.Kernels.Cuda;

/// <summary>Rows of block types to panels of 32, chunk after chunk, as the head of integer_weights.cuh lays them out.</summary>
internal static class IntegerPanels
{
    /// <summary>Weight rows of a panel.</summary>
    public const int Rows = 32;

    private const int Chunk = Reductions.Chunk, UnitBytes = 16;

    /// <summary>Bytes of a panel.</summary>
    public static long PanelBytes(ElementType type, int columns)
    {
        int last = (columns - 1) / Chunk;
        return ((long)last * ChunkBytes(type, Chunk)) + ChunkBytes(type, Width(columns - (last * Chunk)));
    }

    /// <summary>Packs up to 32 stored rows into a panel; rows that are not there become zeros.</summary>
    public static void Pack(ElementType type, int columns, ReadOnlySpan<byte> rows, Span<byte> panel)
    {
        panel.Clear();
        int rowBytes = (int)type.RowBytes(columns);
        for (int j = 0; !rows.IsEmpty; j++, rows = rows[rowBytes..])
        {
            ReadOnlySpan<byte> row = rows[..rowBytes];
            Span<byte> chunk = panel;
            for (int begin = 0; begin < columns; begin += Chunk)
            {
                int count = Math.Min(Chunk, columns - begin), stored = (int)type.RowBytes(count);
                PackChunk(type, row[..stored], j, Width(count), chunk);
                row = row[stored..];
                chunk = chunk[ChunkBytes(type, Width(count))..];
            }
        }
    }

    /// <summary>Bytes of a panel's scales of one chunk.</summary>
    public static int ScaleBytes(ElementType type) => Rows * type switch
    {
        ElementType.I8_256 => I8_256Format.ScaleBytes,
        ElementType.Q6_K => UnitBytes + sizeof(ushort),
        _ => UnitBytes,
    };

    /// <summary>Columns of a chunk as they are stored.</summary>
    private static int Width(int columns) => Math.Min(Chunk, (columns + 31) & ~31);

    private static int LowBytes(ElementType type, int width) => type is ElementType.I8_256 or ElementType.Q8_0 ? width : width / 2;

    private static int UpperBytes(ElementType type, int width) => type == ElementType.Q6_K ? width / 4 : 0;

    private static int ChunkBytes(ElementType type, int width) => (Rows * (LowBytes(type, width) + UpperBytes(type, width))) + ScaleBytes(type);

    private static void PackChunk(ElementType type, ReadOnlySpan<byte> stored, int j, int width, Span<byte> chunk)
    {
        int lowBytes = LowBytes(type, width), upperBytes = UpperBytes(type, width);
        Span<byte> low = chunk[(j * lowBytes)..], upper = chunk[((Rows * lowBytes) + (j * upperBytes))..], scales = chunk[(Rows * (lowBytes + upperBytes))..];
        switch (type)
        {
            case ElementType.I8_256:
                stored[..I8_256Format.ScaleBytes].CopyTo(scales[(j * I8_256Format.ScaleBytes)..]);
                stored[I8_256Format.ScaleBytes..].CopyTo(low);
                break;
            case ElementType.Q4_K:
                stored[..UnitBytes].CopyTo(scales[(j * UnitBytes)..]);
                stored[UnitBytes..].CopyTo(low);
                break;
            case ElementType.Q6_K:
                stored[..lowBytes].CopyTo(low);
                stored.Slice(lowBytes, upperBytes).CopyTo(upper);
                stored.Slice(lowBytes + upperBytes, UnitBytes).CopyTo(scales[(j * UnitBytes)..]);
                stored[Q6KFormat.Scale..].CopyTo(scales[((Rows * UnitBytes) + (j * sizeof(ushort)))..]);
                break;
            default:
                int bytes = type.BlockBytes();
                for (Span<byte> unit = scales[(j * UnitBytes)..]; !stored.IsEmpty; stored = stored[bytes..], unit = unit[sizeof(ushort)..])
                {
                    stored[..sizeof(ushort)].CopyTo(unit);
                    stored[sizeof(ushort)..bytes].CopyTo(low);
                    low = low[(bytes - sizeof(ushort))..];
                }
                break;
        }
    }
}

using System.Buffers.Binary;
using Ogong.Compute;

namespace Ogong.Models;

/// <summary>
/// The header of a GGUF file, versions 2 and 3, little-endian: <c>"GGUF" ‖ u32 version ‖ u64 tensors ‖ u64 keys ‖ metadata ‖ tensor infos ‖
/// padding ‖ data</c>. Total on hostile bytes: anything but a well-formed header whose tensors tile the data, each padded to the alignment,
/// raises <see cref="ModelFormatException"/>; memory is proportional to the header.
/// </summary>
internal sealed class GgufHeader
{
    /// <summary>Most bytes before the data. Vocabularies take some ten million.</summary>
    public const int MaxBytes = 1 << 30;

    private const int DefaultAlignment = 32;
    private const int MaxAlignment = 1 << 20;
    private const int MaxCount = 1 << 16;
    private const int MaxKeyBytes = 65535;
    private const int MaxNameBytes = 64;
    private const int MaxRank = 4;

    private GgufHeader(Dictionary<string, GgufValue> metadata, List<GgufTensor> tensors) => (Metadata, Tensors) = (metadata, tensors);

    /// <summary>Metadata by key.</summary>
    public IReadOnlyDictionary<string, GgufValue> Metadata { get; }

    /// <summary>Tensors in order of their data.</summary>
    public IReadOnlyList<GgufTensor> Tensors { get; }

    /// <summary>Reads the header of a file of <paramref name="fileLength"/> bytes.</summary>
    /// <param name="bytes">The file's first bytes, <see cref="MaxBytes"/> of them or the whole file.</param>
    /// <param name="fileLength">Bytes of the whole file.</param>
    /// <param name="file">Its name, for messages.</param>
    public static GgufHeader Parse(ReadOnlySpan<byte> bytes, long fileLength, string file)
    {
        var reader = new GgufReader(bytes, file);
        if (bytes.Length < 4 || reader.UInt32() != 0x46554747) throw new ModelFormatException(file, "The file does not begin with 'GGUF'.");
        uint version = reader.UInt32();
        if (version is not (2 or 3))
            throw new ModelFormatException(file, BinaryPrimitives.ReverseEndianness(version) is 2 or 3
                ? "The file is big-endian, which is not supported." : $"The file has version {version} of GGUF; 2 and 3 are supported.");
        ulong tensorCount = reader.UInt64(), keyCount = reader.UInt64();
        if (tensorCount > MaxCount || keyCount > MaxCount)
            throw new ModelFormatException(file, $"The header claims {tensorCount} tensors and {keyCount} keys, more than the {MaxCount} allowed.");
        var metadata = new Dictionary<string, GgufValue>(StringComparer.Ordinal);
        for (ulong i = 0; i < keyCount; i++)
        {
            string key = reader.Name(MaxKeyBytes, "A key");
            if (!metadata.TryAdd(key, reader.Value(key))) throw new ModelFormatException(file, $"Key {ModelFormatException.Quote(key)} appears twice.");
        }
        int alignment = ReadAlignment(new GgufMetadata(metadata, bytes, file));
        var infos = new List<(string Name, ElementType Type, long[] Shape, ulong Offset, long Length)>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (ulong i = 0; i < tensorCount; i++)
        {
            infos.Add(ReadTensor(ref reader, file));
            if (!names.Add(infos[^1].Name)) throw Bad(file, infos[^1].Name, "appears twice");
        }
        long data = Align(reader.Position, alignment);
        return new GgufHeader(metadata, Place(infos, data, fileLength, alignment, file));
    }

    private static int ReadAlignment(GgufMetadata metadata)
    {
        int alignment = metadata.Int("general.alignment", 1, MaxAlignment) ?? DefaultAlignment;
        return alignment >= 8 && (alignment & (alignment - 1)) == 0 ? alignment
            : throw metadata.Refuse("general.alignment", $"is {alignment}; a power of two from 8 to {MaxAlignment} is supported.");
    }

    private static (string Name, ElementType Type, long[] Shape, ulong Offset, long Length) ReadTensor(ref GgufReader reader, string file)
    {
        string name = reader.Name(MaxNameBytes, "A tensor's name");
        uint rank = reader.UInt32();
        if (rank is 0 or > MaxRank) throw Bad(file, name, $"has {rank} dimensions; 1 to {MaxRank} are allowed");
        var shape = new long[rank];
        UInt128 elements = 1;
        for (int i = shape.Length - 1; i >= 0; i--)
        {
            ulong size = reader.UInt64();
            elements *= size; // below 2⁶³ times below 2³¹ each time round
            if (size is 0 or > int.MaxValue || elements > long.MaxValue) throw Bad(file, name, $"has a dimension of {size} elements, or more elements than 64 bits count");
            shape[i] = (long)size;
        }
        uint number = reader.UInt32();
        if (!GgmlTypes.TryGet(number, out ElementType type))
            throw Bad(file, name, $"has the type {GgmlTypes.Name(number)}, which is not supported; F32, F16, BF16, Q8_0, Q4_0, Q4_K and Q6_K are");
        int columns = (int)shape[^1];
        if (columns % type.BlockElements() != 0) throw Bad(file, name, $"has rows of {columns} elements, no whole number of {type} blocks of {type.BlockElements()}");
        UInt128 length = elements / (uint)columns * (ulong)type.RowBytes(columns);
        if (length > long.MaxValue) throw Bad(file, name, "has more bytes than 64 bits count");
        return (name, type, shape, reader.UInt64(), (long)length);
    }

    /// <summary>Tensors must tile the data in some order, each beginning at the first multiple of the alignment after the one before.</summary>
    private static List<GgufTensor> Place(List<(string Name, ElementType Type, long[] Shape, ulong Offset, long Length)> infos, long data, long fileLength, int alignment, string file)
    {
        infos.Sort(static (a, b) => a.Offset != b.Offset ? a.Offset.CompareTo(b.Offset) : string.CompareOrdinal(a.Name, b.Name));
        var tensors = new List<GgufTensor>(infos.Count);
        long next = 0, end = 0;
        foreach ((string name, ElementType type, long[] shape, ulong offset, long length) in infos)
        {
            if (offset != (ulong)next) throw Bad(file, name, $"begins at byte {offset} of the data where {next} is expected: tensors follow each other, aligned to {alignment}");
            if (length > fileLength - data - next) throw Bad(file, name, $"ends past the end of the file");
            tensors.Add(new GgufTensor(name, type, shape, data + next, length));
            end = next + length;
            next = Align(end, alignment);
        }
        return fileLength - data == end || fileLength - data == next || infos.Count == 0
            ? tensors : throw new ModelFormatException(file, $"{fileLength - data - end} bytes at the end belong to no tensor.");
    }

    private static long Align(long offset, int alignment) => (offset + alignment - 1) & -alignment;

    private static ModelFormatException Bad(string file, string name, string what) => new(file, $"Tensor {ModelFormatException.Quote(name)} {what}.");
}

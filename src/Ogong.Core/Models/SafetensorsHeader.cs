using System.Buffers.Binary;
using System.Text.Json;

namespace Ogong.Models;

/// <summary>
/// One tensor as a safetensors header states it. <paramref name="Begin"/> and <paramref name="End"/> count bytes from the end of the
/// header.
/// </summary>
internal sealed record SafetensorsEntry(string Name, string DType, long[] Shape, long Begin, long End);

/// <summary>
/// The header of a safetensors file: <c>u64 N (little-endian) ‖ N bytes of JSON ‖ data</c>, where the JSON maps tensor names to dtype,
/// shape and data_offsets. Total on hostile bytes: anything but a well-formed header whose tensors tile the data exactly raises
/// <see cref="ModelFormatException"/>; memory is proportional to the header.
/// </summary>
internal static class SafetensorsHeader
{
    /// <summary>Bytes of the length prefix.</summary>
    public const int PrefixBytes = 8;

    /// <summary>Longest header the format allows.</summary>
    public const int MaxHeaderBytes = 100_000_000;

    private const int MaxRank = 8;

    /// <summary>Length of the JSON, from the first eight bytes of a file of <paramref name="fileLength"/> bytes.</summary>
    public static int ReadLength(ReadOnlySpan<byte> prefix, long fileLength, string file)
    {
        if (fileLength < PrefixBytes || prefix.Length < PrefixBytes)
            throw new ModelFormatException(file, "The file is too short for a safetensors header.");
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MaxHeaderBytes)
            throw new ModelFormatException(file, $"The header claims {length} bytes, more than the {MaxHeaderBytes} allowed.");
        if (length < 2 || (long)length > fileLength - PrefixBytes)
            throw new ModelFormatException(file, $"The header claims {length} bytes in a file of {fileLength}.");
        return (int)length;
    }

    /// <summary>The tensors a header of exactly these JSON bytes describes, in order of their data.</summary>
    public static List<SafetensorsEntry> Parse(ReadOnlySpan<byte> json, long dataLength, string file)
    {
        if (json.IsEmpty || json[0] != (byte)'{') throw new ModelFormatException(file, "The header is not a JSON object.");
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 4 });
            List<SafetensorsEntry> entries = ReadEntries(ref reader, file);
            if (reader.Read()) throw new ModelFormatException(file, "The header goes on after its JSON object.");
            CheckTiling(entries, dataLength, file);
            return entries;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string that is not valid UTF-8, or an unpaired surrogate escape.
            throw new ModelFormatException(file, "The header is not valid JSON of the expected shape.", e);
        }
    }

    private static List<SafetensorsEntry> ReadEntries(ref Utf8JsonReader reader, string file)
    {
        var entries = new List<SafetensorsEntry>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            if (!names.Add(name)) throw new ModelFormatException(file, $"Tensor {ModelFormatException.Quote(name)} appears twice.");
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
                throw new ModelFormatException(file, $"Entry {ModelFormatException.Quote(name)} is not an object.");
            if (name == "__metadata__") SkipMetadata(ref reader, file);
            else entries.Add(ReadEntry(ref reader, name, file));
        }
        return entries;
    }

    private static void SkipMetadata(ref Utf8JsonReader reader, string file)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.String) throw new ModelFormatException(file, "A value of __metadata__ is not a string.");
        }
    }

    private static SafetensorsEntry ReadEntry(ref Utf8JsonReader reader, string name, string file)
    {
        string? dtype = null;
        long[]? shape = null, offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool fresh = reader.GetString() switch
            {
                "dtype" => Take(ref dtype, ReadDType(ref reader, name, file)),
                "shape" => Take(ref shape, ReadNumbers(ref reader, MaxRank, name, file)),
                "data_offsets" => Take(ref offsets, ReadNumbers(ref reader, 2, name, file)),
                string other => throw Bad(file, name, $"has an unknown field {ModelFormatException.Quote(other)}"),
                null => throw Bad(file, name, "has a null field"),
            };
            if (!fresh) throw Bad(file, name, "states a field twice");
        }
        if (dtype is null) throw Bad(file, name, "has no dtype");
        if (shape is null) throw Bad(file, name, "has no shape");
        if (offsets is not [long begin, long end]) throw Bad(file, name, "has no pair of data_offsets");
        CheckSize(dtype, shape, begin, end, name, file);
        return new SafetensorsEntry(name, dtype, shape, begin, end);
    }

    private static bool Take<T>(ref T? field, T value) where T : class
    {
        bool fresh = field is null;
        field = value;
        return fresh;
    }

    private static string ReadDType(ref Utf8JsonReader reader, string name, string file)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.String) throw Bad(file, name, "has a dtype that is not a string");
        string dtype = reader.GetString()!;
        return Bits(dtype) != 0 ? dtype : throw Bad(file, name, $"has the unknown dtype {ModelFormatException.Quote(dtype)}");
    }

    private static long[] ReadNumbers(ref Utf8JsonReader reader, int most, string name, string file)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray) throw Bad(file, name, "has a shape or data_offsets that is not an array");
        var numbers = new List<long>(most);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0)
                throw Bad(file, name, "has a dimension or offset that is not a non-negative 64-bit integer");
            if (numbers.Count == most) throw Bad(file, name, $"has more than {most} dimensions or offsets");
            numbers.Add(number);
        }
        return [.. numbers];
    }

    private static void CheckSize(string dtype, long[] shape, long begin, long end, string name, string file)
    {
        if (end < begin) throw Bad(file, name, "ends before it begins");
        int bits = Bits(dtype);
        Int128 size = bits;
        foreach (long dimension in shape)
        {
            size *= dimension; // at most 2^63 · 2^63: the guard below keeps the left factor under 2^63.
            if (size > long.MaxValue) throw Bad(file, name, "has a shape that overflows 64 bits");
        }
        if (size % 8 != 0 || size / 8 != end - begin)
            throw Bad(file, name, $"has {end - begin} bytes of data where its shape and dtype make {(double)size / 8}");
        if (begin % Math.Max(1, bits / 8) != 0) throw Bad(file, name, $"begins at {begin}, which is not aligned to its dtype {dtype}");
    }

    /// <summary>The tensors' data must tile [0, <paramref name="dataLength"/>): no overlap, no hole, nothing outside.</summary>
    private static void CheckTiling(List<SafetensorsEntry> entries, long dataLength, string file)
    {
        entries.Sort(static (a, b) => a.Begin != b.Begin ? a.Begin.CompareTo(b.Begin)
            : a.End != b.End ? a.End.CompareTo(b.End) : string.CompareOrdinal(a.Name, b.Name));
        long next = 0;
        foreach (SafetensorsEntry entry in entries)
        {
            if (entry.Begin < next) throw Bad(file, entry.Name, "overlaps another tensor");
            if (entry.Begin > next) throw Bad(file, entry.Name, $"leaves a hole of {entry.Begin - next} bytes before it");
            next = entry.End;
            if (next > dataLength) throw Bad(file, entry.Name, $"ends {next - dataLength} bytes past the end of the file");
        }
        if (next != dataLength) throw new ModelFormatException(file, $"{dataLength - next} bytes at the end belong to no tensor.");
    }

    /// <summary>Bits per element of a dtype of the format, or 0 if there is no such dtype.</summary>
    private static int Bits(string dtype) => dtype switch
    {
        "F4" => 4,
        "F6_E2M3" or "F6_E3M2" => 6,
        "BOOL" or "U8" or "I8" or "F8_E4M3" or "F8_E5M2" or "F8_E8M0" => 8,
        "U16" or "I16" or "F16" or "BF16" => 16,
        "U32" or "I32" or "F32" => 32,
        "U64" or "I64" or "F64" or "C64" => 64,
        _ => 0,
    };

    private static ModelFormatException Bad(string file, string name, string what)
        => new(file, $"Tensor {ModelFormatException.Quote(name)} {what}.");
}

using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Ogong.Models;

/// <summary>
/// Typed access to the metadata of a GGUF file a stranger wrote: a value of another type, or outside its range, is refused by name. Integers
/// of every width count as integers, both widths of floating point as numbers.
/// </summary>
internal readonly ref struct GgufMetadata(IReadOnlyDictionary<string, GgufValue> values, ReadOnlySpan<byte> bytes, string file)
{
    /// <summary>Most bytes of a string that is decoded, and of a list of them: many times what published files hold, and far below what a header may.</summary>
    public const int MaxTextBytes = 1 << 16, MaxListBytes = 64 << 20;

    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public IEnumerable<string> Keys => values.Keys;

    public ModelFormatException Refuse(string key, string what) => new(file, $"{key} {what}");

    public bool Has(string key) => values.ContainsKey(key);

    /// <summary>Type and elements of a value, for hashing.</summary>
    public GgufValue Value(string key) => values[key];

    /// <summary>A value's bytes as they are.</summary>
    public ReadOnlySpan<byte> Raw(GgufValue value) => _bytes.Slice((int)value.Offset, value.Length);

    public string? String(string key) => Utf8(key, out ReadOnlySpan<byte> utf8) ? Text(utf8, key) : null;

    /// <summary>The bytes of a string.</summary>
    public bool Utf8(string key, out ReadOnlySpan<byte> utf8)
    {
        utf8 = default;
        if (!values.TryGetValue(key, out GgufValue value)) return false;
        if (value.Type != GgufValueType.String) throw Refuse(key, "is not a string.");
        utf8 = Raw(value)[8..];
        return true;
    }

    public bool? Bool(string key)
    {
        if (!values.TryGetValue(key, out GgufValue value)) return null;
        return value.Type == GgufValueType.Bool ? Raw(value)[0] == 1 : throw Refuse(key, "is not true or false.");
    }

    public int? Int(string key, int least, int most)
    {
        if (!values.TryGetValue(key, out GgufValue value)) return null;
        if (value.Type == GgufValueType.Array) throw Refuse(key, "is a list where one number is supported.");
        Int128 number = Integer(value.Type, Raw(value)) ?? throw Refuse(key, "is not an integer.");
        return number >= least && number <= most ? (int)number : throw Refuse(key, $"is {number}, outside [{least}, {most}].");
    }

    public int RequiredInt(string key, int least, int most) => Int(key, least, most) ?? throw Refuse(key, "is missing.");

    /// <summary>A number, finite and in [<paramref name="least"/>, <paramref name="most"/>].</summary>
    public double? Double(string key, double least, double most)
    {
        if (!values.TryGetValue(key, out GgufValue value)) return null;
        double number = value.Type switch
        {
            GgufValueType.Single => BinaryPrimitives.ReadSingleLittleEndian(Raw(value)),
            GgufValueType.Double => BinaryPrimitives.ReadDoubleLittleEndian(Raw(value)),
            _ => throw Refuse(key, "is not a number."),
        };
        return number >= least && number <= most ? number
            : throw Refuse(key, string.Create(CultureInfo.InvariantCulture, $"is {number:R}, outside [{least:R}, {most:R}]."));
    }

    public IReadOnlyList<string>? Strings(string key, int mostElements)
    {
        if (Array(key, GgufValueType.String, "strings", mostElements) is not { } value) return null;
        if (value.Length > MaxListBytes) throw Refuse(key, $"takes {value.Length} bytes, more than the {MaxListBytes} allowed.");
        var strings = new List<string>((int)value.Count);
        for (ReadOnlySpan<byte> rest = Raw(value); rest.Length > 0;)
        {
            int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(rest); // within the bytes: the header was walked through
            strings.Add(Text(rest.Slice(8, length), key));
            rest = rest[(8 + length)..];
        }
        return strings;
    }

    public IReadOnlyList<int>? Ints(string key, int mostElements, int least, int most)
    {
        if (!values.TryGetValue(key, out GgufValue value)) return null;
        if (value.Type != GgufValueType.Array || (value.Count > 0 && Integer(value.Element, Raw(value)) is null)) throw Refuse(key, "is not a list of integers.");
        CheckCount(key, value, mostElements);
        var numbers = new int[value.Count];
        int size = value.Count == 0 ? 0 : (int)(value.Length / value.Count);
        for (int i = 0; i < numbers.Length; i++)
        {
            Int128 number = Integer(value.Element, Raw(value)[(i * size)..])!.Value;
            numbers[i] = number >= least && number <= most ? (int)number : throw Refuse(key, $"holds {number}, outside [{least}, {most}].");
        }
        return numbers;
    }

    public IReadOnlyList<float>? Singles(string key, int mostElements)
    {
        if (Array(key, GgufValueType.Single, "binary32 numbers", mostElements) is not { } value) return null;
        var numbers = new float[value.Count];
        for (int i = 0; i < numbers.Length; i++) numbers[i] = BinaryPrimitives.ReadSingleLittleEndian(Raw(value)[(4 * i)..]);
        return numbers;
    }

    /// <summary>The elements of an array of bytes.</summary>
    public bool Bytes(string key, out ReadOnlySpan<byte> elements)
    {
        elements = default;
        if (Array(key, GgufValueType.UInt8, "bytes", int.MaxValue) is not { } value) return false;
        elements = Raw(value);
        return true;
    }

    private GgufValue? Array(string key, GgufValueType element, string what, int mostElements)
    {
        if (!values.TryGetValue(key, out GgufValue value)) return null;
        if (value.Type != GgufValueType.Array || value.Element != element) throw Refuse(key, $"is not a list of {what}.");
        CheckCount(key, value, mostElements);
        return value;
    }

    private void CheckCount(string key, GgufValue value, int most)
    {
        if (value.Count > most) throw Refuse(key, $"holds {value.Count} elements, more than the {most} allowed.");
    }

    private string Text(ReadOnlySpan<byte> utf8, string key)
    {
        if (utf8.Length > MaxTextBytes) throw Refuse(key, $"has a text of {utf8.Length} bytes, more than the {MaxTextBytes} allowed.");
        try
        {
            return s_strict.GetString(utf8);
        }
        catch (DecoderFallbackException e)
        {
            throw new ModelFormatException(file, $"{key} is not valid UTF-8.", e);
        }
    }

    private static Int128? Integer(GgufValueType type, ReadOnlySpan<byte> raw) => type switch
    {
        GgufValueType.UInt8 => raw[0],
        GgufValueType.Int8 => unchecked((sbyte)raw[0]),
        GgufValueType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(raw),
        GgufValueType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(raw),
        GgufValueType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(raw),
        GgufValueType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(raw),
        GgufValueType.UInt64 => BinaryPrimitives.ReadUInt64LittleEndian(raw),
        GgufValueType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(raw),
        _ => null,
    };
}

using System.Text;
using Ogong.Bytes;
using Ogong.Compute;

namespace Ogong.Models;

/// <summary>Builds the header of a GGUF file, version 3, with the default alignment.</summary>
internal sealed class GgufHeaderWriter
{
    /// <summary>What each tensor's data is padded to.</summary>
    public const int Alignment = 32;

    private readonly ByteWriter _metadata = new();
    private readonly ByteWriter _infos = new();
    private ulong _keys;
    private ulong _tensors;
    private long _dataLength;

    public void Add(string key, uint value) => Begin(key, GgufValueType.UInt32).UInt32(value);

    public void Add(string key, int value) => Add(key, checked((uint)value));

    public void Add(string key, float value) => Begin(key, GgufValueType.Single).Single(value);

    public void Add(string key, string value) => AddUtf8(key, Encoding.UTF8.GetBytes(value));

    /// <summary>Adds a string by its bytes.</summary>
    public void AddUtf8(string key, ReadOnlySpan<byte> utf8)
    {
        Begin(key, GgufValueType.String).UInt64((ulong)utf8.Length);
        _metadata.Raw(utf8);
    }

    /// <summary>Adds an array of bytes.</summary>
    public void AddBytes(string key, ReadOnlySpan<byte> bytes)
    {
        Begin(key, GgufValueType.Array).UInt32((uint)GgufValueType.UInt8);
        _metadata.UInt64((ulong)bytes.Length);
        _metadata.Raw(bytes);
    }

    /// <summary>Adds a value as another file has it.</summary>
    public void AddRaw(string key, GgufValue value, ReadOnlySpan<byte> raw)
    {
        Begin(key, value.Type);
        if (value.Type == GgufValueType.Array)
        {
            _metadata.UInt32((uint)value.Element);
            _metadata.UInt64((ulong)value.Count);
        }
        _metadata.Raw(raw);
    }

    /// <summary>Adds a tensor, whose data is to follow that of the one before.</summary>
    /// <param name="name">Its name in the file.</param>
    /// <param name="type">How it is stored.</param>
    /// <param name="shape">Rows first.</param>
    public void AddTensor(string name, ElementType type, params ReadOnlySpan<int> shape)
    {
        Text(_infos, name);
        _infos.Count(shape.Length);
        for (int i = shape.Length - 1; i >= 0; i--) _infos.UInt64((ulong)shape[i]);
        _infos.UInt32(GgmlTypes.Number(type));
        _infos.UInt64((ulong)_dataLength);
        long rows = shape.Length == 1 ? 1 : shape[0];
        _dataLength += Padded(rows * type.RowBytes(shape[^1]));
        _tensors++;
    }

    /// <summary>Writes the header, padded to where the data begin.</summary>
    public void WriteTo(Stream stream)
    {
        var head = new ByteWriter();
        head.Raw("GGUF"u8);
        head.UInt32(3);
        head.UInt64(_tensors);
        head.UInt64(_keys);
        stream.Write(head.Written);
        stream.Write(_metadata.Written);
        stream.Write(_infos.Written);
        Pad(stream, (long)head.Length + _metadata.Length + _infos.Length);
    }

    /// <summary>Writes the zeros after <paramref name="length"/> bytes.</summary>
    public static void Pad(Stream stream, long length) => stream.Write(new byte[Padded(length) - length]);

    private static long Padded(long length) => (length + Alignment - 1) & -Alignment;

    private ByteWriter Begin(string key, GgufValueType type)
    {
        Text(_metadata, key);
        _metadata.UInt32((uint)type);
        _keys++;
        return _metadata;
    }

    private static void Text(ByteWriter writer, string ascii)
    {
        writer.UInt64((ulong)ascii.Length);
        writer.Raw(Encoding.ASCII.GetBytes(ascii));
    }
}

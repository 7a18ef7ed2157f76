using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using Ogong.Compute;

namespace Ogong.Models;

/// <summary>A tensor to be written to a safetensors file, and the type it gets.</summary>
internal sealed record SafetensorsItem(TensorSpec Spec, ElementType Type)
{
    public long Bytes => Spec.Rows * Type.RowBytes(Spec.Columns);

    /// <summary>What the data's first byte is a multiple of; blocks of I8-256 are bytes to the format.</summary>
    public int Alignment => Type.IsBlock() ? 1 : Type.Size();
}

/// <summary>
/// One safetensors file to be written. Wider elements come first, so that each begins at a multiple of its size without gaps, which the format
/// forbids; the header is padded with spaces to eight bytes.
/// </summary>
internal sealed class SafetensorsShard(IEnumerable<SafetensorsItem> items)
{
    private readonly SafetensorsItem[] _items = [.. items.OrderByDescending(static i => i.Alignment)];

    /// <summary>Names of its tensors.</summary>
    public IEnumerable<string> Names => _items.Select(static i => i.Spec.Name);

    public long Bytes => _items.Sum(static i => i.Bytes);

    /// <summary>Splits tensors in order into files of at most <paramref name="most"/> bytes of data, or of one tensor.</summary>
    public static List<SafetensorsShard> Split(IEnumerable<SafetensorsItem> items, long most)
    {
        var shards = new List<SafetensorsShard>();
        var open = new List<SafetensorsItem>();
        long bytes = 0;
        foreach (SafetensorsItem item in items)
        {
            if (open.Count > 0 && bytes + item.Bytes > most)
            {
                shards.Add(new SafetensorsShard(open));
                open.Clear();
                bytes = 0;
            }
            open.Add(item);
            bytes += item.Bytes;
        }
        shards.Add(new SafetensorsShard(open));
        return shards;
    }

    /// <summary>Writes the file.</summary>
    public void Write(StoredModel model, string path, CancellationToken cancellationToken)
    {
        using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        byte[] header = Header();
        byte[] prefix = new byte[SafetensorsHeader.PrefixBytes];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length);
        stream.Write(prefix);
        stream.Write(header);
        var data = new TensorDataWriter(stream, model.FullPath, cancellationToken);
        foreach (SafetensorsItem item in _items) data.Write(model.Tensor(item.Spec.Name), item.Type);
    }

    private byte[] Header()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            json.WriteString("format", "pt"); // other loaders ask for it
            json.WriteEndObject();
            long offset = 0;
            foreach (SafetensorsItem item in _items)
            {
                json.WriteStartObject(item.Spec.Name);
                json.WriteString("dtype", item.Type == ElementType.I8_256 ? "U8" : item.Type.ToString());
                json.WriteStartArray("shape");
                if (!item.Spec.IsVector) json.WriteNumberValue(item.Spec.Rows);
                json.WriteNumberValue(item.Type == ElementType.I8_256 ? item.Type.RowBytes(item.Spec.Columns) : item.Spec.Columns);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += item.Bytes);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        int padded = (buffer.WrittenCount + 7) & -8;
        buffer.GetSpan(padded - buffer.WrittenCount)[..(padded - buffer.WrittenCount)].Fill((byte)' ');
        buffer.Advance(padded - buffer.WrittenCount);
        return buffer.WrittenSpan.ToArray();
    }
}

using System.Buffers.Binary;
using System.IO.Compression;

namespace Ogong.Cli.Images;

/// <summary>
/// Portable Network Graphics (W3C, third edition): signature, IHDR, one IDAT, IEND; 8 bits a sample, no filter, no interlacing. The compressed bytes are the runtime's and may differ between its versions;
/// the pixels do not.
/// </summary>
internal static class PngWriter
{
    private const byte Grey = 0, TrueColour = 2;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    public static void Write(string path, Raster picture)
    {
        using FileStream stream = File.Create(path);
        Write(stream, picture);
    }

    public static void Write(Stream stream, Raster picture)
    {
        stream.Write(Signature);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, picture.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], picture.Height);
        header[8] = 8;
        header[9] = picture.Channels == 1 ? Grey : TrueColour;
        header[10..].Clear(); // deflate, the five adaptive filters, not interlaced
        WriteChunk(stream, "IHDR"u8, header);
        WriteChunk(stream, "IDAT"u8, Compress(picture));
        WriteChunk(stream, "IEND"u8, []);
    }

    private static ReadOnlySpan<byte> Compress(Raster picture)
    {
        using var buffer = new MemoryStream();
        using (var deflate = new ZLibStream(buffer, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            for (int y = 0; y < picture.Height; y++)
            {
                deflate.WriteByte(0); // this row's filter: none
                deflate.Write(picture.Row(y));
            }
        }
        return buffer.ToArray();
    }

    private static void WriteChunk(Stream stream, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> word = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(word, data.Length);
        stream.Write(word);
        stream.Write(type);
        stream.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(word, ~Crc32(data, Crc32(type, uint.MaxValue)));
        stream.Write(word);
    }

    // CRC-32 of ISO 3309, bit by bit: pictures are small. System.IO.Hashing is not used (docs/decisions/0005).
    private static uint Crc32(ReadOnlySpan<byte> data, uint crc)
    {
        foreach (byte value in data)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0xEDB8_8320u & (0u - (crc & 1)));
        }
        return crc;
    }
}

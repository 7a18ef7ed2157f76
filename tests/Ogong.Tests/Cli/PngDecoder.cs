using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using NUnit.Framework;

namespace Ogong.Tests.Cli;

/// <summary>Reads a PNG of 8-bit grey or colour back, checking everything on the way; apart from zlib it shares nothing with the writer.</summary>
internal sealed record PngDecoder(int Width, int Height, int Channels, byte[] Samples)
{
    private static readonly uint[] s_table = [.. Enumerable.Range(0, 256).Select(TableEntry)];

    public static PngDecoder Read(string path) => Read(File.ReadAllBytes(path));

    public static PngDecoder Read(byte[] file)
    {
        Assert.That(file[..8], Is.EqualTo(new byte[] { 137, 80, 78, 71, 13, 10, 26, 10 }));
        var chunks = new List<(string Type, byte[] Data)>();
        for (int at = 8; at < file.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            byte[] covered = file[(at + 4)..(at + 8 + length)];
            Assert.That(BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at + 8 + length)), Is.EqualTo(Crc(covered)), "CRC");
            chunks.Add((Encoding.ASCII.GetString(covered[..4]), covered[4..]));
            at += 12 + length;
        }
        Assert.That(chunks.Select(c => c.Type), Is.EqualTo(new[] { "IHDR", "IDAT", "IEND" }));
        byte[] header = chunks[0].Data;
        (int width, int height) = (BinaryPrimitives.ReadInt32BigEndian(header), BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(4)));
        int channels = header[9] switch { 0 => 1, 2 => 3, var other => throw new AssertionException($"colour type {other}") };
        Assert.That((header.Length, header[8], header[10], header[11], header[12]), Is.EqualTo((13, (byte)8, (byte)0, (byte)0, (byte)0)));
        using var raw = new MemoryStream();
        using (var inflate = new ZLibStream(new MemoryStream(chunks[1].Data), CompressionMode.Decompress)) inflate.CopyTo(raw);
        byte[][] rows = [.. raw.ToArray().Chunk(1 + (width * channels))];
        Assert.That(rows, Has.Length.EqualTo(height));
        Assert.That(rows.Select(row => row[0]), Is.All.Zero, "filters");
        return new PngDecoder(width, height, channels, [.. rows.SelectMany(row => row[1..])]);
    }

    private static uint TableEntry(int value)
    {
        uint entry = (uint)value;
        for (int k = 0; k < 8; k++) entry = (entry & 1) != 0 ? 0xEDB88320 ^ (entry >> 1) : entry >> 1;
        return entry;
    }

    private static uint Crc(byte[] data)
    {
        uint crc = 0xFFFFFFFF;
        foreach (byte value in data) crc = s_table[(crc ^ value) & 255] ^ (crc >> 8);
        return crc ^ 0xFFFFFFFF;
    }
}

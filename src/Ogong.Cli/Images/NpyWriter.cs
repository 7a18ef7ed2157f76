using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Ogong.Cli.Images;

/// <summary>NumPy's array file, version 1.0: magic, version, length of the header, the header as a Python dictionary padded to 64 bytes, then the values, little-endian binary32 in C order.</summary>
internal static class NpyWriter
{
    private const int Alignment = 64, Preamble = 10;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0];

    /// <summary>Writes an array.</summary>
    /// <param name="path">The file.</param>
    /// <param name="shape">Sizes, outermost first.</param>
    /// <param name="values">The elements.</param>
    public static void Write(string path, IEnumerable<int> shape, ReadOnlySpan<float> values)
    {
        string sizes = string.Concat(shape.Select(size => string.Create(CultureInfo.InvariantCulture, $"{size}, "))).TrimEnd();
        string header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({sizes}), }}";
        int length = ((Preamble + header.Length + 1 + Alignment - 1) / Alignment * Alignment) - Preamble;
        using FileStream stream = File.Create(path);
        stream.Write(Magic);
        stream.Write([(byte)length, (byte)(length >> 8)]);
        stream.Write(Encoding.ASCII.GetBytes(header.PadRight(length - 1) + '\n'));
        stream.Write(MemoryMarshal.AsBytes(values));
    }
}

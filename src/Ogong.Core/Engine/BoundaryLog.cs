using System.Buffers;

namespace Ogong.Engine;

/// <summary>What crossed one boundary of a reply in progress: the bytes of every position. A segment that fails is rebuilt from it.</summary>
/// <param name="rowBytes">Bytes per position.</param>
internal sealed class BoundaryLog(int rowBytes)
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>Positions logged.</summary>
    public int Rows => _bytes.WrittenCount / rowBytes;

    public void Append(ReadOnlySpan<byte> rows) => _bytes.Write(rows);

    public ReadOnlyMemory<byte> Range(int first, int rows) => _bytes.WrittenMemory.Slice(first * rowBytes, rows * rowBytes);

    /// <summary>Forgets what follows the first <paramref name="rows"/> positions.</summary>
    public void Truncate(int rows)
    {
        byte[] kept = Range(0, rows).ToArray();
        Clear();
        _bytes.Write(kept);
    }

    public void Clear() => _bytes.ResetWrittenCount();
}

using Ogong.Compute;

namespace Ogong.Models;

/// <summary>One memory-mapped safetensors file. Opening reads the header only. Thread-safe but for <see cref="Dispose"/>.</summary>
internal sealed class SafetensorsFile : IDisposable
{
    /// <summary>Rank of a three-dimensional convolution's weight.</summary>
    private const int MaxRank = 5;

    private readonly MappedFile _file;
    private readonly long _dataOffset;
    private readonly Dictionary<string, SafetensorsEntry> _entries;

    public SafetensorsFile(string path)
    {
        _file = new MappedFile(path);
        try
        {
            int length = SafetensorsHeader.ReadLength(_file.Slice(0, (int)Math.Min(_file.Length, SafetensorsHeader.PrefixBytes)), _file.Length, path);
            _dataOffset = SafetensorsHeader.PrefixBytes + (long)length;
            List<SafetensorsEntry> entries = SafetensorsHeader.Parse(_file.Slice(SafetensorsHeader.PrefixBytes, length), _file.Length - _dataOffset, path);
            _entries = entries.ToDictionary(e => e.Name, StringComparer.Ordinal);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    public string Path => _file.Path;

    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => _entries;

    /// <summary>The tensor of an entry of this file.</summary>
    /// <exception cref="ModelFormatException">Its dtype or shape is not one this library computes with.</exception>
    public StoredTensor Tensor(SafetensorsEntry entry)
    {
        ElementType type = entry.DType switch
        {
            "F32" => ElementType.F32,
            "F16" => ElementType.F16,
            "BF16" => ElementType.BF16,
            "U8" => ElementType.I8_256,
            _ => throw new ModelFormatException(Path,
                $"Tensor {ModelFormatException.Quote(entry.Name)} has dtype {entry.DType}; only F32, F16, BF16 and, for I8-256, U8 are supported."),
        };
        if (entry.Shape.Length is 0 or > MaxRank || entry.Shape.Any(d => d is 0 or > int.MaxValue)
            || entry.Shape.Skip(1).Aggregate((UInt128)1, (a, b) => a * (ulong)b) > int.MaxValue)
            throw new ModelFormatException(Path,
                $"Tensor {ModelFormatException.Quote(entry.Name)} has shape [{string.Join(", ", entry.Shape)}]; only non-empty tensors of rank 1 to {MaxRank} with rows below 2³¹ elements are supported.");
        return new StoredTensor(_file, _dataOffset + entry.Begin, entry.Name, type == ElementType.I8_256 ? Elements(entry) : entry.Shape, type);
    }

    /// <summary>The shape in elements of a matrix whose rows are blocks of I8-256, stored as bytes.</summary>
    private long[] Elements(SafetensorsEntry entry)
    {
        if (entry.Shape is [long rows, long bytes])
        {
            long blocks = (bytes + ElementType.I8_256.BlockBytes() - 1) / ElementType.I8_256.BlockBytes();
            long columns = bytes - (blocks * (ElementType.I8_256.BlockBytes() - ElementType.I8_256.BlockElements()));
            if (columns > 0 && ElementType.I8_256.RowBytes((int)columns) == bytes) return [rows, columns];
        }
        throw new ModelFormatException(Path,
            $"Tensor {ModelFormatException.Quote(entry.Name)} has dtype U8 and shape [{string.Join(", ", entry.Shape)}], which is no matrix of I8-256.");
    }

    public void Dispose() => _file.Dispose();
}

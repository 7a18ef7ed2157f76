using Microsoft.Win32.SafeHandles;
using Ogong.Bytes;

namespace Ogong.Cohorts;

/// <summary>
/// The entries of one order in one append-only file.
/// <code>
/// header  8  "OGRETAIN"     2  version = 1     32  order hash
/// entry   1  kind           4  boundary        4  window        4  length n        n  value        32  digest over all before it in the entry
/// </code>
/// Integers are little-endian. A file ends at its first entry that is short or whose digest does not match: a crash can cost the entry being
/// written, never an earlier one, and damage is never handed out as a value.
/// </summary>
internal sealed class RetentionFile : IDisposable
{
    public const string Extension = ".retained";
    public const int HeaderSize = 42;
    private const int EntryHeaderSize = 13;
    private static readonly HashTag _tag = new("ogong/retained-entry/1");
    private readonly SafeFileHandle _handle;
    private readonly OrderedDictionary<RetentionKey, (long Offset, int Length)> _entries = [];

    private RetentionFile(SafeFileHandle handle, Digest order)
    {
        _handle = handle;
        Order = order;
        Length = HeaderSize;
    }

    public Digest Order { get; }

    /// <summary>Bytes up to the end of the last whole entry.</summary>
    public long Length { get; private set; }

    public IEnumerable<RetentionKey> Keys => _entries.Keys;

    /// <summary>Bytes a value of <paramref name="length"/> bytes takes in a file.</summary>
    public static long EntrySize(int length) => EntryHeaderSize + (long)length + Digest.Size;

    public static RetentionFile Create(string path, Digest order)
    {
        SafeFileHandle handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite);
        RandomAccess.Write(handle, Header(order), 0);
        return new RetentionFile(handle, order);
    }

    /// <summary>Opens a file and indexes its whole entries; null if it is not one of this format for the order its name says.</summary>
    public static RetentionFile? TryOpen(string path, Digest order)
    {
        SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        Span<byte> header = stackalloc byte[HeaderSize];
        if (RandomAccess.Read(handle, header, 0) != HeaderSize || !header.SequenceEqual(Header(order)))
        {
            handle.Dispose();
            return null;
        }
        var file = new RetentionFile(handle, order);
        file.Index();
        // Whatever follows the last whole entry is the tail of a write that never finished.
        RandomAccess.SetLength(handle, file.Length);
        return file;
    }

    public bool Contains(in RetentionKey key) => _entries.ContainsKey(key);

    /// <summary>The value, or null if the bytes on disk no longer match their digest.</summary>
    public byte[]? Read(in RetentionKey key)
    {
        if (!_entries.TryGetValue(key, out (long Offset, int Length) entry)) return null;
        var bytes = new byte[EntrySize(entry.Length)];
        return TryReadEntry(bytes, entry.Offset) ? bytes.AsSpan(EntryHeaderSize, entry.Length).ToArray() : null;
    }

    public void Append(in RetentionKey key, ReadOnlySpan<byte> value)
    {
        var writer = new ByteWriter();
        writer.UInt8((byte)key.Kind);
        writer.Count(key.Boundary);
        writer.Count(key.Window);
        writer.Count(value.Length);
        writer.Raw(value);
        writer.Digest(_tag.Hash(writer.Written));
        RandomAccess.Write(_handle, writer.Written, Length);
        _entries.Add(key, (Length, value.Length));
        Length += writer.Length;
    }

    public void Dispose() => _handle.Dispose();

    private static byte[] Header(Digest order)
    {
        var writer = new ByteWriter();
        writer.Raw("OGRETAIN"u8);
        writer.UInt16(1);
        writer.Digest(order);
        return writer.Written.ToArray();
    }

    private void Index()
    {
        long end = RandomAccess.GetLength(_handle);
        Span<byte> header = stackalloc byte[EntryHeaderSize];
        while (end - Length >= EntrySize(0) && RandomAccess.Read(_handle, header, Length) == EntryHeaderSize)
        {
            var reader = new ByteReader(header);
            bool sound = reader.TryUInt8(out byte kind, "kind") & reader.TryCount(0, int.MaxValue, out int boundary, "boundary")
                & reader.TryCount(0, int.MaxValue, out int window, "window") & reader.TryCount(0, Array.MaxLength, out int length, "length");
            // The length is believed only as far as the file reaches, so no entry makes this allocate more than the file holds.
            if (!sound || EntrySize(length) > end - Length || EntrySize(length) > Array.MaxLength) return;
            var key = new RetentionKey(Order, (RetainedKind)kind, boundary, window);
            if (!Enum.IsDefined(key.Kind) || !TryReadEntry(new byte[EntrySize(length)], Length) || !_entries.TryAdd(key, (Length, length))) return;
            Length += EntrySize(length);
        }
    }

    private bool TryReadEntry(byte[] bytes, long offset)
    {
        int body = bytes.Length - Digest.Size;
        return RandomAccess.Read(_handle, bytes, offset) == bytes.Length && _tag.Hash(bytes.AsSpan(0, body)).Span.SequenceEqual(bytes.AsSpan(body));
    }
}

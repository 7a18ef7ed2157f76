using System.Diagnostics.CodeAnalysis;
using Ogong.Bytes;

namespace Ogong.Cohorts;

/// <summary>
/// A retention store in a folder, one append-only file per order. Survives a restart of the process; an entry being written when it dies is
/// lost, earlier ones are not. One process at a time owns a folder. Thread-safe.
/// </summary>
public sealed class FileRetentionStore : IRetentionStore
{
    private readonly Lock _lock = new();
    private readonly string _folder;
    private readonly FileStream _owner;
    private readonly SortedDictionary<Digest, RetentionFile> _files = [];
    private readonly List<string> _foreign = [];

    /// <summary>Opens a folder, creating it if need be, and indexes what it holds.</summary>
    /// <param name="folder">The store's own folder.</param>
    /// <param name="capacity">Most bytes of files kept. What is already there counts, and stays even if it is more.</param>
    /// <exception cref="IOException">The folder cannot be used, or another process owns it.</exception>
    public FileRetentionStore(string folder, long capacity)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        (_folder, Capacity) = (folder, capacity);
        Directory.CreateDirectory(folder);
        _owner = new FileStream(Path.Combine(folder, "owner.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        foreach (string path in Directory.EnumerateFiles(folder, "*" + RetentionFile.Extension))
        {
            RetentionFile? file = Digest.TryParse(Path.GetFileNameWithoutExtension(path), out Digest order) ? RetentionFile.TryOpen(path, order) : null;
            if (file is null)
            {
                _foreign.Add(path);
                continue;
            }
            _files.Add(order, file);
            Used += file.Length;
        }
    }

    /// <inheritdoc/>
    public long Capacity { get; }

    /// <inheritdoc/>
    public long Used { get; private set; }

    /// <summary>Files in the folder that look like this store's by name but not by content; they are left alone and not counted.</summary>
    public IReadOnlyList<string> ForeignFiles => _foreign;

    /// <inheritdoc/>
    public RetentionResult Put(in RetentionKey key, ReadOnlySpan<byte> value)
    {
        lock (_lock)
        {
            bool known = _files.TryGetValue(key.Order, out RetentionFile? file);
            if (known && file!.Contains(key))
                return file.Read(key) is { } kept && value.SequenceEqual(kept) ? RetentionResult.Kept : RetentionResult.Conflict;
            long size = RetentionFile.EntrySize(value.Length) + (known ? 0 : RetentionFile.HeaderSize);
            if (size > Capacity - Used) return RetentionResult.Full;
            if (!known)
            {
                file = RetentionFile.Create(PathOf(key.Order), key.Order);
                _files.Add(key.Order, file);
            }
            file!.Append(key, value);
            Used += size;
            return RetentionResult.Kept;
        }
    }

    /// <inheritdoc/>
    public bool TryGet(in RetentionKey key, [NotNullWhen(true)] out byte[]? value)
    {
        lock (_lock)
        {
            value = _files.TryGetValue(key.Order, out RetentionFile? file) ? file.Read(key) : null;
            return value is not null;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<RetentionKey> Keys(Digest order)
    {
        lock (_lock) return _files.TryGetValue(order, out RetentionFile? file) ? [.. file.Keys] : [];
    }

    /// <inheritdoc/>
    public IReadOnlyList<Digest> Orders()
    {
        lock (_lock) return [.. _files.Keys];
    }

    /// <inheritdoc/>
    public void Release(Digest order)
    {
        lock (_lock)
        {
            if (!_files.TryGetValue(order, out RetentionFile? file)) return;
            Used -= file.Length;
            _files.Remove(order);
            file.Dispose();
            File.Delete(PathOf(order));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (RetentionFile file in _files.Values) file.Dispose();
            _files.Clear();
            _owner.Dispose();
        }
    }

    private string PathOf(Digest order) => Path.Combine(_folder, order + RetentionFile.Extension);
}

using System.Security.Cryptography;
using System.Text;
using Ogong.Bytes;

namespace Ogong.Models;

/// <summary>
/// Content digests of the tensors in the files of a model, kept per file between runs. An entry counts only for a file of the same
/// full path, size and modification time, at the same offset and length. A cache file that does not check out is ignored and rewritten;
/// writing is atomic, and a cache that cannot be written costs time, not correctness. Layout: <c>"OGTH" ‖ u8 1 ‖ i64 size ‖ i64 modified
/// (UTC ticks) ‖ u32 n ‖ n × (i64 offset ‖ i64 length ‖ digest)</c>, offsets ascending, then the tagged hash of path and all before.
/// </summary>
internal sealed class TensorHashCache
{
    /// <summary>A file modified this recently might change again within the clock's resolution, so it is not cached.</summary>
    public static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    private const int MaxBytes = 64 << 20;

    private static readonly HashTag s_tag = new("ogong/tensor-cache/1");

    private readonly string _folder;
    private readonly Dictionary<string, StoredTensor> _tensors;
    private readonly Dictionary<string, Stamp> _stamps = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Path, long Offset, long Length), Digest> _known = [];

    private TensorHashCache(string folder, Dictionary<string, StoredTensor> tensors) => (_folder, _tensors) = (folder, tensors);

    private readonly record struct Stamp(long Size, long Modified);

    /// <summary>What is known about a model's tensors; null where caching is off.</summary>
    public static TensorHashCache? Open(IStoredTensors model, IReadOnlyList<string> names)
    {
        if (CacheFolder.Locate() is not { } root) return null;
        var cache = new TensorHashCache(Path.Combine(root, "tensors"), names.ToDictionary(n => n, model.Stored, StringComparer.Ordinal));
        foreach (string path in cache._tensors.Values.Select(static t => t.Path).Distinct(StringComparer.Ordinal))
        {
            var info = new FileInfo(path);
            // The file's own time, not that of a link to it.
            FileSystemInfo target = info.ResolveLinkTarget(returnFinalTarget: true) ?? info;
            cache._stamps[path] = new Stamp(((FileInfo)target).Length, target.LastWriteTimeUtc.Ticks);
            cache.Load(path);
        }
        return cache;
    }

    public bool TryGet(string name, out Digest digest)
    {
        StoredTensor tensor = _tensors[name];
        return _known.TryGetValue((tensor.Path, tensor.Offset, tensor.ByteLength), out digest);
    }

    /// <summary>Writes what was not known yet.</summary>
    public void Save(IReadOnlyDictionary<string, Digest> digests)
    {
        foreach (IGrouping<string, KeyValuePair<string, StoredTensor>> file in _tensors.GroupBy(static t => t.Value.Path, StringComparer.Ordinal))
        {
            Stamp stamp = _stamps[file.Key];
            bool complete = file.All(t => _known.ContainsKey((file.Key, t.Value.Offset, t.Value.ByteLength)));
            if (complete || DateTime.UtcNow.Ticks - stamp.Modified < Settling.Ticks) continue;
            var writer = new ByteWriter();
            writer.Raw("OGTH\u0001"u8);
            writer.Int64(stamp.Size);
            writer.Int64(stamp.Modified);
            StoredTensor[] tensors = [.. file.Select(static t => t.Value).OrderBy(static t => t.Offset)];
            writer.Count(tensors.Length);
            foreach (StoredTensor tensor in tensors)
            {
                writer.Int64(tensor.Offset);
                writer.Int64(tensor.ByteLength);
                writer.Digest(digests[tensor.Name]);
            }
            writer.Digest(Checksum(file.Key, writer.Written));
            TryWrite(FileFor(file.Key), writer.Written);
        }
    }

    private void Load(string path)
    {
        byte[] bytes;
        try
        {
            bytes = BoundedFile.Read(FileFor(path), MaxBytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ModelFormatException)
        {
            return;
        }
        var found = new List<(long Offset, long Length, Digest Digest)>();
        if (!TryParse(bytes, path, found)) return;
        foreach ((long offset, long length, Digest digest) in found) _known[(path, offset, length)] = digest;
    }

    private bool TryParse(ReadOnlySpan<byte> bytes, string path, List<(long, long, Digest)> found)
    {
        if (bytes.Length < Digest.Size || Checksum(path, bytes[..^Digest.Size]) != new Digest(bytes[^Digest.Size..])) return false;
        var reader = new ByteReader(bytes[..^Digest.Size]);
        if (!reader.TryRaw(5, out ReadOnlySpan<byte> magic, "magic") || !magic.SequenceEqual("OGTH\u0001"u8)
            || !reader.TryInt64(out long size, "size") || !reader.TryInt64(out long modified, "modified") || new Stamp(size, modified) != _stamps[path]
            || !reader.TryCount(0, MaxBytes, out int count, "entries")) return false;
        for (int i = 0; i < count; i++)
        {
            if (!reader.TryInt64(out long offset, "offset") || !reader.TryInt64(out long length, "length") || !reader.TryDigest(out Digest digest, "digest"))
                return false;
            found.Add((offset, length, digest));
        }
        return reader.TryEnd();
    }

    private static Digest Checksum(string path, ReadOnlySpan<byte> content)
    {
        using var hasher = new TaggedHasher(s_tag);
        byte[] name = Encoding.UTF8.GetBytes(path);
        hasher.Append((uint)name.Length);
        hasher.Append(name);
        hasher.Append(content);
        return hasher.Finish();
    }

    private string FileFor(string path) => Path.Combine(_folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)).AsSpan(0, 16)) + ".hashes");

    private static void TryWrite(string path, ReadOnlySpan<byte> bytes)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                stream.Write(bytes);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            try { File.Delete(temporary); }
            catch (Exception inner) when (inner is IOException or UnauthorizedAccessException) { } // nothing was left, or nothing can be done
        }
    }
}

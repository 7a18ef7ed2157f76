using System.Security.Cryptography;
using Ogong.Models;

namespace Ogong.Kernels.Device;

/// <summary>
/// Compiled kernels on disk, so that only the first run on a machine compiles. A file is named by the SHA-256 of everything its content depends on, and starts with the SHA-256 of that content:
/// a damaged or truncated file is compiled again, not loaded. The oldest files go when the folder outgrows its limit.
/// </summary>
/// <remarks>Thread-safe, and safe against other processes: files appear whole, by renaming. A folder that cannot be written costs time, not results.</remarks>
internal sealed class BinaryCache
{
    /// <summary>Names the folder, or is <c>off</c>.</summary>
    public const string Variable = "OGONG_KERNEL_CACHE";

    private const string Extension = ".bin";
    private readonly long _limit;

    /// <param name="folder">The folder; null for the variable's, or else <c>kernels</c> in the user's cache. <c>off</c> keeps nothing.</param>
    /// <param name="limit">Most bytes kept.</param>
    public BinaryCache(string? folder = null, long limit = 256 << 20)
    {
        folder ??= Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(folder)) folder = CacheFolder.Locate() is { } cache ? Path.Combine(cache, "kernels") : "off";
        Folder = folder.Equals("off", StringComparison.OrdinalIgnoreCase) ? null : Path.GetFullPath(folder);
        _limit = limit;
    }

    /// <summary>The folder; null if nothing is kept.</summary>
    public string? Folder { get; }

    /// <summary>Bytes kept now.</summary>
    public long Size => Entries().Sum(file => file.Length);

    /// <summary>The binary of a key, if it is there and whole.</summary>
    public byte[]? Find(string key)
    {
        if (Folder is null) return null;
        string path = Path.Combine(Folder, key + Extension);
        try
        {
            byte[] file = File.ReadAllBytes(path);
            if (file.Length <= SHA256.HashSizeInBytes) return null;
            byte[] content = file[SHA256.HashSizeInBytes..];
            if (!SHA256.HashData(content).AsSpan().SequenceEqual(file.AsSpan(0, SHA256.HashSizeInBytes))) return null;
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow); // used last: goes last
            return content;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Keeps a binary, if the folder lets it.</summary>
    public void Store(string key, ReadOnlySpan<byte> content)
    {
        if (Folder is null) return;
        string temporary = Path.Combine(Folder, $"{key}.{Environment.ProcessId}.{Guid.NewGuid():N}.tmp");
        try
        {
            Directory.CreateDirectory(Folder);
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                stream.Write(SHA256.HashData(content));
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, Path.Combine(Folder, key + Extension), overwrite: true);
            Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Delete(temporary);
        }
    }

    private void Trim()
    {
        long kept = 0;
        foreach (FileInfo file in Entries().OrderByDescending(file => file.LastWriteTimeUtc))
        {
            kept += file.Length;
            if (kept > _limit) Delete(file.FullName);
        }
    }

    private IEnumerable<FileInfo> Entries() =>
        Folder is not null && Directory.Exists(Folder) ? new DirectoryInfo(Folder).EnumerateFiles("*" + Extension) : [];

    private static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another process has it, or has deleted it.
        }
    }
}

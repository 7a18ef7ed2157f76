namespace Ogong.Models;

/// <summary>Reading small files whose size a stranger chose.</summary>
internal static class BoundedFile
{
    /// <summary>All bytes of a file of at most <paramref name="most"/> bytes.</summary>
    /// <exception cref="ModelFormatException">It is longer.</exception>
    public static byte[] Read(string path, int most)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        if (stream.Length > most)
            throw new ModelFormatException(path, $"The file has {stream.Length} bytes, more than the {most} allowed.");
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}

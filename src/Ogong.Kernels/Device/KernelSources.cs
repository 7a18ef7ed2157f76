using System.Collections.Frozen;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Ogong.Kernels.Device;

/// <summary>The device code of one API, as embedded in this assembly: file name to text. Immutable.</summary>
internal sealed class KernelSources
{
    private readonly FrozenDictionary<string, string> _files;

    private KernelSources(string folder, string headerExtension)
    {
        Assembly assembly = typeof(KernelSources).Assembly;
        _files = assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(folder, StringComparison.Ordinal))
            .ToFrozenDictionary(name => name[folder.Length..], name => Read(assembly, name), StringComparer.Ordinal);
        Headers = Files.Where(file => file.Key.EndsWith(headerExtension, StringComparison.Ordinal)).ToFrozenDictionary(StringComparer.Ordinal);
    }

    /// <summary>Reads native/cuda.</summary>
    public static KernelSources Cuda() => new("native/cuda/", ".cuh");

    /// <summary>Reads native/opencl.</summary>
    public static KernelSources OpenCl() => new("native/opencl/", ".clh");

    /// <summary>Every file, in order of name.</summary>
    public IEnumerable<KeyValuePair<string, string>> Files => _files.OrderBy(file => file.Key, StringComparer.Ordinal);

    /// <summary>The files that others include. They are few, so every kernel counts as depending on all of them.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>The text of one file.</summary>
    /// <exception cref="NotSupportedException">There is none of that name: the operation has no kernel in this version.</exception>
    public string Text(string file) =>
        _files.TryGetValue(file, out string? text) ? text : throw new NotSupportedException($"This version has no kernel file {file}.");

    /// <summary>The text of one file with the files it includes in place, each once: for compilers that take no headers.</summary>
    public string Inline(string file)
    {
        var text = new StringBuilder();
        Append(file, text, []);
        return text.ToString();
    }

    /// <summary>SHA-256, in hexadecimal, over everything the binary of <paramref name="file"/> depends on: its text, all headers, the options and the compiler.</summary>
    public string KeyOf(string file, IEnumerable<string> options, string compiler) =>
        Hash([file, Text(file), .. Files.Where(other => Headers.ContainsKey(other.Key)).SelectMany(header => new[] { header.Key, header.Value }), compiler, .. options]);

    /// <summary>SHA-256, in hexadecimal, over every source, the options and the compiler: what identifies the kernels of a backend.</summary>
    public string HashAll(IEnumerable<string> options, string compiler) =>
        Hash([.. Files.SelectMany(file => new[] { file.Key, file.Value }), compiler, .. options]);

    /// <summary>Each part after its length, so that no two lists of parts give the same bytes.</summary>
    private static string Hash(ReadOnlySpan<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string part in parts)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(part);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private void Append(string file, StringBuilder text, HashSet<string> seen)
    {
        const string Include = "#include \"";
        if (!seen.Add(file)) return;
        foreach (string line in Text(file).Split('\n'))
        {
            if (line.StartsWith(Include, StringComparison.Ordinal)) Append(line[Include.Length..line.LastIndexOf('"')], text, seen);
            else if (line != "#pragma once") text.Append(line).Append('\n');
        }
    }

    private static string Read(Assembly assembly, string name)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}

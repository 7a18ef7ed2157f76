using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Ogong.Detection;

/// <summary>
/// Figures of whole sequences, by model and provider: in memory and, with a folder, in a file each, binary32. A run that was stopped continues where its files end; without a provider's file it is run again.
/// </summary>
/// <param name="folder">Where files lie; null keeps nothing.</param>
internal sealed class FigureStore(string? folder)
{
    private const int Columns = Corpus.Windows;

    // Files of another list of checks are not read.
    private static readonly string Layout = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(' ', Figures.Checks.Select(c => c.Name)))))[..8];

    private readonly Dictionary<string, List<float>> _figures = [];

    private static int PerSequence => Columns * Figures.Checks.Count;

    /// <summary>Sequences whose figures are there.</summary>
    public int Finished(string model, string provider) => Of(model, provider).Count / PerSequence;

    /// <summary>Adds the figures of the next sequences: a row per window, null for a window that is not wrong.</summary>
    public void Append(string model, string provider, double[]?[] windows)
    {
        float[] added = [.. windows.SelectMany(static w => w is null ? Enumerable.Repeat(float.NaN, Figures.Checks.Count) : w.Select(static f => (float)f))];
        Of(model, provider).AddRange(added);
        if (folder is null) return;
        using FileStream file = new(PathOf(model, provider), FileMode.Append);
        file.Write(MemoryMarshal.AsBytes(added.AsSpan()));
    }

    /// <summary>Figures of the windows of the first sequences.</summary>
    public double[][] Read(string model, string provider, int sequences) =>
        [.. Of(model, provider).Chunk(Figures.Checks.Count).Take(sequences * Columns).Where(static w => !float.IsNaN(w[0])).Select(static w => w.Select(static f => (double)f).ToArray())];

    private List<float> Of(string model, string provider)
    {
        string path = PathOf(model, provider);
        if (_figures.TryGetValue(path, out List<float>? figures)) return figures;
        _figures[path] = figures = [];
        if (folder is null || !File.Exists(path)) return figures;
        using FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite);
        file.SetLength(file.Length - (file.Length % (sizeof(float) * PerSequence))); // A run was stopped while it wrote.
        var stored = new float[file.Length / sizeof(float)];
        file.ReadExactly(MemoryMarshal.AsBytes(stored.AsSpan()));
        figures.AddRange(stored);
        return figures;
    }

    private string PathOf(string model, string provider)
    {
        string name = string.Concat($"{model} {provider}".Select(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' ? c : '_'));
        string parent = Path.Combine(folder ?? "", Layout);
        if (folder is not null) Directory.CreateDirectory(parent);
        return Path.Combine(parent, string.Create(CultureInfo.InvariantCulture, $"{name}.f32"));
    }
}

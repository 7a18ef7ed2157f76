using System.Globalization;
using System.Text;

namespace Ogong.Models;

/// <summary>Combining classes and canonical decompositions, from <c>CanonicalComposition.txt</c>.</summary>
internal sealed class CanonicalTable
{
    private readonly byte[] _classes = new byte[0x20000]; // no mark is beyond the first two planes
    private readonly Dictionary<int, (int First, int Second)> _parts = [];
    private readonly Dictionary<(int First, int Second), int> _composites = [];

    private CanonicalTable()
    {
    }

    public static CanonicalTable Load()
    {
        var table = new CanonicalTable();
        using Stream stream = typeof(CanonicalTable).Assembly.GetManifestResourceStream("Ogong.Models.CanonicalComposition.txt")!;
        using var reader = new StreamReader(stream, Encoding.ASCII);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#')) continue;
            string[] words = line.Split(' ');
            if (words[0].EndsWith(':')) table.AddClasses(byte.Parse(words[0].AsSpan()[..^1], CultureInfo.InvariantCulture), words.AsSpan(1));
            else foreach (string word in words) table.AddParts(word);
        }
        return table;
    }

    /// <summary>The canonical combining class: 0 for a starter.</summary>
    public int Class(int c) => c < _classes.Length ? _classes[c] : 0;

    /// <summary>One step of decomposition; <paramref name="second"/> is 0 where one character replaces another.</summary>
    public bool TryDecompose(int c, out int first, out int second)
    {
        bool found = _parts.TryGetValue(c, out (int First, int Second) parts);
        (first, second) = parts;
        return found;
    }

    public bool TryCompose(int first, int second, out int composite) => _composites.TryGetValue((first, second), out composite);

    private void AddClasses(byte value, ReadOnlySpan<string> ranges)
    {
        foreach (string range in ranges)
        {
            string[] ends = range.Split('-');
            _classes.AsSpan(Hex(ends[0])..(Hex(ends[^1]) + 1)).Fill(value);
        }
    }

    private void AddParts(string word)
    {
        string[] sides = word.TrimEnd('!').Split('=');
        string[] parts = sides[1].Split('+');
        (int First, int Second) pair = (Hex(parts[0]), parts.Length == 1 ? 0 : Hex(parts[1]));
        _parts.Add(Hex(sides[0]), pair);
        if (pair.Second != 0 && !word.EndsWith('!')) _composites.Add(pair, Hex(sides[0]));
    }

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}

namespace Ogong.Models;

/// <summary>Pairs of characters that stand side by side where something merges.</summary>
internal sealed class Joints
{
    private readonly HashSet<int> _pairs = [];

    public void Add(char left, char right) => _pairs.Add((left << 16) | right);

    /// <summary>Adds every pair inside a text.</summary>
    public void AddWithin(string text)
    {
        for (int i = 1; i < text.Length; i++) Add(text[i - 1], text[i]);
    }

    public bool Contains(char left, char right) => _pairs.Contains((left << 16) | right);
}

using System.Buffers;

namespace Ogong.Models;

/// <summary>A stretch of text, from <paramref name="Start"/> to <paramref name="End"/>.</summary>
/// <param name="Start">First character.</param>
/// <param name="End">After the last character.</param>
/// <param name="Token">The token it is, or −1 for text between tokens.</param>
internal readonly record struct TextSection(int Start, int End, int Token);

/// <summary>Finds added tokens in a text: the leftmost first, the longest of those that begin at one place.</summary>
internal sealed class AddedTokens
{
    /// <summary>Longest spelling; a text of n characters costs at most n times this.</summary>
    public const int MaxLength = 256;

    /// <summary>Most characters of all spellings.</summary>
    public const int MaxTotalLength = 1 << 20;

    // A trie: the node after another by a character, and the token that ends at a node. Node 0 is the root.
    private readonly Dictionary<(int Node, char Character), int> _children = [];
    private readonly Dictionary<int, AddedToken> _ends = [];
    private readonly SearchValues<char> _first;

    public AddedTokens(IEnumerable<AddedToken> tokens)
    {
        foreach (AddedToken token in tokens)
        {
            int node = 0;
            foreach (char c in token.Content)
            {
                if (!_children.TryGetValue((node, c), out int child)) _children.Add((node, c), child = _children.Count + 1);
                node = child;
            }
            _ends[node] = token;
        }
        _first = SearchValues.Create([.. _children.Keys.Where(key => key.Node == 0).Select(key => key.Character)]);
    }

    /// <summary>The tokens in a text and what lies between them, in order and without empty stretches.</summary>
    public List<TextSection> Split(ReadOnlySpan<char> text)
    {
        var sections = new List<TextSection>();
        int done = 0;
        for (int at = 0; at < text.Length;)
        {
            int skipped = text[at..].IndexOfAny(_first);
            if (skipped < 0) break;
            at += skipped;
            if (Longest(text[at..]) is not { } token)
            {
                at++;
                continue;
            }
            int start = at, end = at + token.Content.Length;
            while (token.TakesLeft && start > done && char.IsWhiteSpace(text[start - 1])) start--;
            while (token.TakesRight && end < text.Length && char.IsWhiteSpace(text[end])) end++;
            if (start > done) sections.Add(new TextSection(done, start, -1));
            sections.Add(new TextSection(start, end, token.Id));
            done = at = end;
        }
        if (done < text.Length) sections.Add(new TextSection(done, text.Length, -1));
        return sections;
    }

    private AddedToken? Longest(ReadOnlySpan<char> text)
    {
        AddedToken? longest = null;
        int node = 0;
        foreach (char c in text)
        {
            if (!_children.TryGetValue((node, c), out node)) break;
            if (_ends.TryGetValue(node, out AddedToken? token)) longest = token;
        }
        return longest;
    }
}

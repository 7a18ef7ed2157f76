namespace Ogong.Models;

/// <summary>
/// Encodes pieces of a text with a <see cref="BpeModel"/>. The definition: every character is a symbol; while any neighbours merge, those
/// of the lowest rank do, the leftmost of several. The symbols are a linked list and the candidates a heap, so n characters cost
/// O(n log n) time and O(n) memory, whatever the text: each of at most n − 1 merges adds at most two candidates. Not thread-safe.
/// </summary>
/// <remarks>
/// No merge crosses two characters that stand side by side in no merge (<see cref="MergeRule.Joins"/>), so what lies between two such places
/// is merged by itself: that keeps list and heap small for all but runs of much the same characters.
/// </remarks>
internal sealed class BpeMerger(BpeModel model, List<int> output)
{
    private const int Gone = -1;

    /// <summary>Candidates by rank, then place: <c>rank · 2³² + index of the left symbol</c>.</summary>
    private readonly KeyHeap _candidates = new();

    // By index of a symbol's first character: its token or −1; the first characters of its neighbours.
    private int[] _token = [];
    private int[] _next = [];
    private int[] _previous = [];
    private bool _afterUnknown;

    /// <summary>Adds the tokens of a piece of well-formed text.</summary>
    public void Encode(ReadOnlySpan<char> piece)
    {
        if (model.IgnoresMerges && model.Find(piece) is >= 0 and int whole)
        {
            output.Add(whole);
            return;
        }
        _afterUnknown = false;
        while (!piece.IsEmpty)
        {
            int end = CodePoint(piece, 0);
            while (end < piece.Length && model.Rule.Joins(piece[end - 1], piece[end])) end += CodePoint(piece, end);
            ReadOnlySpan<char> stretch = piece[..end];
            Spell(stretch);
            Merge(stretch);
            Emit(stretch);
            piece = piece[end..];
        }
    }

    private static int CodePoint(ReadOnlySpan<char> text, int at) => char.IsHighSurrogate(text[at]) ? 2 : 1;

    /// <summary>Makes every code point a symbol.</summary>
    private void Spell(ReadOnlySpan<char> text)
    {
        if (_token.Length < text.Length)
        {
            int size = Math.Max(64, text.Length);
            (_token, _next, _previous) = (new int[size], new int[size], new int[size]);
        }
        for (int at = 0, before = Gone; at < text.Length;)
        {
            int length = CodePoint(text, at);
            (_token[at], _next[at], _previous[at]) = (model.Find(text.Slice(at, length)), at + length, before);
            before = at;
            at += length;
        }
    }

    private void Merge(ReadOnlySpan<char> text)
    {
        for (int at = 0; at < text.Length; at = _next[at]) Offer(text, at);
        while (_candidates.TryTake(out ulong key))
        {
            int left = (int)(key & uint.MaxValue);
            // Symbols may have merged since; if these neighbours still merge at that rank, they are next, whether or not they are the same.
            if (!TryMerge(text, left, out uint rank, out int token) || rank != (uint)(key >> 32)) continue;
            int right = _next[left], end = _next[right];
            _token[left] = token;
            _next[left] = end;
            _next[right] = Gone;
            if (end < text.Length)
            {
                _previous[end] = left;
                Offer(text, left);
            }
            if (_previous[left] != Gone) Offer(text, _previous[left]);
        }
    }

    /// <summary>Makes a symbol and the one after it a candidate, if they merge.</summary>
    private void Offer(ReadOnlySpan<char> text, int left)
    {
        if (TryMerge(text, left, out uint rank, out _)) _candidates.Add(((ulong)rank << 32) | (uint)left);
    }

    /// <summary>Whether a symbol is there, and merges with the one after it.</summary>
    private bool TryMerge(ReadOnlySpan<char> text, int left, out uint rank, out int token)
    {
        int right = _next[left];
        (rank, token) = (0, 0);
        return right != Gone && right < text.Length && model.Rule.TryMerge(_token[left], _token[right], text[left.._next[right]], out rank, out token);
    }

    private void Emit(ReadOnlySpan<char> text)
    {
        for (int at = 0; at < text.Length; at = _next[at])
        {
            bool isUnknown = false;
            if (_token[at] >= 0) output.Add(_token[at]);
            else if (!model.TryAddBytes(text[at.._next[at]], output) && model.Unknown is { } unknown)
            {
                isUnknown = true;
                if (!_afterUnknown || !model.FusesUnknown) output.Add(unknown);
            }
            _afterUnknown = isUnknown;
        }
    }
}

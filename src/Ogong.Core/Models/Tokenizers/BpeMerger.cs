namespace Ogong.Models;

/// <summary>
/// Encodes pieces of a text with a <see cref="BpeModel"/>. The definition: every character is a symbol; while any neighbours merge, those
/// of the lowest rank do, the leftmost of several. The symbols are a linked list and the candidates a heap, so n characters cost
/// O(n log n) time and O(n) memory, whatever the text: each of at most n − 1 merges adds at most two candidates. Not thread-safe.
/// </summary>
internal sealed class BpeMerger(BpeModel model, List<int> output)
{
    private const int Gone = -1;

    /// <summary>Candidates by rank, then place: <c>rank · 2³² + index of the left symbol</c>.</summary>
    private readonly PriorityQueue<Candidate, ulong> _queue = new();

    // By index of a symbol's first character: its token or −1; the first characters of its neighbours; where its text starts.
    private int[] _token = [];
    private int[] _next = [];
    private int[] _previous = [];
    private int[] _start = [];
    private int _count;

    /// <summary>Adds the tokens of a piece of well-formed text.</summary>
    public void Encode(ReadOnlySpan<char> piece)
    {
        if (model.IgnoresMerges && model.Find(piece) is >= 0 and int whole)
        {
            output.Add(whole);
            return;
        }
        Spell(piece);
        Merge(piece);
        Emit(piece);
    }

    /// <summary>Makes every code point a symbol.</summary>
    private void Spell(ReadOnlySpan<char> piece)
    {
        if (_start.Length <= piece.Length)
        {
            int size = Math.Max(64, piece.Length + 1);
            (_token, _next, _previous, _start) = (new int[size], new int[size], new int[size], new int[size]);
        }
        _count = 0;
        for (int at = 0; at < piece.Length;)
        {
            int length = char.IsHighSurrogate(piece[at]) ? 2 : 1;
            _token[_count] = model.Find(piece.Slice(at, length));
            (_previous[_count], _next[_count], _start[_count]) = (_count - 1, _count + 1, at);
            at += length;
            _count++;
        }
        _start[_count] = piece.Length;
    }

    private void Merge(ReadOnlySpan<char> piece)
    {
        for (int i = 0; i + 1 < _count; i++) Offer(piece, i);
        while (_queue.TryDequeue(out Candidate candidate, out ulong key))
        {
            int left = (int)(key & uint.MaxValue), right = _next[left];
            // Boundaries between symbols only ever vanish. So if the left symbol is still there, and the symbol after it ends where the
            // candidate did, neither of the two has changed.
            if (right == Gone || right == _count || _next[right] != candidate.End) continue;
            _token[left] = candidate.Token;
            _next[left] = candidate.End;
            _next[right] = Gone;
            if (candidate.End < _count)
            {
                _previous[candidate.End] = left;
                Offer(piece, left);
            }
            if (_previous[left] >= 0) Offer(piece, _previous[left]);
        }
    }

    /// <summary>Makes a symbol and the one after it a candidate, if they merge.</summary>
    private void Offer(ReadOnlySpan<char> piece, int left)
    {
        int right = _next[left], end = _next[right];
        if (model.Rule.TryMerge(_token[left], _token[right], piece[_start[left].._start[end]], out uint rank, out int token))
            _queue.Enqueue(new Candidate(end, token), ((ulong)rank << 32) | (uint)left);
    }

    private void Emit(ReadOnlySpan<char> piece)
    {
        bool afterUnknown = false;
        for (int i = 0; i < _count; i = _next[i])
        {
            bool isUnknown = false;
            if (_token[i] >= 0) output.Add(_token[i]);
            else if (!model.TryAddBytes(piece[_start[i].._start[_next[i]]], output) && model.Unknown is { } unknown)
            {
                isUnknown = true;
                if (!afterUnknown || !model.FusesUnknown) output.Add(unknown);
            }
            afterUnknown = isUnknown;
        }
    }

    /// <summary>Two neighbours that merge.</summary>
    /// <param name="End">Index of the symbol after both.</param>
    /// <param name="Token">What they become.</param>
    private readonly record struct Candidate(int End, int Token);
}

namespace Ogong.Models;

/// <summary>Which neighbouring symbols may become one, and which first.</summary>
internal abstract class MergeRule
{
    /// <summary>
    /// Whether two neighbours merge, into which token, and at which rank: the lowest rank of a text is merged first, and of several the
    /// leftmost.
    /// </summary>
    /// <param name="left">Token of the left symbol, negative for none.</param>
    /// <param name="right">Token of the right symbol, negative for none.</param>
    /// <param name="joined">The text of both.</param>
    /// <param name="rank">The rank.</param>
    /// <param name="token">What they become.</param>
    public abstract bool TryMerge(int left, int right, ReadOnlySpan<char> joined, out uint rank, out int token);
}

/// <summary>Merges in a list, as <c>tokenizer.json</c> and byte-level GGUF files have them: the rank is the place in it.</summary>
internal sealed class RankedMerges(Dictionary<(int Left, int Right), (uint Rank, int Token)> merges) : MergeRule
{
    public override bool TryMerge(int left, int right, ReadOnlySpan<char> joined, out uint rank, out int token)
    {
        bool found = merges.TryGetValue((left, right), out (uint Rank, int Token) merge);
        (rank, token) = merge;
        return found;
    }
}

/// <summary>
/// SentencePiece's rule: two symbols merge if their joined text is a piece, the piece of the highest score first. Takes no list of merges,
/// and symbols that are no token themselves can merge.
/// </summary>
/// <param name="pieces">The rank of each piece, by descending score, and its token.</param>
internal sealed class ScoredPieces(Dictionary<string, (uint Rank, int Token)> pieces) : MergeRule
{
    private readonly int _longest = pieces.Count == 0 ? 0 : pieces.Keys.Max(static piece => piece.Length);
    private readonly Dictionary<string, (uint Rank, int Token)>.AlternateLookup<ReadOnlySpan<char>> _pieces =
        pieces.GetAlternateLookup<ReadOnlySpan<char>>();

    public override bool TryMerge(int left, int right, ReadOnlySpan<char> joined, out uint rank, out int token)
    {
        (uint Rank, int Token) piece = default;
        bool found = joined.Length <= _longest && _pieces.TryGetValue(joined, out piece);
        (rank, token) = piece;
        return found;
    }
}

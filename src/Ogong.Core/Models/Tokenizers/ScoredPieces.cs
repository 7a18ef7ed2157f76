namespace Ogong.Models;

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

    private readonly Joints _joints = JointsOf(pieces.Keys);

    public override bool TryMerge(int left, int right, ReadOnlySpan<char> joined, out uint rank, out int token)
    {
        (uint Rank, int Token) piece = default;
        bool found = joined.Length <= _longest && _pieces.TryGetValue(joined, out piece);
        (rank, token) = piece;
        return found;
    }

    public override bool Joins(char left, char right) => _joints.Contains(left, right);

    private static Joints JointsOf(IEnumerable<string> pieces)
    {
        var joints = new Joints();
        foreach (string piece in pieces) joints.AddWithin(piece);
        return joints;
    }
}

namespace Ogong.Models;

/// <summary>Merges in a list, as <c>tokenizer.json</c> and byte-level GGUF files have them: the rank is the place in it.</summary>
/// <param name="merges">The rank of each merge, and the token it makes, by the two tokens.</param>
/// <param name="joints">Last character of the left and first of the right token of each merge.</param>
internal sealed class RankedMerges(Dictionary<(int Left, int Right), (uint Rank, int Token)> merges, Joints joints) : MergeRule
{
    public override bool TryMerge(int left, int right, ReadOnlySpan<char> joined, out uint rank, out int token)
    {
        bool found = merges.TryGetValue((left, right), out (uint Rank, int Token) merge);
        (rank, token) = merge;
        return found;
    }

    public override bool Joins(char left, char right) => joints.Contains(left, right);
}

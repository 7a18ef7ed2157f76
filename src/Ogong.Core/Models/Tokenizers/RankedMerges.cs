namespace Ogong.Models;

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

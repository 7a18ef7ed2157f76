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

    /// <summary>Whether any merge has these two characters side by side, the last of the left symbol and the first of the right one.</summary>
    public abstract bool Joins(char left, char right);
}

using Ogong.Bytes;

namespace Ogong.Commitments;

/// <summary>
/// Windows: row r lies in window ⌊r / 32⌋, the last window may be short, and n rows have exactly ⌈n / 32⌉ windows. Text windows count generated tokens, boundary windows absolute positions.
/// </summary>
public static class CommitmentWindow
{
    /// <summary>Rows of a full window.</summary>
    public const int Length = 32;

    /// <summary>Windows that <paramref name="rows"/> rows fill.</summary>
    public static int Count(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        return (int)(((long)rows + Length - 1) / Length);
    }

    /// <summary>Rows of window <paramref name="index"/> when there are <paramref name="rows"/> in all.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such window.</exception>
    public static int RowsOf(int index, int rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count(rows));
        return Math.Min(Length, rows - (index * Length));
    }

    /// <summary>
    /// Hashes of the windows of token ids, the input of the first segment:
    /// <c>H("ogong/token-window/1", u32 window ‖ u32 id … ‖ u32 rows)</c>.
    /// </summary>
    public static Digest[] HashTokens(ReadOnlySpan<int> tokens)
    {
        using var hasher = new TaggedHasher(CommitmentTags.TokenWindow);
        var hashes = new Digest[Count(tokens.Length)];
        for (int w = 0; w < hashes.Length; w++)
        {
            int rows = RowsOf(w, tokens.Length);
            hasher.Append((uint)w);
            hasher.Append(tokens.Slice(w * Length, rows));
            hasher.Append((uint)rows);
            hashes[w] = hasher.Finish();
        }
        return hashes;
    }
}

/// <summary>Domains of the hashes of this folder.</summary>
internal static class CommitmentTags
{
    public static readonly HashTag TokenWindow = new("ogong/token-window/1");
    public static readonly HashTag BoundaryWindow = new("ogong/boundary-window/1");
    public static readonly HashTag HiddenWindow = new("ogong/hidden-window/1");
    public static readonly HashTag SketchWindow = new("ogong/sketch-window/1");
    public static readonly HashTag TopKWindow = new("ogong/top-k-window/1");
    public static readonly HashTag TextWindow = new("ogong/text-window/1");
    public static readonly HashTag ChallengeBank = new("ogong/challenge-bank/1");
    public static readonly HashTag Draw = new("ogong/draw/1");
}

using Ogong.Bytes;
using Ogong.Merkle;

namespace Ogong.Commitments;

/// <summary>A text window with the values behind its hashes.</summary>
/// <param name="Leaf">What the tree binds.</param>
/// <param name="Sketch">Sketches of the last hidden states; null in the exact tier.</param>
/// <param name="TopK">Top-k log-probabilities; null where only their hash was kept.</param>
public sealed record TextWindowEvidence(TextWindow Leaf, SketchWindow? Sketch, TopKWindow? TopK);

/// <summary>
/// Commits to a text reply token by token. A window costs a few small allocations when it completes, a token none. Not thread-safe.
/// </summary>
public sealed class TextCommitter : IDisposable
{
    private readonly StateHasher states;
    private readonly SketchParameters sketch;
    private readonly int topK;
    private readonly int[] tokens = new int[CommitmentWindow.Length];
    private readonly float[] sketchRows;
    private readonly int[] ids;
    private readonly float[] logprobs;
    private readonly List<TextWindowEvidence> windows = [];
    private readonly MerkleBuilder tree = new();

    /// <summary>Starts a reply of a model of the given hidden size; <paramref name="sketch"/> is <see cref="SketchParameters.None"/> in the exact tier.</summary>
    public TextCommitter(int hiddenSize, SketchParameters sketch, int topK)
    {
        ArgumentNullException.ThrowIfNull(sketch);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(topK);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(topK, TopKWindow.MaxK);
        states = StateHasher.ForHidden(hiddenSize);
        (this.sketch, this.topK) = (sketch, topK);
        sketchRows = new float[CommitmentWindow.Length * sketch.Directions];
        ids = new int[CommitmentWindow.Length * topK];
        logprobs = new float[CommitmentWindow.Length * topK];
    }

    /// <summary>Tokens appended.</summary>
    public int Tokens => (windows.Count * CommitmentWindow.Length) + states.Rows;

    /// <summary>Windows completed so far.</summary>
    public IReadOnlyList<TextWindowEvidence> Windows => windows;

    /// <summary>Appends the next generated token with the hidden state it was chosen from, that state's sketch (empty in the exact tier) and the top-k at its position.</summary>
    /// <returns>The window this token completes, or null.</returns>
    /// <exception cref="ArgumentException">A length is not the one stated on construction, or the values are refused by <see cref="SketchWindow"/> or <see cref="TopKWindow"/>.</exception>
    public TextWindowEvidence? Append(int token, ReadOnlySpan<float> hidden, ReadOnlySpan<float> sketchValues, ReadOnlySpan<int> topIds, ReadOnlySpan<float> topLogprobs)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(token);
        ArgumentOutOfRangeException.ThrowIfNotEqual(hidden.Length, states.Width);
        ArgumentOutOfRangeException.ThrowIfNotEqual(sketchValues.Length, sketch.Directions);
        ArgumentOutOfRangeException.ThrowIfNotEqual(topIds.Length, topK);
        ArgumentOutOfRangeException.ThrowIfNotEqual(topLogprobs.Length, topK);
        int row = states.Rows;
        tokens[row] = token;
        sketchValues.CopyTo(sketchRows.AsSpan(row * sketch.Directions));
        topIds.CopyTo(ids.AsSpan(row * topK));
        topLogprobs.CopyTo(logprobs.AsSpan(row * topK));
        states.Append(hidden);
        return states.IsFull ? Complete() : null;
    }

    /// <summary>Closes a short last window and gives the root over all of them: <c>commit_root</c>.</summary>
    /// <exception cref="InvalidOperationException">No token was appended.</exception>
    public Digest Finish()
    {
        if (states.Rows > 0) Complete();
        return windows.Count > 0 ? tree.Root() : throw new InvalidOperationException("A reply has at least one token.");
    }

    /// <summary>Root over the leaves of <paramref name="windows"/>.</summary>
    public static Digest RootOf(IEnumerable<TextWindow> windows)
    {
        ArgumentNullException.ThrowIfNull(windows);
        var tree = new MerkleBuilder();
        foreach (TextWindow window in windows) tree.AppendHash(window.LeafHash());
        return tree.Root();
    }

    /// <inheritdoc/>
    public void Dispose() => states.Dispose();

    private TextWindowEvidence Complete()
    {
        int rows = states.Rows, index = windows.Count;
        SketchWindow? sketchWindow = sketch.Directions > 0 ? SketchWindow.Create(sketchRows.AsSpan(0, rows * sketch.Directions), sketch) : null;
        TopKWindow top = TopKWindow.Create(topK, ids.AsSpan(0, rows * topK), logprobs.AsSpan(0, rows * topK));
        var leaf = new TextWindow(index, [.. tokens.AsSpan(0, rows)], states.Finish(), sketchWindow?.Hash(index) ?? default, top.Hash(index));
        var window = new TextWindowEvidence(leaf, sketchWindow, top);
        windows.Add(window);
        tree.AppendHash(leaf.LeafHash());
        return window;
    }
}

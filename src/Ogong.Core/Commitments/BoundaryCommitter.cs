using Ogong.Bytes;
using Ogong.Merkle;

namespace Ogong.Commitments;

/// <summary>
/// What one side of a segment boundary carried, window by window. The tree's leaf data is the 32-byte window hash, so producer and consumer of the same states have the same root.
/// </summary>
/// <param name="WindowHashes">State (or token) hash of each window.</param>
/// <param name="Sketches">Sketches of each window; empty in the exact tier and for an input.</param>
public sealed record BoundaryCommitment(IReadOnlyList<Digest> WindowHashes, IReadOnlyList<SketchWindow> Sketches)
{
    /// <summary>Merkle root over the window hashes.</summary>
    public Digest Root => RootOf(WindowHashes);

    /// <summary>Merkle root over the hashes of the sketches; zero where there are none.</summary>
    public Digest SketchRoot => Sketches.Count == 0 ? default : RootOf([.. Sketches.Select((s, w) => s.Hash(w))]);

    /// <summary>The commitment to token ids, the input of the first segment.</summary>
    public static BoundaryCommitment OfTokens(ReadOnlySpan<int> tokens) => new(CommitmentWindow.HashTokens(tokens), []);

    /// <summary>Merkle root whose leaves are window hashes.</summary>
    public static Digest RootOf(IReadOnlyList<Digest> windowHashes)
    {
        ArgumentNullException.ThrowIfNull(windowHashes);
        var tree = new MerkleBuilder();
        foreach (Digest hash in windowHashes) tree.Append(hash.Span);
        return tree.Root();
    }
}

/// <summary>
/// Commits to the states that cross a boundary, in windows of 32 absolute positions, as they come: any number of rows at a time. Allocates only as windows complete. Not thread-safe.
/// </summary>
public sealed class BoundaryCommitter : IDisposable
{
    private readonly StateHasher states;
    private readonly List<Digest> hashes = [];
    private readonly SketchParameters sketch;
    private readonly float[] sketchRows;
    private readonly List<SketchWindow> sketches = [];

    /// <summary>Starts at position 0 of a boundary of <paramref name="width"/> values per row; <paramref name="sketch"/> is <see cref="SketchParameters.None"/> in the exact tier and for an input.</summary>
    public BoundaryCommitter(int width, SketchParameters sketch)
    {
        ArgumentNullException.ThrowIfNull(sketch);
        states = StateHasher.ForBoundary(width);
        this.sketch = sketch;
        sketchRows = new float[CommitmentWindow.Length * sketch.Directions];
    }

    /// <summary>Rows appended.</summary>
    public int Rows => (hashes.Count * CommitmentWindow.Length) + states.Rows;

    /// <summary>Hashes of the windows completed so far.</summary>
    public IReadOnlyList<Digest> WindowHashes => hashes;

    /// <summary>Sketches of the windows completed so far; empty in the exact tier and for an input.</summary>
    public IReadOnlyList<SketchWindow> CompletedSketches => sketches;

    /// <summary>Appends rows at the next positions, with their sketches [rows × directions] (empty where there are none).</summary>
    /// <returns>Windows completed by these rows.</returns>
    /// <exception cref="ArgumentException">Not whole rows, or not one sketch per row.</exception>
    public int Append(ReadOnlySpan<float> rows, ReadOnlySpan<float> sketchValues)
    {
        int count = rows.Length / states.Width;
        if (count * states.Width != rows.Length) throw new ArgumentException($"Rows have {states.Width} values each.", nameof(rows));
        if (sketchValues.Length != count * sketch.Directions) throw new ArgumentException("Each row has one sketch value per direction.", nameof(sketchValues));
        int completed = 0;
        for (int done = 0; done < count;)
        {
            int take = Math.Min(count - done, CommitmentWindow.Length - states.Rows);
            sketchValues.Slice(done * sketch.Directions, take * sketch.Directions).CopyTo(sketchRows.AsSpan(states.Rows * sketch.Directions));
            states.Append(rows.Slice(done * states.Width, take * states.Width));
            done += take;
            if (states.IsFull)
            {
                Complete();
                completed++;
            }
        }
        return completed;
    }

    /// <summary>The commitment to everything appended; a short last window is closed.</summary>
    /// <exception cref="InvalidOperationException">Nothing was appended.</exception>
    public BoundaryCommitment Finish()
    {
        if (Rows == 0) throw new InvalidOperationException("A boundary has at least one row.");
        if (states.Rows > 0) Complete();
        return new BoundaryCommitment(hashes, sketches);
    }

    /// <inheritdoc/>
    public void Dispose() => states.Dispose();

    private void Complete()
    {
        if (sketch.Directions > 0) sketches.Add(SketchWindow.Create(sketchRows.AsSpan(0, states.Rows * sketch.Directions), sketch));
        hashes.Add(states.Finish());
    }
}

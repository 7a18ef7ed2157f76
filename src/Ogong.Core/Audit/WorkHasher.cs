using Ogong.Bytes;
using Ogong.Commitments;
using Ogong.Records;

namespace Ogong.Audit;

/// <summary>
/// Proof of re-execution: <c>H("ogong/work/1", draw ‖ u32 layer ‖ binary32 states after that layer, every row in order)</c>. The draw comes first, so the value cannot be derived from any hash
/// published before, and the layer is an inner one where there is one, so its states are in no file. Not thread-safe.
/// </summary>
public sealed class WorkHasher : IDisposable
{
    private static readonly HashTag tag = new("ogong/work/1");

    private readonly TaggedHasher hasher = new(tag);

    /// <summary>Starts a proof.</summary>
    public WorkHasher(Digest draw, int layer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        Layer = layer;
        hasher.Append(draw);
        hasher.Append((uint)layer);
    }

    /// <summary>Layer after which the states are hashed.</summary>
    public int Layer { get; }

    /// <summary>
    /// The layer of a segment's proof (purpose <c>work-layer/k</c>): an inner one where there is one, since the states after the last layer are published as hashes and openings.
    /// </summary>
    internal static int DrawLayer(SegmentAttestation segment, Digest beacon, Digest recordHash)
    {
        int inner = segment.EndLayer - segment.FirstLayer - 1;
        return segment.FirstLayer + (inner == 0 ? 0 : BeaconDraw.Below(beacon, recordHash, $"work-layer/{segment.Segment}", inner));
    }

    /// <summary>Values appended.</summary>
    public long Count { get; private set; }

    /// <summary>Appends the states of the next rows.</summary>
    public void Append(ReadOnlySpan<float> states)
    {
        hasher.Append(states);
        Count += states.Length;
    }

    /// <summary>The proof; nothing may follow.</summary>
    public Digest Finish() => hasher.Finish();

    /// <inheritdoc/>
    public void Dispose() => hasher.Dispose();
}

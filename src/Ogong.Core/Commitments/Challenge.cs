using System.Buffers.Binary;
using Ogong.Bytes;

namespace Ogong.Commitments;

/// <summary>
/// A draw that nobody knew when the reply was committed: which window must be opened, and under which fresh bank its states are compared. A fixed public bank alone would let a cheat fit a cheap model to
/// exactly its directions.
/// </summary>
/// <param name="Window">Index of the window.</param>
/// <param name="Bank">The bank drawn.</param>
public sealed record Challenge(int Window, SketchParameters Bank)
{
    /// <summary>Directions of a drawn bank; its values are compared as binary32.</summary>
    public const int Directions = 64;

    /// <summary>Draws from a beacon value published after the commitment. <paramref name="subject"/> is what was committed to, e.g. the record's hash.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are no windows.</exception>
    public static Challenge FromBeacon(Digest beacon, Digest subject, int windows)
    {
        int window = BeaconDraw.Below(beacon, subject, "challenge-window", windows);
        using var hasher = new TaggedHasher(CommitmentTags.ChallengeBank);
        hasher.Append(beacon);
        hasher.Append(subject);
        hasher.Append((uint)window);
        ulong seed = BinaryPrimitives.ReadUInt64LittleEndian(hasher.Finish().Span);
        return new Challenge(window, new SketchParameters(seed, Directions, StorageFormat.F32));
    }

    /// <summary>
    /// Judges an answer: the full states [rows × width] of the window. <paramref name="recomputed"/> is the verifier's own sketch of the window under <see cref="Bank"/>.
    /// </summary>
    /// <param name="states">The opened states.</param>
    /// <param name="width">Values per row.</param>
    /// <param name="hidden">True for last hidden states, false for a segment boundary.</param>
    /// <param name="committedHash">Full-state hash in the commitment.</param>
    /// <param name="committedSketch">Sketch in the commitment.</param>
    /// <param name="recomputed">Verifier's sketch under the drawn bank.</param>
    public ChallengeAnswer Judge(ReadOnlySpan<float> states, int width, bool hidden, Digest committedHash, SketchWindow committedSketch, SketchWindow recomputed)
    {
        ArgumentNullException.ThrowIfNull(committedSketch);
        ArgumentNullException.ThrowIfNull(recomputed);
        if (recomputed.Parameters != Bank) throw new ArgumentException("The verifier's sketch is not under the drawn bank.", nameof(recomputed));
        if (states.Length != recomputed.Rows * width || committedSketch.Rows != recomputed.Rows || states.ContainsAny(float.PositiveInfinity, float.NegativeInfinity) || states.Contains(float.NaN))
            return new ChallengeAnswer(HashMatches: false, SketchMatches: false, Distance: null);
        Digest hash = hidden ? StateHasher.HashHidden(Window, states, width) : StateHasher.HashBoundary(Window, states, width);
        bool hashMatches = hash == committedHash;
        bool sketchMatches = SrpBank.Project(states, width, committedSketch.Parameters).Bytes.SequenceEqual(committedSketch.Bytes);
        return new ChallengeAnswer(hashMatches, sketchMatches, HiddenDistance.Between(SrpBank.Project(states, width, Bank), recomputed));
    }
}

/// <summary>What an answer to a challenge showed. Only all three together make it good: see <see cref="Stands"/>.</summary>
/// <param name="HashMatches">The states are the committed ones.</param>
/// <param name="SketchMatches">The committed sketch is the sketch of these states.</param>
/// <param name="Distance">Distance from the verifier's states under the drawn bank; null if the answer has another shape or is not finite.</param>
public sealed record ChallengeAnswer(bool HashMatches, bool SketchMatches, HiddenDistance? Distance)
{
    /// <summary>Whether the answer is the committed states, honestly sketched, and no position is farther than <paramref name="threshold"/>.</summary>
    public bool Stands(double threshold) => HashMatches && SketchMatches && Distance is { } d && d.WorstPosition <= threshold;
}

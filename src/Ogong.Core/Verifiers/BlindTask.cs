using System.Collections.Immutable;
using Ogong.Bytes;
using Ogong.Commitments;
using Ogong.Records;

namespace Ogong.Verifiers;

/// <summary>What a provider claims of one window: output states of a segment, or hidden states and top-k values at the end of the model.</summary>
/// <param name="Window">Index of the window.</param>
/// <param name="StateHash">Hash of the states.</param>
/// <param name="Sketch">Their sketches, in the tolerance tier.</param>
/// <param name="TopKHash">Hash of the top-k values; zero unless the range ends the model.</param>
/// <param name="TopK">The top-k values, in the tolerance tier at the end of the model.</param>
public sealed record BlindClaim(int Window, Digest StateHash, SketchWindow? Sketch, Digest TopKHash, TopKWindow? TopK);

/// <summary>
/// A segment to verify, without keys, signatures, times, ids or names: nothing in it says whose work it is, when it was done, or whether it is a honeypot. Immutable.
/// </summary>
public sealed partial class BlindTask
{
    private static readonly HashTag IdTag = new("ogong/blind-task/1");

    private BlindTask()
    {
    }

    /// <summary>Names the task; only its issuer can tell which reply it is of.</summary>
    public required Digest Id { get; init; }

    /// <summary>Beacon value of the proof of work.</summary>
    public required Digest Beacon { get; init; }

    /// <summary>Root of the model.</summary>
    public required Digest ModelRoot { get; init; }

    /// <summary>First layer.</summary>
    public required int FirstLayer { get; init; }

    /// <summary>One past the last layer.</summary>
    public required int EndLayer { get; init; }

    /// <summary>Profile, KV format, thresholds.</summary>
    public required ProfileParameters Profile { get; init; }

    /// <summary>Sampling rule and seed.</summary>
    public required SamplingParameters Sampling { get; init; }

    /// <summary>Token ids of the prompt.</summary>
    public required ImmutableArray<int> Prompt { get; init; }

    /// <summary>Generated token ids.</summary>
    public required ImmutableArray<int> Tokens { get; init; }

    /// <summary>Input states [rows × width]; empty where the range starts the model.</summary>
    public required ReadOnlyMemory<float> Inputs { get; init; }

    /// <summary>Whether the range ends the model.</summary>
    public required bool IsLast { get; init; }

    /// <summary>The claims, by window.</summary>
    public required IReadOnlyList<BlindClaim> Claims { get; init; }

    /// <summary>Takes the names off one segment of a reply.</summary>
    /// <param name="reply">The reply.</param>
    /// <param name="segment">The segment; its inputs must be opened.</param>
    /// <param name="beacon">Beacon value of the round the task is issued in.</param>
    /// <param name="secret">The issuer's, so that the id cannot be computed from the record.</param>
    /// <exception cref="ArgumentException">The reply does not open the segment's inputs.</exception>
    public static BlindTask Create(Reply reply, int segment, Digest beacon, Digest secret)
    {
        ArgumentNullException.ThrowIfNull(reply);
        ReplySegment source = reply.Segments[segment];
        if (!source.IsOpened) throw new ArgumentException($"The reply does not open the inputs of segment {segment}.", nameof(reply));
        SegmentAttestation a = source.Attestation.Message;
        ReplyRecord record = reply.Record.Message;
        return new BlindTask
        {
            Id = MakeId(secret, beacon, record.Hash(), segment),
            Beacon = beacon,
            ModelRoot = a.ModelRoot,
            FirstLayer = a.FirstLayer,
            EndLayer = a.EndLayer,
            Profile = record.Profile,
            Sampling = record.Sampling,
            Prompt = reply.Prompt,
            Tokens = reply.Tokens,
            Inputs = a.FirstLayer == 0 ? default : Join(source),
            IsLast = a.IsLast,
            Claims = a.IsLast
                ? [.. reply.TextWindows.Select(w => new BlindClaim(w.Leaf.Index, w.Leaf.StateHash, w.Sketch, w.Leaf.TopKHash, record.Profile.IsExact ? null : w.TopK))]
                : [.. source.Windows.Select(w => new BlindClaim(w.Index, w.OutputHash, w.Sketch, default, null))],
        };
    }

    /// <summary>This task with other claims and another id.</summary>
    internal BlindTask With(Digest id, IReadOnlyList<BlindClaim> claims) => new()
    {
        Id = id,
        Beacon = Beacon,
        ModelRoot = ModelRoot,
        FirstLayer = FirstLayer,
        EndLayer = EndLayer,
        Profile = Profile,
        Sampling = Sampling,
        Prompt = Prompt,
        Tokens = Tokens,
        Inputs = Inputs,
        IsLast = IsLast,
        Claims = claims,
    };

    private static Digest MakeId(Digest secret, Digest beacon, Digest record, int segment)
    {
        using var hasher = new TaggedHasher(IdTag);
        hasher.Append(secret);
        hasher.Append(beacon);
        hasher.Append(record);
        hasher.Append((uint)segment);
        return hasher.Finish();
    }

    private static float[] Join(ReplySegment segment)
    {
        var states = new List<float>();
        foreach (BoundaryWindow window in segment.Windows) states.AddRange(window.OpenedInput.Span);
        return [.. states];
    }
}

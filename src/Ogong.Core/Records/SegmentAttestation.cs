using System.Diagnostics.CodeAnalysis;
using Ogong.Bytes;

namespace Ogong.Records;

/// <summary>
/// What the provider of one segment signs about its part of a reply: the layers it ran, and the roots over what it consumed and produced. Segment k's output root is segment
/// k + 1's input root; the first input root is over the token ids, the last output root is <c>commit_root</c>, so the last provider signs the log-probabilities, the chosen tokens and the stop.
/// For a diffusion trajectory a window is one step: the first input root is over the latents x_0 … x_{N−1}, the last output root over x_1 … x_N. Immutable.
/// </summary>
public sealed record SegmentAttestation : ISignable<SegmentAttestation>
{
    /// <inheritdoc/>
    public static HashTag Tag { get; } = new("ogong/segment-attestation/1");

    /// <summary>Hash of the order.</summary>
    public required Digest OrderHash { get; init; }

    /// <summary>Root of the model.</summary>
    public required Digest ModelRoot { get; init; }

    /// <summary>Index of the segment, from 0.</summary>
    public required int Segment { get; init; }

    /// <summary>Segments of the cohort.</summary>
    public required int Segments { get; init; }

    /// <summary>First layer.</summary>
    public required int FirstLayer { get; init; }

    /// <summary>One past the last layer.</summary>
    public required int EndLayer { get; init; }

    /// <summary>Layers of the model, L.</summary>
    public required int Layers { get; init; }

    /// <summary>Values per state.</summary>
    public required int Width { get; init; }

    /// <summary>Positions processed: the prompt and every generated token but the last; steps of a trajectory.</summary>
    public required int Rows { get; init; }

    /// <summary>Merkle root over the hashes of the input windows.</summary>
    public required Digest InputRoot { get; init; }

    /// <summary>Merkle root over the hashes of the output windows; <c>commit_root</c> for the last segment.</summary>
    public required Digest OutputRoot { get; init; }

    /// <summary>Merkle root over the hashes of the output windows' sketches; zero in the exact tier and for the last segment, whose text windows bind theirs.</summary>
    public required Digest SketchRoot { get; init; }

    /// <summary>Work this segment is paid for, in the units of the model's manifest.</summary>
    public required ulong WorkUnits { get; init; }

    /// <summary>Why the reply ended, signed by the last segment; null for the others.</summary>
    public required StopReason? StopReason { get; init; }

    /// <summary>Id of the provider's key.</summary>
    public required Digest ProviderKeyId { get; init; }

    /// <summary>Whether this is the last segment: it holds the final norm, the head and the sampling.</summary>
    public bool IsLast => Segment == Segments - 1;

    /// <inheritdoc/>
    public Digest SignerKeyId => ProviderKeyId;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">A field is out of its range.</exception>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (!IsValid()) throw new InvalidOperationException("A field of the attestation is out of its range.");
        writer.UInt16(Protocol.Version);
        writer.Digest(OrderHash);
        writer.Digest(ModelRoot);
        writer.Count(Segment);
        writer.Count(Segments);
        writer.Count(FirstLayer);
        writer.Count(EndLayer);
        writer.Count(Layers);
        writer.Count(Width);
        writer.Count(Rows);
        writer.Digest(InputRoot);
        writer.Digest(OutputRoot);
        writer.Digest(SketchRoot);
        writer.UInt64(WorkUnits);
        writer.UInt8((byte)(StopReason ?? 0));
        writer.Digest(ProviderKeyId);
    }

    /// <inheritdoc/>
    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out SegmentAttestation? value)
    {
        value = null;
        int start = reader.Offset;
        if (!Protocol.TryReadVersion(ref reader)
            || !reader.TryDigest(out Digest order, "order hash")
            || !reader.TryDigest(out Digest model, "model root")
            || !reader.TryCount(0, Protocol.MaxSegments - 1, out int segment, "segment")
            || !reader.TryCount(1, Protocol.MaxSegments, out int segments, "segments")
            || !reader.TryCount(0, Protocol.MaxLayers - 1, out int first, "first layer")
            || !reader.TryCount(1, Protocol.MaxLayers, out int end, "end layer")
            || !reader.TryCount(1, Protocol.MaxLayers, out int layers, "layers")
            || !reader.TryCount(1, Protocol.MaxWidth, out int width, "width")
            || !reader.TryCount(1, MaxRows, out int rows, "rows")
            || !reader.TryDigest(out Digest input, "input root")
            || !reader.TryDigest(out Digest output, "output root")
            || !reader.TryDigest(out Digest sketch, "sketch root")
            || !reader.TryUInt64(out ulong units, "work units")
            || !reader.TryUInt8(out byte stop, "stop reason")
            || !reader.TryDigest(out Digest provider, "provider key id"))
            return false;
        var read = new SegmentAttestation
        {
            OrderHash = order,
            ModelRoot = model,
            Segment = segment,
            Segments = segments,
            FirstLayer = first,
            EndLayer = end,
            Layers = layers,
            Width = width,
            Rows = rows,
            InputRoot = input,
            OutputRoot = output,
            SketchRoot = sketch,
            WorkUnits = units,
            StopReason = stop == 0 ? null : (StopReason)stop,
            ProviderKeyId = provider,
        };
        if (!read.IsValid()) return reader.FailAt(DecodeError.Inconsistent, start, "attestation");
        value = read;
        return true;
    }

    internal const int MaxRows = (2 * Protocol.MaxTokens) - 1;

    private bool IsValid() =>
        Segments is >= 1 and <= Protocol.MaxSegments
        && Segment >= 0 && Segment < Segments
        && FirstLayer >= 0 && FirstLayer < EndLayer && EndLayer <= Layers && Layers <= Protocol.MaxLayers
        && Width is >= 1 and <= Protocol.MaxWidth
        && Rows is >= 1 and <= MaxRows
        && (IsLast ? StopReason is >= Records.StopReason.EndToken and <= Records.StopReason.AllSteps && SketchRoot.IsZero : StopReason is null);
}

using System.Diagnostics.CodeAnalysis;
using Ogong.Bytes;

namespace Ogong.Records;

/// <summary>
/// One window of one segment, signed as soon as it is complete: what went in and what came out. Sent downstream with the states; the receiver checks the hash of what it received and
/// refuses a mismatch. A provider that signs two different statements for one slot (order, segment, attempt, window) has equivocated (<see cref="EquivocationProof"/>). Immutable.
/// </summary>
public sealed record BoundaryStatement : ISignable<BoundaryStatement>
{
    /// <inheritdoc/>
    public static HashTag Tag { get; } = new("ogong/boundary-statement/1");

    /// <summary>Hash of the order.</summary>
    public required Digest OrderHash { get; init; }

    /// <summary>Index of the segment.</summary>
    public required int Segment { get; init; }

    /// <summary>Which attempt at the reply, counted by the lead; a provider that starts over after a failure signs under the next number, so that honest restarts of a tolerance profile do not equivocate.</summary>
    public int Attempt { get; init; }

    /// <summary>Index of the window.</summary>
    public required int Window { get; init; }

    /// <summary>Rows of the window, 1 to 32: a short last window may grow into a longer one without contradiction.</summary>
    public required int Rows { get; init; }

    /// <summary>Hash of the input window.</summary>
    public required Digest InputHash { get; init; }

    /// <summary>Hash of the output window; for the last segment zero (its text windows are counted differently and signed through <c>commit_root</c>).</summary>
    public required Digest OutputHash { get; init; }

    /// <summary>Hash of the output window's sketches; zero in the exact tier and for the last segment.</summary>
    public required Digest SketchHash { get; init; }

    /// <summary>Id of the provider's key.</summary>
    public required Digest ProviderKeyId { get; init; }

    /// <inheritdoc/>
    public Digest SignerKeyId => ProviderKeyId;

    /// <summary>Whether both statements fill the same slot: only one of them may exist.</summary>
    public bool IsSameSlot(BoundaryStatement other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return ProviderKeyId == other.ProviderKeyId && OrderHash == other.OrderHash && Segment == other.Segment
            && Attempt == other.Attempt && Window == other.Window && Rows == other.Rows;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">A field is out of its range.</exception>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (!IsValid()) throw new InvalidOperationException("A field of the statement is out of its range.");
        writer.UInt16(Protocol.Version);
        writer.Digest(OrderHash);
        writer.Count(Segment);
        writer.Count(Attempt);
        writer.Count(Window);
        writer.UInt8((byte)Rows);
        writer.Digest(InputHash);
        writer.Digest(OutputHash);
        writer.Digest(SketchHash);
        writer.Digest(ProviderKeyId);
    }

    /// <inheritdoc/>
    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out BoundaryStatement? value)
    {
        value = null;
        int start = reader.Offset;
        if (!Protocol.TryReadVersion(ref reader)
            || !reader.TryDigest(out Digest order, "order hash")
            || !reader.TryCount(0, Protocol.MaxSegments - 1, out int segment, "segment")
            || !reader.TryCount(0, int.MaxValue, out int attempt, "attempt")
            || !reader.TryCount(0, int.MaxValue, out int window, "window")
            || !reader.TryUInt8(out byte rows, "rows")
            || !reader.TryDigest(out Digest input, "input hash")
            || !reader.TryDigest(out Digest output, "output hash")
            || !reader.TryDigest(out Digest sketch, "sketch hash")
            || !reader.TryDigest(out Digest provider, "provider key id"))
            return false;
        var read = new BoundaryStatement
        {
            OrderHash = order,
            Segment = segment,
            Attempt = attempt,
            Window = window,
            Rows = rows,
            InputHash = input,
            OutputHash = output,
            SketchHash = sketch,
            ProviderKeyId = provider,
        };
        if (!read.IsValid()) return reader.FailAt(DecodeError.OutOfRange, start, "statement");
        value = read;
        return true;
    }

    private bool IsValid() =>
        Segment is >= 0 and < Protocol.MaxSegments && Attempt >= 0
        && Window >= 0 && Window < Commitments.CommitmentWindow.Count(SegmentAttestation.MaxRows)
        && Rows is >= 1 and <= Commitments.CommitmentWindow.Length;
}

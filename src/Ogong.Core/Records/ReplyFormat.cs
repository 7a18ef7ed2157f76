using Ogong.Bytes;
using Ogong.Commitments;
using Ogong.Signatures;

namespace Ogong.Records;

/// <summary>
/// Layout of an <c>.ogong</c> file, version 1: magic (8 bytes), version (u16), then frames of type (u8), length (u32) and payload, in this order:
/// order, prompt, text windows, then per segment its attestation and its boundary windows, record, trailer. The trailer holds the SHA-256 of every byte before it.
/// The file of a trajectory has frames of its own for order, conditioning, latents, steps and record; the first frame tells the two apart.
/// </summary>
internal static class ReplyFormat
{
    public const ushort Version = 1;

    public const int HeaderSize = 10, FrameHeaderSize = 5;

    /// <summary>Largest payload of each frame.</summary>
    public const int
        MaxOrder = 1 << 16,
        MaxPrompt = 4 + (4 * Protocol.MaxTokens),
        MaxTextWindow = 1 << 18,
        MaxSegment = 1 << 13,
        MaxBoundaryWindow = (4 * CommitmentWindow.Length * Protocol.MaxWidth) + (1 << 18),
        MaxRecord = 1 << 13,
        MaxConditioning = (8 * (1 << 24)) + (1 << 13),
        MaxLatent = (4 * (1 << 26)) + (1 << 13);

    public const byte StatementFlag = 1, OpenedFlag = 2;

    /// <summary>0x89 keeps the file from passing as text; CR LF and LF show damage by a text transfer.</summary>
    public static ReadOnlySpan<byte> Magic => [0x89, (byte)'O', (byte)'G', (byte)'O', (byte)'N', (byte)'\r', (byte)'\n', (byte)'\n'];

    public static int MaxLength(FrameType type) => type switch
    {
        FrameType.Order => MaxOrder,
        FrameType.Prompt => MaxPrompt,
        FrameType.TextWindow => MaxTextWindow,
        FrameType.Segment => MaxSegment,
        FrameType.BoundaryWindow => MaxBoundaryWindow,
        FrameType.Record => MaxRecord,
        FrameType.Trailer => Digest.Size,
        FrameType.DiffusionOrder => MaxOrder,
        FrameType.Conditioning => MaxConditioning,
        FrameType.Latent or FrameType.StepBoundary => MaxLatent,
        FrameType.TrajectoryRecord => MaxRecord,
        _ => -1,
    };

    /// <summary>Writes a message, its signature and the public key that is said to verify it.</summary>
    public static void WriteSigned<T>(ByteWriter writer, Signed<T> message, ReadOnlySpan<byte> key) where T : class, ISignable<T>
    {
        if (key.Length != HybridPublicKey.Size) throw new ArgumentException($"A public key has {HybridPublicKey.Size} bytes.", nameof(key));
        message.Write(writer);
        writer.Raw(key);
    }

    public static bool TryReadSigned<T>(ref ByteReader reader, out Signed<T>? message, out ReadOnlyMemory<byte> key) where T : class, ISignable<T>
    {
        key = default;
        if (!Signed<T>.TryRead(ref reader, out message) || !reader.TryRaw(HybridPublicKey.Size, out ReadOnlySpan<byte> raw, "public key")) return false;
        key = raw.ToArray();
        return true;
    }

    /// <summary>Text window: leaf; in the tolerance tier the sketches and the top-k values too.</summary>
    public static void WriteTextWindow(ByteWriter writer, TextWindowEvidence window, ProfileParameters profile)
    {
        window.Leaf.Write(writer);
        if (profile.IsExact) return;
        writer.Raw(window.Sketch!.Bytes);
        window.TopK!.Write(writer);
    }

    public static bool TryReadTextWindow(ref ByteReader reader, ProfileParameters profile, out TextWindowEvidence? window)
    {
        window = null;
        if (!TextWindow.TryRead(ref reader, out TextWindow? leaf)) return false;
        if (profile.IsExact && !leaf.SketchHash.IsZero) return reader.Fail(DecodeError.NotCanonical, "sketch hash");
        SketchWindow? sketch = null;
        TopKWindow? topK = null;
        if (!profile.IsExact
            && (!SketchWindow.TryRead(ref reader, leaf.Tokens.Length, profile.Sketch, out sketch)
                || !TopKWindow.TryRead(ref reader, leaf.Tokens.Length, profile.TopK, out topK)))
            return false;
        window = new TextWindowEvidence(leaf, sketch, topK);
        return true;
    }

    /// <summary>Boundary window: index, flags, input hash, then output hash (not for the last segment), sketches (tolerance tier, not for the last segment), statement and opened states as flagged.</summary>
    public static void WriteBoundaryWindow(ByteWriter writer, BoundaryWindow window, SegmentAttestation segment, ProfileParameters profile)
    {
        writer.Count(window.Index);
        writer.UInt8((byte)((window.Statement is null ? 0 : StatementFlag) | (window.OpenedInput.IsEmpty ? 0 : OpenedFlag)));
        writer.Digest(window.InputHash);
        if (!segment.IsLast) writer.Digest(window.OutputHash);
        if (HasSketch(segment, profile)) writer.Raw(window.Sketch!.Bytes);
        window.Statement?.Write(writer);
        writer.Singles(window.OpenedInput.Span);
    }

    public static bool TryReadBoundaryWindow(ref ByteReader reader, SegmentAttestation segment, ProfileParameters profile, int expectedIndex, out BoundaryWindow? window)
    {
        window = null;
        if (!reader.TryCount(expectedIndex, expectedIndex, out int index, "boundary window index")) return false;
        int rows = CommitmentWindow.RowsOf(index, segment.Rows);
        int start = reader.Offset;
        if (!reader.TryUInt8(out byte flags, "boundary window flags")) return false;
        bool mayOpen = segment.Segment > 0;
        if ((flags & ~(StatementFlag | (mayOpen ? OpenedFlag : 0))) != 0) return reader.FailAt(DecodeError.NotCanonical, start, "boundary window flags");
        Digest output = default;
        SketchWindow? sketch = null;
        Signed<BoundaryStatement>? statement = null;
        float[] opened = [];
        if (!reader.TryDigest(out Digest input, "input hash")
            || (!segment.IsLast && !reader.TryDigest(out output, "output hash"))
            || (HasSketch(segment, profile) && !SketchWindow.TryRead(ref reader, rows, profile.Sketch, out sketch))
            || ((flags & StatementFlag) != 0 && !Signed<BoundaryStatement>.TryRead(ref reader, out statement))
            || ((flags & OpenedFlag) != 0 && !reader.TrySingles(rows * segment.Width, out opened, "opened states")))
            return false;
        window = new BoundaryWindow
        {
            Index = index,
            InputHash = input,
            OutputHash = output,
            Sketch = sketch,
            Statement = statement,
            OpenedInput = opened,
        };
        return true;
    }

    public static bool HasSketch(SegmentAttestation segment, ProfileParameters profile) => !segment.IsLast && !profile.IsExact;
}

/// <summary>Types of the frames of an <c>.ogong</c> file.</summary>
internal enum FrameType : byte
{
    Order = 1,
    Prompt = 2,
    TextWindow = 3,
    Segment = 4,
    BoundaryWindow = 5,
    Record = 6,
    Trailer = 7,
    DiffusionOrder = 8,
    Conditioning = 9,
    Latent = 10,
    StepBoundary = 11,
    TrajectoryRecord = 12,
}

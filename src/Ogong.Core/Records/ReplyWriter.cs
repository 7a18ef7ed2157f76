using Ogong.Commitments;

namespace Ogong.Records;

/// <summary>
/// Writes an <c>.ogong</c> file part by part as a reply comes into being, keeping no more than one part in memory. The parts go in the order of the format: order, prompt, text windows, per segment
/// the attestation and its boundary windows, record; the record ends the file. Does not own the stream. Not thread-safe.
/// </summary>
public sealed class ReplyWriter : IDisposable
{
    private readonly FrameWriter frames;
    private ProfileParameters? profile;
    private SegmentAttestation? segment;
    private int textWindows;
    private int lastTextRows;
    private int boundaryWindows;

    /// <summary>Starts a file on a stream that can be written.</summary>
    public ReplyWriter(Stream stream) => frames = new FrameWriter(stream);

    /// <summary>Whether the record was written and the file is complete.</summary>
    public bool IsComplete => frames.Last == FrameType.Trailer;

    /// <summary>Writes the order and the consumer's public key.</summary>
    /// <exception cref="InvalidOperationException">It is not the order's turn.</exception>
    public void WriteOrder(Signed<Order> order, ReadOnlySpan<byte> consumerKey)
    {
        ArgumentNullException.ThrowIfNull(order);
        FrameWriter.Require(frames.Last == 0, "The order comes first.");
        ReplyFormat.WriteSigned(frames.Payload, order, consumerKey);
        profile = order.Message.Profile;
        frames.Frame(FrameType.Order);
    }

    /// <summary>Writes the prompt's token ids.</summary>
    /// <exception cref="InvalidOperationException">It is not the prompt's turn, or it is empty or too long.</exception>
    public void WritePrompt(ReadOnlySpan<int> prompt)
    {
        FrameWriter.Require(frames.Last == FrameType.Order, "The prompt follows the order.");
        FrameWriter.Require(prompt.Length is >= 1 and <= Protocol.MaxTokens, "A prompt has 1 to 2^20 tokens.");
        frames.Payload.Tokens(prompt);
        frames.Frame(FrameType.Prompt);
    }

    /// <summary>Writes the next text window; in the tolerance tier with its sketches and top-k values.</summary>
    /// <exception cref="InvalidOperationException">It is not this window's turn, or it lacks what the profile asks for.</exception>
    public void WriteTextWindow(TextWindowEvidence window)
    {
        ArgumentNullException.ThrowIfNull(window);
        FrameWriter.Require(frames.Last is FrameType.Prompt or FrameType.TextWindow, "Text windows follow the prompt.");
        FrameWriter.Require(window.Leaf.Index == textWindows && textWindows < TextWindow.MaxWindows, "Text windows come in order.");
        FrameWriter.Require(textWindows == 0 || lastTextRows == CommitmentWindow.Length, "Only the last text window may be short.");
        int rows = window.Leaf.Tokens.Length;
        FrameWriter.Require(rows is >= 1 and <= CommitmentWindow.Length, "A text window has 1 to 32 tokens.");
        FrameWriter.Require(profile!.IsExact ? window.Leaf.SketchHash.IsZero : Fits(window.Sketch, rows) && window.TopK is { } top && top.Rows == rows && top.K == profile.TopK,
            "The exact tier has no sketches, the tolerance tier needs the sketches and the log-probabilities of the order's profile.");
        ReplyFormat.WriteTextWindow(frames.Payload, window, profile);
        textWindows++;
        lastTextRows = rows;
        frames.Frame(FrameType.TextWindow);
    }

    /// <summary>Writes the next segment's attestation and its provider's public key.</summary>
    /// <exception cref="InvalidOperationException">It is not a segment's turn.</exception>
    public void WriteSegment(Signed<SegmentAttestation> attestation, ReadOnlySpan<byte> providerKey)
    {
        ArgumentNullException.ThrowIfNull(attestation);
        FrameWriter.Require(frames.Last == FrameType.TextWindow || IsSegmentComplete(), "A segment follows the text windows or a complete segment.");
        ReplyFormat.WriteSigned(frames.Payload, attestation, providerKey);
        segment = attestation.Message;
        boundaryWindows = 0;
        frames.Frame(FrameType.Segment);
    }

    /// <summary>Writes the next boundary window of the current segment.</summary>
    /// <exception cref="InvalidOperationException">It is not this window's turn, or it lacks what the profile asks for, or opens states of another size.</exception>
    public void WriteBoundaryWindow(BoundaryWindow window)
    {
        ArgumentNullException.ThrowIfNull(window);
        FrameWriter.Require(frames.Last is FrameType.Segment or FrameType.BoundaryWindow && !IsSegmentComplete(), "Boundary windows follow their segment.");
        FrameWriter.Require(window.Index == boundaryWindows, "Boundary windows come in order.");
        int rows = CommitmentWindow.RowsOf(window.Index, segment!.Rows);
        FrameWriter.Require(!ReplyFormat.HasSketch(segment, profile!) || Fits(window.Sketch, rows), "The tolerance tier needs the sketches of the order's profile.");
        FrameWriter.Require(window.OpenedInput.IsEmpty || (segment.Segment > 0 && window.OpenedInput.Length == rows * segment.Width), "Opened states have rows × width values, and the first segment opens none.");
        ReplyFormat.WriteBoundaryWindow(frames.Payload, window, segment, profile!);
        boundaryWindows++;
        frames.Frame(FrameType.BoundaryWindow);
    }

    /// <summary>Writes the record and the lead's public key, then the trailer; the file is complete.</summary>
    /// <exception cref="InvalidOperationException">It is not the record's turn.</exception>
    public void WriteRecord(Signed<ReplyRecord> record, ReadOnlySpan<byte> providerKey)
    {
        ArgumentNullException.ThrowIfNull(record);
        FrameWriter.Require(IsSegmentComplete(), "The record follows the last segment.");
        ReplyFormat.WriteSigned(frames.Payload, record, providerKey);
        frames.Frame(FrameType.Record);
        frames.Finish();
    }

    /// <inheritdoc/>
    public void Dispose() => frames.Dispose();

    private bool IsSegmentComplete() =>
        frames.Last == FrameType.BoundaryWindow && boundaryWindows == CommitmentWindow.Count(segment!.Rows);

    private bool Fits(SketchWindow? sketch, int rows) => sketch is not null && sketch.Rows == rows && sketch.Parameters == profile!.Sketch;
}

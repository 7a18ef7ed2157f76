using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Diffusion;

/// <summary>
/// Writes an <c>.ogong</c> file of a trajectory part by part as it comes into being, keeping no more than one part in memory. The parts go in the order of the format: order, conditioning, committed
/// latents, per segment the attestation and its steps, record; the record ends the file. Does not own the stream. Not thread-safe.
/// </summary>
public sealed class TrajectoryWriter : IDisposable
{
    private readonly FrameWriter frames;
    private DiffusionOrder? order;
    private SegmentAttestation? segment;
    private int latents;
    private int steps;

    /// <summary>Starts a file on a stream that can be written.</summary>
    public TrajectoryWriter(Stream stream) => frames = new FrameWriter(stream);

    /// <summary>Whether the record was written and the file is complete.</summary>
    public bool IsComplete => frames.Last == FrameType.Trailer;

    /// <summary>Writes the order and the consumer's public key.</summary>
    /// <exception cref="InvalidOperationException">It is not the order's turn.</exception>
    public void WriteOrder(Signed<DiffusionOrder> order, ReadOnlySpan<byte> consumerKey)
    {
        ArgumentNullException.ThrowIfNull(order);
        FrameWriter.Require(frames.Last == 0, "The order comes first.");
        ReplyFormat.WriteSigned(frames.Payload, order, consumerKey);
        this.order = order.Message;
        frames.Frame(FrameType.DiffusionOrder);
    }

    /// <summary>Writes the conditioning.</summary>
    /// <exception cref="InvalidOperationException">It is not the conditioning's turn.</exception>
    public void WriteConditioning(Conditioning conditioning)
    {
        ArgumentNullException.ThrowIfNull(conditioning);
        FrameWriter.Require(frames.Last == FrameType.DiffusionOrder, "The conditioning follows the order.");
        conditioning.Write(frames.Payload);
        frames.Frame(FrameType.Conditioning);
    }

    /// <summary>Writes the next committed latent.</summary>
    /// <exception cref="InvalidOperationException">It is not this latent's turn, it has another size than the order's, or it is the final one and omitted.</exception>
    public void WriteLatent(CommittedLatent latent)
    {
        ArgumentNullException.ThrowIfNull(latent);
        FrameWriter.Require(frames.Last is FrameType.Conditioning or FrameType.Latent && !HasAllLatents(), "Latents follow the conditioning.");
        FrameWriter.Require(latent.Step == CommittedSteps.Of(order!)[latents], "Latents come in order, at the steps that the order commits.");
        FrameWriter.Require(latent.Latent.Length == order!.Shape.Count || (latent.Latent.IsEmpty && latent.Step < order.Steps), "A kept latent has the order's shape, and the final one is kept.");
        TrajectoryFormat.WriteLatent(frames.Payload, latent);
        latents++;
        frames.Frame(FrameType.Latent);
    }

    /// <summary>Writes the next segment's attestation and its provider's public key.</summary>
    /// <exception cref="InvalidOperationException">It is not a segment's turn, or it attests another number of steps than the order's.</exception>
    public void WriteSegment(Signed<SegmentAttestation> attestation, ReadOnlySpan<byte> providerKey)
    {
        ArgumentNullException.ThrowIfNull(attestation);
        FrameWriter.Require(frames.Last == FrameType.Latent ? HasAllLatents() : IsSegmentComplete(), "A segment follows the latents or a complete segment.");
        FrameWriter.Require(attestation.Message.Rows == order!.Steps, "A segment attests every step.");
        ReplyFormat.WriteSigned(frames.Payload, attestation, providerKey);
        segment = attestation.Message;
        steps = 0;
        frames.Frame(FrameType.Segment);
    }

    /// <summary>Writes the next step of the current segment.</summary>
    /// <exception cref="InvalidOperationException">It is not this step's turn, or it opens states that are not whole rows.</exception>
    public void WriteStep(StepBoundary step)
    {
        ArgumentNullException.ThrowIfNull(step);
        FrameWriter.Require(frames.Last is FrameType.Segment or FrameType.StepBoundary && !IsSegmentComplete(), "Steps follow their segment.");
        FrameWriter.Require(step.Step == steps, "Steps come in order.");
        FrameWriter.Require(
            step.OpenedInput.IsEmpty || (segment!.Segment > 0 && step.OpenedInput.Length % segment.Width == 0 && step.OpenedInput.Length <= TrajectoryFormat.MaxStates),
            "Opened states are whole rows, and the first segment opens none.");
        FrameWriter.Require(
            step.ProviderKey.IsEmpty || (step.Statement is not null && step.ProviderKey.Length == HybridPublicKey.Size), "The key of a step's own provider comes with its statement.");
        TrajectoryFormat.WriteStep(frames.Payload, step, segment!);
        steps++;
        frames.Frame(FrameType.StepBoundary);
    }

    /// <summary>Writes the record and the lead's public key, then the trailer; the file is complete.</summary>
    /// <exception cref="InvalidOperationException">It is not the record's turn.</exception>
    public void WriteRecord(Signed<TrajectoryRecord> record, ReadOnlySpan<byte> providerKey)
    {
        ArgumentNullException.ThrowIfNull(record);
        FrameWriter.Require(IsSegmentComplete(), "The record follows the last segment.");
        ReplyFormat.WriteSigned(frames.Payload, record, providerKey);
        frames.Frame(FrameType.TrajectoryRecord);
        frames.Finish();
    }

    /// <inheritdoc/>
    public void Dispose() => frames.Dispose();

    private bool HasAllLatents() => latents == CommittedSteps.Of(order!).Count;

    private bool IsSegmentComplete() => frames.Last == FrameType.StepBoundary && steps == segment!.Rows;
}

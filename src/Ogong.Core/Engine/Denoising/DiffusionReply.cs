using Ogong.Bytes;
using Ogong.Diffusion;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Engine;

/// <summary>Puts a finished trajectory together and signs the record.</summary>
/// <param name="lead">The lead.</param>
/// <param name="order">The order.</param>
/// <param name="consumerKey">The consumer's key.</param>
/// <param name="conditioning">What the order is conditioned on.</param>
/// <param name="segments">The segments, closed.</param>
/// <param name="latentAt">Gives x_0 … x_N as little-endian bytes.</param>
internal sealed class DiffusionReply(
    DenoiserLead lead, Signed<DiffusionOrder> order, HybridPublicKey consumerKey, Conditioning conditioning, DiffusionSegment[] segments, Func<int, ReadOnlyMemory<byte>> latentAt)
{
    public TrajectoryReply Build(long started, long finished)
    {
        DiffusionOrder ordered = order.Message;
        CommittedSteps committed = CommittedSteps.Of(ordered);
        CommittedLatent[] latents = [.. Enumerable.Range(0, committed.Count).Select(i => Latent(committed[i]))];
        var record = new TrajectoryRecord
        {
            OrderHash = ordered.Hash(),
            ModelRoot = lead.ModelRoot,
            TrajectoryRoot = TrajectoryHash.Root(ordered.Hash(), committed, [.. latents.Select(l => l.Digest)]),
            FinalLatent = latents[^1].Digest,
            CohortRoot = ReplyRecord.CohortRootOf(segments.Select(s => s.Closing!.Attestation.Message)),
            Segments = segments.Length,
            Steps = ordered.Steps,
            Profile = ordered.Profile,
            Started = started,
            Finished = Math.Max(started, finished),
            ProviderKeyId = new Digest(lead.Signer.PublicKey.KeyId),
        };
        return new TrajectoryReply
        {
            Order = order,
            ConsumerKey = consumerKey.Bytes.ToArray(),
            Conditioning = conditioning,
            Latents = latents,
            Segments = [.. segments.Select(Segment)],
            Record = record.Sign(lead.Signer),
            ProviderKey = lead.Signer.PublicKey.Bytes.ToArray(),
        };
    }

    private CommittedLatent Latent(int step)
    {
        float[] values = StateBytes.Singles(latentAt(step).Span).ToArray();
        return new CommittedLatent { Step = step, Digest = TrajectoryHash.OfLatent(order.Message.Shape, values), Latent = values };
    }

    private TrajectorySegment Segment(DiffusionSegment segment) => new()
    {
        Attestation = segment.Closing!.Attestation,
        PublicKey = segment.Provider.Transport.ProviderKey.Bytes.ToArray(),
        Steps = [.. segment.Statements.Select((statement, step) => new StepBoundary
        {
            Step = step,
            InputHash = statement.Message.InputHash,
            OutputHash = statement.Message.OutputHash,
            Statement = statement,
            ProviderKey = step < segment.Foreign ? segment.Signers[step].Bytes.ToArray() : default(ReadOnlyMemory<byte>),
            OpenedInput = lead.Options.OpenBoundaries && segment.Index > 0 ? StateBytes.Singles(segment.Input.Range(step, 1).Span).ToArray() : default(ReadOnlyMemory<float>),
        })],
    };
}

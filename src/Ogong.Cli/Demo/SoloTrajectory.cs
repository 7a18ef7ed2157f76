using Ogong.Bytes;
using Ogong.Commitments;
using Ogong.Diffusion;
using Ogong.Models;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Cli.Demo;

/// <summary>What a provider that runs a whole model alone can sign: any latents at all, as its work on any order. Only an audit tells whether they are.</summary>
internal static class SoloTrajectory
{
    /// <summary>Signs a trajectory.</summary>
    /// <param name="order">The order, with stride 1.</param>
    /// <param name="consumer">The consumer's key.</param>
    /// <param name="conditioning">What the order asks to draw.</param>
    /// <param name="latents">x_0 … x_N.</param>
    /// <param name="config">The model.</param>
    /// <param name="key">The provider's key.</param>
    public static TrajectoryReply Sign(
        Signed<DiffusionOrder> order, HybridPublicKey consumer, Conditioning conditioning, IReadOnlyList<ReadOnlyMemory<float>> latents, DenoiserConfig config, HybridKey key)
    {
        DiffusionOrder ordered = order.Message;
        Digest orderHash = ordered.Hash(), keyId = new(key.PublicKey.KeyId);
        Digest[] digests = [.. latents.Select(latent => TrajectoryHash.OfLatent(ordered.Shape, latent.Span))];
        Signed<SegmentAttestation> attestation = new SegmentAttestation
        {
            OrderHash = orderHash,
            ModelRoot = ordered.ModelRoot,
            Segment = 0,
            Segments = 1,
            FirstLayer = 0,
            EndLayer = config.Layers,
            Layers = config.Layers,
            Width = config.Width,
            Rows = ordered.Steps,
            InputRoot = BoundaryCommitment.RootOf(digests[..^1]),
            OutputRoot = BoundaryCommitment.RootOf(digests[1..]),
            SketchRoot = default,
            WorkUnits = (ulong)DenoiserUnits.Of(config).Segment(config.Layers, isFirst: true, isLast: true, (long)ordered.Steps * ordered.Branches),
            StopReason = StopReason.AllSteps,
            ProviderKeyId = keyId,
        }.Sign(key);
        long now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        return new TrajectoryReply
        {
            Order = order,
            ConsumerKey = consumer.Bytes.ToArray(),
            Conditioning = conditioning,
            Latents = [.. latents.Select((latent, step) => new CommittedLatent { Step = step, Digest = digests[step], Latent = latent })],
            Segments =
            [
                new TrajectorySegment
                {
                    Attestation = attestation,
                    PublicKey = key.PublicKey.Bytes.ToArray(),
                    Steps = [.. Enumerable.Range(0, ordered.Steps).Select(step => new StepBoundary { Step = step, InputHash = digests[step], OutputHash = digests[step + 1] })],
                },
            ],
            Record = new TrajectoryRecord
            {
                OrderHash = orderHash,
                ModelRoot = ordered.ModelRoot,
                TrajectoryRoot = TrajectoryHash.Root(orderHash, CommittedSteps.Of(ordered), digests),
                FinalLatent = digests[^1],
                CohortRoot = ReplyRecord.CohortRootOf([attestation.Message]),
                Segments = 1,
                Steps = ordered.Steps,
                Profile = ordered.Profile,
                Started = now,
                Finished = now,
                ProviderKeyId = keyId,
            }.Sign(key),
            ProviderKey = key.PublicKey.Bytes.ToArray(),
        };
    }
}

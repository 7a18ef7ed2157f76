using Ogong.Bytes;
using Ogong.Records;

namespace Ogong.Diffusion;

/// <summary>A latent that the trajectory commits to. Immutable.</summary>
public sealed class CommittedLatent
{
    /// <summary>Steps run before this latent.</summary>
    public required int Step { get; init; }

    /// <summary><see cref="TrajectoryHash.OfLatent"/>.</summary>
    public required Digest Digest { get; init; }

    /// <summary>The latent [channels, sizes…] if kept; empty if omitted. The final latent is always kept.</summary>
    public ReadOnlyMemory<float> Latent { get; init; }
}

/// <summary>One step at both sides of one segment. Immutable.</summary>
public sealed class StepBoundary
{
    /// <summary>Index of the step, from 0.</summary>
    public required int Step { get; init; }

    /// <summary>Digest of what went in: the latent x_s for the first segment, else the states (<see cref="TrajectoryHash.OfStates"/>).</summary>
    public required Digest InputHash { get; init; }

    /// <summary>Digest of what came out: the latent x_{s+1} for the last segment, else the states.</summary>
    public required Digest OutputHash { get; init; }

    /// <summary>The provider's signed statement on this step, if kept.</summary>
    public Signed<BoundaryStatement>? Statement { get; init; }

    /// <summary>
    /// Public key of the provider that ran this step and signed the statement, where it failed later and another one attests to the segment; empty otherwise. As it came: not yet known to be a key.
    /// </summary>
    public ReadOnlyMemory<byte> ProviderKey { get; init; }

    /// <summary>The input states [branches × tokens × width], if opened; empty if not. Never opened for the first segment, whose input is a latent.</summary>
    public ReadOnlyMemory<float> OpenedInput { get; init; }
}

/// <summary>One segment's part of a trajectory. Immutable.</summary>
public sealed class TrajectorySegment
{
    /// <summary>What the provider signed; its rows are the steps.</summary>
    public required Signed<SegmentAttestation> Attestation { get; init; }

    /// <summary>The provider's public key as it came: not yet known to be a key.</summary>
    public required ReadOnlyMemory<byte> PublicKey { get; init; }

    /// <summary>Every step, in order.</summary>
    public required IReadOnlyList<StepBoundary> Steps { get; init; }
}

/// <summary>
/// A diffusion trajectory with everything an auditor needs, as kept in an <c>.ogong</c> file. Decoding one says that it is well formed, not that anything in it is true. Immutable.
/// </summary>
public sealed class TrajectoryReply
{
    /// <summary>The consumer's order.</summary>
    public required Signed<DiffusionOrder> Order { get; init; }

    /// <summary>The consumer's public key as it came.</summary>
    public required ReadOnlyMemory<byte> ConsumerKey { get; init; }

    /// <summary>What was to be drawn.</summary>
    public required Conditioning Conditioning { get; init; }

    /// <summary>The committed latents in order: <see cref="CommittedSteps"/> of the order.</summary>
    public required IReadOnlyList<CommittedLatent> Latents { get; init; }

    /// <summary>Segments in order.</summary>
    public required IReadOnlyList<TrajectorySegment> Segments { get; init; }

    /// <summary>The lead's record.</summary>
    public required Signed<TrajectoryRecord> Record { get; init; }

    /// <summary>The lead's public key as it came.</summary>
    public required ReadOnlyMemory<byte> ProviderKey { get; init; }

    /// <summary>The result, x_N [channels, sizes…].</summary>
    public ReadOnlyMemory<float> FinalLatent => Latents[^1].Latent;

    /// <summary>
    /// The same trajectory without its latents but the final one, and without opened states. An exact one stays auditable alone, since its latents can be computed again from the seed; for one of
    /// the tolerance tier the drawn latents must be supplied as openings.
    /// </summary>
    public TrajectoryReply WithoutLatents() => new()
    {
        Order = Order,
        ConsumerKey = ConsumerKey,
        Conditioning = Conditioning,
        Latents = [.. Latents.Select((l, i) => i == Latents.Count - 1 ? l : new CommittedLatent { Step = l.Step, Digest = l.Digest })],
        Segments = [.. Segments.Select(s => new TrajectorySegment
        {
            Attestation = s.Attestation,
            PublicKey = s.PublicKey,
            Steps = [.. s.Steps.Select(b => new StepBoundary { Step = b.Step, InputHash = b.InputHash, OutputHash = b.OutputHash, Statement = b.Statement, ProviderKey = b.ProviderKey })],
        })],
        Record = Record,
        ProviderKey = ProviderKey,
    };

    /// <summary>Writes the file; <see cref="TrajectoryReader"/> reads it back.</summary>
    /// <exception cref="InvalidOperationException">The parts do not form a trajectory.</exception>
    public void WriteTo(Stream stream)
    {
        using var writer = new TrajectoryWriter(stream);
        writer.WriteOrder(Order, ConsumerKey.Span);
        writer.WriteConditioning(Conditioning);
        foreach (CommittedLatent latent in Latents) writer.WriteLatent(latent);
        foreach (TrajectorySegment segment in Segments)
        {
            writer.WriteSegment(segment.Attestation, segment.PublicKey.Span);
            foreach (StepBoundary step in segment.Steps) writer.WriteStep(step);
        }
        writer.WriteRecord(Record, ProviderKey.Span);
    }
}

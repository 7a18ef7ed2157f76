using System.Diagnostics.CodeAnalysis;
using Ogong.Bytes;
using Ogong.Merkle;

namespace Ogong.Diffusion;

/// <summary>
/// One committed latent with the proof that a record commits to it: what a provider answers when a step is drawn whose latent the file omits. Says nothing until <see cref="IsCommitted"/> does.
/// Immutable.
/// </summary>
public sealed class LatentOpening : ICanonical<LatentOpening>
{
    private readonly float[] latent;

    private LatentOpening(int step, LatentShape shape, float[] latent, MerkleProof proof) => (Step, Shape, this.latent, Proof) = (step, shape, latent, proof);

    /// <summary>Steps run before this latent.</summary>
    public int Step { get; }

    /// <summary>Shape of the latent.</summary>
    public LatentShape Shape { get; }

    /// <summary>The latent.</summary>
    public ReadOnlyMemory<float> Latent => latent;

    /// <summary>Path to the root of the trajectory.</summary>
    public MerkleProof Proof { get; }

    /// <summary>Opens a committed latent.</summary>
    /// <param name="order">The order.</param>
    /// <param name="digests">Digests of all committed latents.</param>
    /// <param name="step">Steps run before the latent to open.</param>
    /// <param name="latent">The latent.</param>
    /// <exception cref="ArgumentException">The latent is not committed, or not this one.</exception>
    public static LatentOpening Create(DiffusionOrder order, IReadOnlyList<Digest> digests, int step, ReadOnlySpan<float> latent)
    {
        ArgumentNullException.ThrowIfNull(order);
        ArgumentNullException.ThrowIfNull(digests);
        CommittedSteps committed = CommittedSteps.Of(order);
        int index = committed.IndexOf(step);
        Digest[] leaves = TrajectoryHash.Leaves(Records.Signable.Hash(order), committed, digests);
        if (index < 0 || TrajectoryHash.OfLatent(order.Shape, latent) != digests[index])
            throw new ArgumentException("The latent is not the one committed to at this step.", nameof(latent));
        return new LatentOpening(step, order.Shape, latent.ToArray(), MerkleTree.Prove(leaves, index + 1));
    }

    /// <summary>Whether the trajectory with root <paramref name="root"/> made for <paramref name="order"/> commits to this latent.</summary>
    public bool IsCommitted(DiffusionOrder order, Digest root)
    {
        ArgumentNullException.ThrowIfNull(order);
        CommittedSteps committed = CommittedSteps.Of(order);
        int index = committed.IndexOf(Step);
        return index >= 0 && Shape.Equals(order.Shape)
            && Proof.Verify(TrajectoryHash.StepLeaf(Step, TrajectoryHash.OfLatent(Shape, latent)), (ulong)index + 1, (ulong)committed.Count + 1, root);
    }

    /// <inheritdoc/>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Count(Step);
        Shape.Write(writer);
        writer.Singles(latent);
        Proof.Write(writer);
    }

    /// <inheritdoc/>
    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out LatentOpening? value)
    {
        value = null;
        if (!reader.TryCount(0, int.MaxValue, out int step, "step")
            || !LatentShape.TryRead(ref reader, out LatentShape? shape)
            || !reader.TrySingles(shape.Count, out float[] latent, "latent")
            || !MerkleProof.TryRead(ref reader, out MerkleProof? proof))
            return false;
        value = new LatentOpening(step, shape, latent, proof);
        return true;
    }
}

using Ogong.Bytes;
using Ogong.Merkle;

namespace Ogong.Diffusion;

/// <summary>
/// Hashes of a trajectory. The tree's leaf data are 32-byte hashes: first the header, <c>H("ogong/trajectory-header/1", order hash)</c>, which binds what a lone step does not (seed, conditioning,
/// schedule, number of steps, guidance, shape, stride); then per committed latent <c>H("ogong/trajectory-step/1", u32 step ‖ latent digest)</c>.
/// </summary>
public static class TrajectoryHash
{
    private static readonly HashTag latentTag = new("ogong/latent/1");
    private static readonly HashTag statesTag = new("ogong/step-states/1");
    private static readonly HashTag headerTag = new("ogong/trajectory-header/1");
    private static readonly HashTag stepTag = new("ogong/trajectory-step/1");

    /// <summary>
    /// Digest of a latent, <c>H("ogong/latent/1", shape ‖ binary32 …)</c>. It says nothing of the step: what one step leaves, the next one takes.
    /// </summary>
    /// <exception cref="ArgumentException">The latent has another size than the shape.</exception>
    public static Digest OfLatent(LatentShape shape, ReadOnlySpan<float> latent)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (latent.Length != shape.Count) throw new ArgumentException($"A latent of this shape has {shape.Count} values.", nameof(latent));
        using var hasher = new TaggedHasher(latentTag);
        hasher.Append(shape.Encode());
        hasher.Append(latent);
        return hasher.Finish();
    }

    /// <summary>
    /// Digest of the states between two segments in one step, <c>H("ogong/step-states/1", u32 step ‖ u32 rows ‖ u32 width ‖ binary32 …)</c>, with a row per branch and token, conditional branch
    /// first.
    /// </summary>
    /// <exception cref="ArgumentException">Not whole rows, or none.</exception>
    public static Digest OfStates(int step, ReadOnlySpan<float> states, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        if (states.IsEmpty || states.Length % width != 0) throw new ArgumentException($"Rows have {width} values each.", nameof(states));
        using var hasher = new TaggedHasher(statesTag);
        hasher.Append((uint)step);
        hasher.Append((uint)(states.Length / width));
        hasher.Append((uint)width);
        hasher.Append(states);
        return hasher.Finish();
    }

    /// <summary>Merkle root of a trajectory.</summary>
    /// <param name="orderHash">Hash of the order.</param>
    /// <param name="committed">Which latents are committed.</param>
    /// <param name="latents">Their digests, in order.</param>
    /// <exception cref="ArgumentException">There is not one digest per committed latent.</exception>
    public static Digest Root(Digest orderHash, CommittedSteps committed, IReadOnlyList<Digest> latents) => MerkleTree.Root(Leaves(orderHash, committed, latents));

    /// <summary>Hash of the leaf of one latent in the tree, at index 1 + <see cref="CommittedSteps.IndexOf"/>.</summary>
    internal static Digest StepLeaf(int step, Digest latent)
    {
        using var hasher = new TaggedHasher(stepTag);
        hasher.Append((uint)step);
        hasher.Append(latent);
        return MerkleTree.HashLeaf(hasher.Finish().Span);
    }

    /// <summary>Hashes of all leaves.</summary>
    internal static Digest[] Leaves(Digest orderHash, CommittedSteps committed, IReadOnlyList<Digest> latents)
    {
        ArgumentNullException.ThrowIfNull(latents);
        if (latents.Count != committed.Count) throw new ArgumentException($"The trajectory has {committed.Count} committed latents.", nameof(latents));
        return [MerkleTree.HashLeaf(headerTag.Hash(orderHash.Span).Span), .. Enumerable.Range(0, latents.Count).Select(i => StepLeaf(committed[i], latents[i]))];
    }
}

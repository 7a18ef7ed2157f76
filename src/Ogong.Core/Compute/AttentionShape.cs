namespace Ogong.Compute;

/// <summary>Shape of <see cref="ComputeQueue.BidirectionalAttention"/>: every sample's queries see that sample's keys and no others.</summary>
/// <param name="Samples">Independent samples.</param>
/// <param name="Queries">Query rows per sample.</param>
/// <param name="Keys">Key and value rows per sample; as many as queries in self-attention, the length of the conditioning in cross-attention.</param>
/// <param name="Heads">Heads of queries, keys and values alike.</param>
/// <param name="HeadDim">Elements per head.</param>
public readonly record struct AttentionShape(int Samples, int Queries, int Keys, int Heads, int HeadDim)
{
    /// <summary>Query rows of all samples.</summary>
    public int Rows => checked(Samples * Queries);

    /// <summary>Elements per row.</summary>
    public int Width => checked(Heads * HeadDim);
}

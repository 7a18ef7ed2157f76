namespace Ogong.Compute;

/// <summary>What a computation promises about its bits.</summary>
public enum NumericMode : byte
{
    /// <summary>Profile <c>exact-1</c>: the same bits on every backend, thread count, batch, chunking and split.</summary>
    Exact = 0,

    /// <summary>Reduced-precision matrix units; no bits promised, audited by tolerance. The CPU rounds the activations of each linear layer to bfloat16.</summary>
    Fast = 1,
}

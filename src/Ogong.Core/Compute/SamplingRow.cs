using System.Runtime.InteropServices;

namespace Ogong.Compute;

/// <summary>Sampling parameters of one row as a device reads them: 32 bytes, blittable, little-endian.</summary>
/// <param name="Seed">Philox key: the 64-bit seed chosen by the consumer.</param>
/// <param name="TopP">Nucleus share as a 32.32 fixed-point fraction: rint(p · 2³²), so that 2³² keeps everything. Compared as integers: a token is kept iff
/// (weight strictly before it) · 2³² &lt; TopP · total.</param>
/// <param name="Temperature">Divides the logits; 0 means greedy (highest logit, ties to the lowest id).</param>
/// <param name="TopK">Keep the k highest logits (ties to the lowest id); 0 keeps all.</param>
/// <param name="Position">Absolute position of the token being produced: word 1 of the Philox counter.</param>
/// <param name="Reserved">Must be 0.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4, Size = SizeInBytes)]
public readonly record struct SamplingRow(ulong Seed, ulong TopP, float Temperature, int TopK, int Position, int Reserved = 0)
{
    /// <summary>Bytes per row.</summary>
    public const int SizeInBytes = 32;
}

using System.Runtime.InteropServices;

namespace Ogong.Compute;

/// <summary>
/// What one scheduler step does to one sample, as a device reads it: 36 bytes, blittable, little-endian. Every update that is linear in the
/// latent x, the model's output v, a clamped prediction x₀ of the data, and fresh noise has this form; docs/exact-arithmetic.md lists the
/// coefficients of flow-matching Euler, Euler discrete and DDIM.
/// </summary>
/// <param name="InputScale">The model reads <c>mul(InputScale, x)</c>; see <see cref="ComputeQueue.DenoiseInput"/>.</param>
/// <param name="Guidance">Classifier-free guidance scale: <c>v = fma(Guidance, sub(cond, uncond), uncond)</c> in a guided step.</param>
/// <param name="DataFromLatent">a in <c>x₀ = fma(b, v, mul(a, x))</c>.</param>
/// <param name="DataFromOutput">b in the same.</param>
/// <param name="DataLimit">x₀ is clamped to ± this; +∞ for no clamping.</param>
/// <param name="FromLatent">c in <c>x' = fma(e, v, fma(d, x₀, mul(c, x)))</c>.</param>
/// <param name="FromData">d in the same.</param>
/// <param name="FromOutput">e in the same.</param>
/// <param name="FromNoise">f in <c>x' = fma(f, noise, x')</c>, where noise is given.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4, Size = SizeInBytes)]
public readonly record struct DenoiseRow(
    float InputScale, float Guidance, float DataFromLatent, float DataFromOutput, float DataLimit,
    float FromLatent, float FromData, float FromOutput, float FromNoise)
{
    /// <summary>Bytes per sample.</summary>
    public const int SizeInBytes = 36;
}

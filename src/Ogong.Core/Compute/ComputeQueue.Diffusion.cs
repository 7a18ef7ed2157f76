namespace Ogong.Compute;

public abstract partial class ComputeQueue
{
    /// <summary>
    /// Layer norm of each row: <c>mu = div(sum(x), columns)</c>, <c>d = sub(x, mu)</c>, <c>r = div(1, sqrt(add(div(sum(d²), columns), epsilon)))</c>, <c>y = fma(mul(d, r), weight, bias)</c>.
    /// Shapes: x, y [rows × columns] (may be the same buffer); weight, bias [columns] or null, which stand for 1 and +0.
    /// </summary>
    public void LayerNorm(DeviceBuffer x, DeviceBuffer? weight, DeviceBuffer? bias, float epsilon, DeviceBuffer y, int rows, int columns)
    {
        Check(x, (long)rows * columns, nameof(x));
        if (weight is not null) Check(weight, columns, nameof(weight));
        if (bias is not null) Check(bias, columns, nameof(bias));
        Check(y, (long)rows * columns, nameof(y));
        LayerNormCore(x, weight, bias, epsilon, y, rows, columns);
    }

    /// <summary>
    /// Adaptive layer norm (adaLN): with d and r as <see cref="LayerNorm"/> has them, <c>y = fma(mul(d, r), add(1, scale), shift)</c>, shift and scale those of the row's sample.
    /// Shapes: x, y [rows × columns] (may be the same buffer).
    /// </summary>
    /// <param name="x">Input.</param>
    /// <param name="parameters">Per-sample vectors.</param>
    /// <param name="shift">Element of a sample's vectors where its shift [columns] begins.</param>
    /// <param name="scale">Element of a sample's vectors where its scale [columns] begins.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="y">Output.</param>
    /// <param name="rows">Rows of all samples.</param>
    /// <param name="columns">Elements per row.</param>
    public void Modulate(DeviceBuffer x, SampleParameters parameters, int shift, int scale, float epsilon, DeviceBuffer y, int rows, int columns)
    {
        Check(x, (long)rows * columns, nameof(x));
        Check(y, (long)rows * columns, nameof(y));
        parameters.Require(shift, rows, columns, nameof(shift));
        parameters.Require(scale, rows, columns, nameof(scale));
        if (ReferenceEquals(y, parameters.Values)) throw new ArgumentException("Modulate cannot overwrite its parameters.", nameof(y));
        ModulateCore(x, parameters, shift, scale, epsilon, y, rows, columns);
    }

    /// <summary>
    /// Gated residual: <c>x = fma(gate, y, x)</c> in place on x, gate that of the row's sample, from element <paramref name="gate"/> of its vectors on.
    /// Shapes: x, y [rows × columns].
    /// </summary>
    public void GatedResidual(DeviceBuffer x, DeviceBuffer y, SampleParameters parameters, int gate, int rows, int columns)
    {
        Check(x, (long)rows * columns, nameof(x));
        Check(y, (long)rows * columns, nameof(y));
        parameters.Require(gate, rows, columns, nameof(gate));
        if (ReferenceEquals(x, parameters.Values)) throw new ArgumentException("GatedResidual cannot overwrite its gates.", nameof(x));
        GatedResidualCore(x, y, parameters, gate, rows, columns);
    }

    /// <summary>GELU, tanh form: <c>u = mul(x, fma(mul(x, x), c1, c0))</c>, <c>y = div(x, add(1, exp(-u)))</c>, c0 = 2√(2/π), c1 = 0.044715·c0. Shapes: both [count]; y may be x.</summary>
    public void Gelu(DeviceBuffer x, DeviceBuffer y, long count)
    {
        Check(x, count, nameof(x));
        Check(y, count, nameof(y));
        GeluCore(x, y, count);
    }

    /// <summary>SiLU: <c>y = div(x, add(1, exp(-x)))</c>. Shapes: both [count]; y may be x.</summary>
    public void Silu(DeviceBuffer x, DeviceBuffer y, long count)
    {
        Check(x, count, nameof(x));
        Check(y, count, nameof(y));
        SiluCore(x, y, count);
    }

    /// <summary>
    /// Attention of every query over all keys of its sample, without cache, mask or order: <c>s = mul(dot(q, k), div(1, sqrt(head_dim)))</c>, the profile's softmax accumulation by key index within the sample,
    /// <c>y = div(o, z)</c>. The bits are those <see cref="Attention"/> gives a query at the last key's position over a binary32 cache.
    /// </summary>
    /// <param name="q">Queries [Samples × Queries × Heads × HeadDim].</param>
    /// <param name="k">Keys [Samples × Keys × Heads × HeadDim].</param>
    /// <param name="v">Values, shaped as the keys.</param>
    /// <param name="keyCounts">int32 [Samples]: how many keys of each sample are visible, from the first on, in [1, Keys]; null for all.</param>
    /// <param name="y">Output, shaped as the queries; another buffer than the inputs.</param>
    /// <param name="shape">The shape.</param>
    public void BidirectionalAttention(DeviceBuffer q, DeviceBuffer k, DeviceBuffer v, DeviceBuffer? keyCounts, DeviceBuffer y, AttentionShape shape)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(shape.Heads, nameof(shape));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(shape.HeadDim, nameof(shape));
        long rows = shape.Rows, keys = (long)shape.Samples * shape.Keys;
        Check(q, rows * shape.Width, nameof(q));
        Check(k, keys * shape.Width, nameof(k));
        Check(v, keys * shape.Width, nameof(v));
        Check(y, rows * shape.Width, nameof(y));
        if (keyCounts is not null) Check(keyCounts, shape.Samples, nameof(keyCounts));
        if (ReferenceEquals(q, y) || ReferenceEquals(k, y) || ReferenceEquals(v, y)) throw new ArgumentException("Attention cannot run in place.", nameof(y));
        BidirectionalAttentionCore(q, k, v, keyCounts, y, shape);
    }

    /// <summary>
    /// What the model reads in a scheduler step: <c>y[b, s] = mul(InputScale of sample s, x[s])</c> for each branch b. Two branches are the conditional and the unconditional samples of a guided step.
    /// Shapes: x [samples × count], parameters <see cref="DenoiseRow"/> [samples], y [branches × samples × count] (another buffer).
    /// </summary>
    public void DenoiseInput(DeviceBuffer x, DeviceBuffer parameters, DeviceBuffer y, int samples, int count, int branches)
    {
        CheckLatents(x, parameters, samples, count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(branches);
        Check(y, (long)branches * samples * count, nameof(y));
        if (ReferenceEquals(x, y)) throw new ArgumentException("DenoiseInput cannot run in place.", nameof(y));
        DenoiseInputCore(x, parameters, y, samples, count, branches);
    }

    /// <summary>
    /// One scheduler step of every sample by its <see cref="DenoiseRow"/>: guidance, prediction of the data and its clamping, update, noise, as that type defines them.
    /// </summary>
    /// <param name="x">Latents [samples × count].</param>
    /// <param name="output">The model's output [samples × count]; in a guided step conditional [samples × count], then unconditional [samples × count].</param>
    /// <param name="noise">Standard normal noise [samples × count], or null for a step without.</param>
    /// <param name="parameters"><see cref="DenoiseRow"/> [samples].</param>
    /// <param name="y">Next latents [samples × count]; may be <paramref name="x"/>.</param>
    /// <param name="samples">Latents.</param>
    /// <param name="count">Elements per latent.</param>
    /// <param name="guided">Whether the output has both branches.</param>
    public void DenoiseStep(DeviceBuffer x, DeviceBuffer output, DeviceBuffer? noise, DeviceBuffer parameters, DeviceBuffer y, int samples, int count, bool guided)
    {
        CheckLatents(x, parameters, samples, count);
        Check(output, (guided ? 2L : 1L) * samples * count, nameof(output));
        if (noise is not null) Check(noise, (long)samples * count, nameof(noise));
        Check(y, (long)samples * count, nameof(y));
        if (guided && ReferenceEquals(y, output)) throw new ArgumentException("A guided step cannot overwrite the model's output.", nameof(y));
        DenoiseStepCore(x, output, noise, parameters, y, samples, count, guided);
    }

    /// <summary>
    /// Relative distance of each sample from a reference: <c>d = sub(x, reference)</c>, <c>y[s] = div(sqrt(sum(d²)), max(sqrt(sum(reference²)), 2⁻¹²⁶))</c>; NaN, which raises, if a sum is not finite.
    /// Shapes: x, reference [samples × count], y [samples].
    /// </summary>
    public void LatentDistance(DeviceBuffer x, DeviceBuffer reference, DeviceBuffer y, int samples, int count)
    {
        Check(x, (long)samples * count, nameof(x));
        Check(reference, (long)samples * count, nameof(reference));
        Check(y, samples, nameof(y));
        LatentDistanceCore(x, reference, y, samples, count);
    }

    /// <summary>Backend part of <see cref="LayerNorm"/>.</summary>
    protected abstract void LayerNormCore(DeviceBuffer x, DeviceBuffer? weight, DeviceBuffer? bias, float epsilon, DeviceBuffer y, int rows, int columns);

    /// <summary>Backend part of <see cref="Modulate"/>.</summary>
    protected abstract void ModulateCore(DeviceBuffer x, SampleParameters parameters, int shift, int scale, float epsilon, DeviceBuffer y, int rows, int columns);

    /// <summary>Backend part of <see cref="GatedResidual"/>.</summary>
    protected abstract void GatedResidualCore(DeviceBuffer x, DeviceBuffer y, SampleParameters parameters, int gate, int rows, int columns);

    /// <summary>Backend part of <see cref="Gelu"/>.</summary>
    protected abstract void GeluCore(DeviceBuffer x, DeviceBuffer y, long count);

    /// <summary>Backend part of <see cref="Silu"/>.</summary>
    protected abstract void SiluCore(DeviceBuffer x, DeviceBuffer y, long count);

    /// <summary>Backend part of <see cref="BidirectionalAttention"/>.</summary>
    protected abstract void BidirectionalAttentionCore(DeviceBuffer q, DeviceBuffer k, DeviceBuffer v, DeviceBuffer? keyCounts, DeviceBuffer y, AttentionShape shape);

    /// <summary>Backend part of <see cref="DenoiseInput"/>.</summary>
    protected abstract void DenoiseInputCore(DeviceBuffer x, DeviceBuffer parameters, DeviceBuffer y, int samples, int count, int branches);

    /// <summary>Backend part of <see cref="DenoiseStep"/>.</summary>
    protected abstract void DenoiseStepCore(DeviceBuffer x, DeviceBuffer output, DeviceBuffer? noise, DeviceBuffer parameters, DeviceBuffer y, int samples, int count, bool guided);

    /// <summary>Backend part of <see cref="LatentDistance"/>.</summary>
    protected abstract void LatentDistanceCore(DeviceBuffer x, DeviceBuffer reference, DeviceBuffer y, int samples, int count);

    private static void CheckLatents(DeviceBuffer x, DeviceBuffer parameters, int samples, int count)
    {
        Check(x, (long)samples * count, nameof(x));
        ArgumentNullException.ThrowIfNull(parameters);
        parameters.Require(samples, DenoiseRow.SizeInBytes, nameof(parameters));
    }
}

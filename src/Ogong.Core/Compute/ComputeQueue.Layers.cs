namespace Ogong.Compute;

public abstract partial class ComputeQueue
{
    /// <summary>Embedding: <c>y[r] = table[tokens[r]]</c>, widened. Shapes: tokens int32 [rows], y [rows × table.Columns]. Token ids must lie in the table (the caller checks).</summary>
    public void Embed(Weight table, DeviceBuffer tokens, DeviceBuffer y, int rows)
    {
        ArgumentNullException.ThrowIfNull(table);
        Check(tokens, rows, nameof(tokens));
        Check(y, (long)rows * table.Columns, nameof(y));
        EmbedCore(table, tokens, y, rows);
    }

    /// <summary>
    /// RMS norm of each row: <c>r = div(1, sqrt(add(div(sum(x²), columns), epsilon)))</c>, <c>y = mul(mul(x, r), weight)</c>.
    /// Shapes: x, y [rows × columns] (may be the same buffer), weight [columns]. A per-head norm passes rows·heads and head_dim.
    /// </summary>
    public void RmsNorm(DeviceBuffer x, DeviceBuffer weight, float epsilon, DeviceBuffer y, int rows, int columns)
    {
        Check(x, (long)rows * columns, nameof(x));
        Check(weight, columns, nameof(weight));
        Check(y, (long)rows * columns, nameof(y));
        RmsNormCore(x, weight, epsilon, y, rows, columns);
    }

    /// <summary>
    /// Linear layer: <c>y[r, j] = dot(x[r], w[j]) (+ bias[j])</c> with the profile's chunked dot product; in <see cref="NumericMode.Fast"/> on the backend's reduced-precision units.
    /// Shapes: x [rows × w.Columns], y [rows × w.Rows] (another buffer), bias [w.Rows] or null.
    /// </summary>
    public void Linear(DeviceBuffer x, Weight w, DeviceBuffer? bias, DeviceBuffer y, int rows, NumericMode mode)
    {
        ArgumentNullException.ThrowIfNull(w);
        Check(x, (long)rows * w.Columns, nameof(x));
        Check(y, (long)rows * w.Rows, nameof(y));
        if (bias is not null) Check(bias, w.Rows, nameof(bias));
        if (ReferenceEquals(x, y)) throw new ArgumentException("Linear cannot run in place.", nameof(y));
        LinearCore(x, w, bias, y, rows, mode);
    }

    /// <summary>
    /// Rotary position embedding in place, half-split: with d = headDim/2, for i &lt; d: <c>a' = fma(-b, sin, mul(a, cos))</c>, <c>b' = fma(a, sin, mul(b, cos))</c>, a = x[i], b = x[i + d].
    /// Shapes: x [rows × heads × headDim], table [positions × headDim]: per position d cosines, then d sines.
    /// </summary>
    public void Rope(DeviceBuffer x, DeviceBuffer table, BatchLayout batch, int rows, int heads, int headDim)
    {
        CheckBatch(batch, rows);
        ArgumentNullException.ThrowIfNull(table);
        if (headDim % 2 != 0) throw new ArgumentException("The head dimension must be even.", nameof(headDim));
        Check(x, (long)rows * heads * headDim, nameof(x));
        RopeCore(x, table, batch, rows, heads, headDim);
    }

    /// <summary>Appends keys and values of each row at its sequence and position, rounded to the cache's type. Shapes: k, v [rows × KvHeads × HeadDim].</summary>
    public void AppendKv(KvCache cache, int layer, DeviceBuffer k, DeviceBuffer v, BatchLayout batch, int rows)
    {
        long width = CheckCache(cache, layer, batch, rows);
        Check(k, rows * width, nameof(k));
        Check(v, rows * width, nameof(v));
        AppendKvCore(cache, layer, k, v, batch, rows);
    }

    /// <summary>
    /// Causal grouped-query attention of each row over its own sequence's cache (already appended): <c>s = mul(dot(q, k), div(1, sqrt(head_dim)))</c>, key j visible to query i iff <c>i − window &lt; j ≤ i</c>,
    /// kv head ⌊h · KvHeads / heads⌋, the profile's softmax accumulation by absolute key position, <c>y = div(o, z)</c>.
    /// Shapes: q, y [rows × heads × HeadDim].
    /// </summary>
    /// <param name="cache">Paged cache holding every visible key.</param>
    /// <param name="layer">Layer of the cache.</param>
    /// <param name="q">Queries, after QK norm and RoPE.</param>
    /// <param name="y">Output, another buffer than <paramref name="q"/>.</param>
    /// <param name="batch">Positions, sequences and page tables.</param>
    /// <param name="rows">Rows of this step.</param>
    /// <param name="heads">Query heads, a multiple of the cache's key/value heads.</param>
    /// <param name="window">Sliding window in positions; <see cref="int.MaxValue"/> for none.</param>
    /// <param name="mode">In <see cref="NumericMode.Fast"/> a backend may use its reduced-precision matrix units; the host backends compute both modes alike.</param>
    public void Attention(
        KvCache cache, int layer, DeviceBuffer q, DeviceBuffer y, BatchLayout batch, int rows, int heads, int window, NumericMode mode)
    {
        CheckCache(cache, layer, batch, rows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(window);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(heads);
        if (heads % cache.Shape.KvHeads != 0) throw new ArgumentException("The key/value heads must divide the query heads.", nameof(heads));
        Check(q, (long)rows * heads * cache.Shape.HeadDim, nameof(q));
        Check(y, (long)rows * heads * cache.Shape.HeadDim, nameof(y));
        if (ReferenceEquals(q, y)) throw new ArgumentException("Attention cannot run in place.", nameof(y));
        AttentionCore(cache, layer, q, y, batch, rows, heads, window, mode);
    }

    /// <summary>SiLU gate: <c>y = mul(div(gate, add(1, exp(-gate))), up)</c>. Shapes: all [count]; y may be gate or up.</summary>
    public void GatedActivation(DeviceBuffer gate, DeviceBuffer up, DeviceBuffer y, long count)
    {
        Check(gate, count, nameof(gate));
        Check(up, count, nameof(up));
        Check(y, count, nameof(y));
        GatedActivationCore(gate, up, y, count);
    }

    /// <summary>Residual: <c>x = add(x, y)</c> in place on x. Shapes: both [count].</summary>
    public void Residual(DeviceBuffer x, DeviceBuffer y, long count)
    {
        Check(x, count, nameof(x));
        Check(y, count, nameof(y));
        ResidualCore(x, y, count);
    }

    /// <summary>Copies rows: <c>y[i] = x[indices[i]]</c>. Shapes: indices int32 [rows], y [rows × columns].</summary>
    public void GatherRows(DeviceBuffer x, DeviceBuffer indices, DeviceBuffer y, int rows, int columns)
    {
        ArgumentNullException.ThrowIfNull(x);
        Check(indices, rows, nameof(indices));
        Check(y, (long)rows * columns, nameof(y));
        GatherRowsCore(x, indices, y, rows, columns);
    }

    /// <summary>Backend part of <see cref="Embed"/>.</summary>
    protected abstract void EmbedCore(Weight table, DeviceBuffer tokens, DeviceBuffer y, int rows);

    /// <summary>Backend part of <see cref="RmsNorm"/>.</summary>
    protected abstract void RmsNormCore(DeviceBuffer x, DeviceBuffer weight, float epsilon, DeviceBuffer y, int rows, int columns);

    /// <summary>Backend part of <see cref="Linear"/>.</summary>
    protected abstract void LinearCore(DeviceBuffer x, Weight w, DeviceBuffer? bias, DeviceBuffer y, int rows, NumericMode mode);

    /// <summary>Backend part of <see cref="Rope"/>.</summary>
    protected abstract void RopeCore(DeviceBuffer x, DeviceBuffer table, BatchLayout batch, int rows, int heads, int headDim);

    /// <summary>Backend part of <see cref="AppendKv"/>.</summary>
    protected abstract void AppendKvCore(KvCache cache, int layer, DeviceBuffer k, DeviceBuffer v, BatchLayout batch, int rows);

    /// <summary>Backend part of <see cref="Attention"/>.</summary>
    protected abstract void AttentionCore(
        KvCache cache, int layer, DeviceBuffer q, DeviceBuffer y, BatchLayout batch, int rows, int heads, int window, NumericMode mode);

    /// <summary>Backend part of <see cref="GatedActivation"/>.</summary>
    protected abstract void GatedActivationCore(DeviceBuffer gate, DeviceBuffer up, DeviceBuffer y, long count);

    /// <summary>Backend part of <see cref="Residual"/>.</summary>
    protected abstract void ResidualCore(DeviceBuffer x, DeviceBuffer y, long count);

    /// <summary>Backend part of <see cref="GatherRows"/>.</summary>
    protected abstract void GatherRowsCore(DeviceBuffer x, DeviceBuffer indices, DeviceBuffer y, int rows, int columns);

    private static void Check(DeviceBuffer buffer, long count, string name)
    {
        ArgumentNullException.ThrowIfNull(buffer, name);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count, name);
        buffer.Require(count, sizeof(float), name);
    }

    private static void CheckBatch(BatchLayout batch, int rows)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, batch.MaxRows);
    }

    private static long CheckCache(KvCache cache, int layer, BatchLayout batch, int rows)
    {
        ArgumentNullException.ThrowIfNull(cache);
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(layer, cache.Shape.Layers);
        CheckBatch(batch, rows);
        return (long)cache.Shape.KvHeads * cache.Shape.HeadDim;
    }
}

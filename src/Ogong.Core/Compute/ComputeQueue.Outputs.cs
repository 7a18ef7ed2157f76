namespace Ogong.Compute;

public abstract partial class ComputeQueue
{
    /// <summary>
    /// SRP sketch of each row: <c>y[r, d] = mul(dot(h[r], ±1), div(1, sqrt(columns)))</c>, signs from Philox keyed by the bank seed (no stored matrix).
    /// Shapes: h [rows × columns], y [rows × directions].
    /// </summary>
    public void SrpProject(DeviceBuffer h, ulong bankSeed, DeviceBuffer y, int rows, int columns, int directions)
    {
        Check(h, (long)rows * columns, nameof(h));
        Check(y, (long)rows * directions, nameof(y));
        SrpProjectCore(h, bankSeed, y, rows, columns, directions);
    }

    /// <summary>
    /// Top-k log-probabilities of each row, by (logit descending, id ascending): <c>lse = add(m, log(z))</c> by the profile's softmax accumulation, <c>lp = sub(l, lse)</c>; one read of the logits.
    /// Shapes: logits [rows × vocabulary], ids int32 [rows × k], logprobs [rows × k]; targets int32 [rows] or null, targetLogprobs [rows] (given with targets): the log-probability of one chosen id per row.
    /// </summary>
    public void LogprobDigest(DeviceBuffer logits, DeviceBuffer ids, DeviceBuffer logprobs, DeviceBuffer? targets, DeviceBuffer? targetLogprobs, int rows, int vocabulary, int k)
    {
        Check(logits, (long)rows * vocabulary, nameof(logits));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, vocabulary);
        Check(ids, (long)rows * k, nameof(ids));
        Check(logprobs, (long)rows * k, nameof(logprobs));
        if (targets is null != targetLogprobs is null) throw new ArgumentException("Targets and their log-probabilities go together.", nameof(targets));
        if (targets is not null) Check(targets, rows, nameof(targets));
        if (targetLogprobs is not null) Check(targetLogprobs, rows, nameof(targetLogprobs));
        LogprobDigestCore(logits, ids, logprobs, targets, targetLogprobs, rows, vocabulary, k);
    }

    /// <summary>Chooses one token per row by the profile's greedy or Gumbel-max rule. Shapes: logits [rows × vocabulary], parameters <see cref="SamplingRow"/> [rows], tokens int32 [rows].</summary>
    public void Sample(DeviceBuffer logits, DeviceBuffer parameters, DeviceBuffer tokens, int rows, int vocabulary)
    {
        CheckSampling(logits, parameters, rows, vocabulary);
        Check(tokens, rows, nameof(tokens));
        SampleCore(logits, parameters, tokens, rows, vocabulary);
    }

    /// <summary>
    /// How far each claimed token is from the one <see cref="Sample"/> would choose: <c>max(0, best score − its score)</c> in Gumbel-score units (logit units when greedy), 0 for the chosen token itself;
    /// a token that top-k or top-p excludes also adds (lowest kept logit − its logit) / T.
    /// Shapes: as <see cref="Sample"/>; claimed int32 [rows], margins [rows].
    /// </summary>
    public void SampleMargin(DeviceBuffer logits, DeviceBuffer parameters, DeviceBuffer claimed, DeviceBuffer margins, int rows, int vocabulary)
    {
        CheckSampling(logits, parameters, rows, vocabulary);
        Check(claimed, rows, nameof(claimed));
        Check(margins, rows, nameof(margins));
        SampleMarginCore(logits, parameters, claimed, margins, rows, vocabulary);
    }

    /// <summary>Backend part of <see cref="SrpProject"/>.</summary>
    protected abstract void SrpProjectCore(DeviceBuffer h, ulong bankSeed, DeviceBuffer y, int rows, int columns, int directions);

    /// <summary>Backend part of <see cref="LogprobDigest"/>.</summary>
    protected abstract void LogprobDigestCore(DeviceBuffer logits, DeviceBuffer ids, DeviceBuffer logprobs, DeviceBuffer? targets, DeviceBuffer? targetLogprobs, int rows, int vocabulary, int k);

    /// <summary>Backend part of <see cref="Sample"/>.</summary>
    protected abstract void SampleCore(DeviceBuffer logits, DeviceBuffer parameters, DeviceBuffer tokens, int rows, int vocabulary);

    /// <summary>Backend part of <see cref="SampleMargin"/>.</summary>
    protected abstract void SampleMarginCore(DeviceBuffer logits, DeviceBuffer parameters, DeviceBuffer claimed, DeviceBuffer margins, int rows, int vocabulary);

    private static void CheckSampling(DeviceBuffer logits, DeviceBuffer parameters, int rows, int vocabulary)
    {
        Check(logits, (long)rows * vocabulary, nameof(logits));
        ArgumentNullException.ThrowIfNull(parameters);
        parameters.Require(rows, SamplingRow.SizeInBytes, nameof(parameters));
    }
}

using Ogong.Compute;
using Ogong.Kernels.Host;

namespace Ogong.Kernels.Cpu;

internal sealed unsafe partial class CpuQueue
{
    protected override void SampleMarginCore(DeviceBuffer logits, DeviceBuffer parameters, DeviceBuffer claimed, DeviceBuffer margins,
        int rows, int vocabulary)
    {
        int* tokens = HostBuffer.From(claimed).Ints;
        float* output = HostBuffer.From(margins).Floats;
        for (int row = 0; row < rows; row++)
        {
            int token = tokens[row];
            if ((uint)token >= (uint)vocabulary)
                throw new ArgumentException(
                    $"Claimed token {token} of row {row} is outside the vocabulary of {vocabulary}.", nameof(claimed));
            if (!TryScale(logits, parameters, row, rows, vocabulary, Operation.SampleMargin, out SampleStep step)) return;
            output[row] = Margin(step, token);
        }
        CheckFinite(output, rows, 1, Operation.SampleMargin);
    }

    private float Margin(in SampleStep step, int token)
    {
        float logit = step.Logits[token];
        if (step.IsGreedy) return Math.Max(0f, step.First.Value - logit);
        KeptTokens kept = Keep(step);
        float margin = Math.Max(0f, Choose(step, kept).Value - Score(step, token));
        (float lowest, int id) = kept.Last;
        bool excluded = logit < lowest || (logit == lowest && token > id);
        return excluded ? margin + ((lowest - logit) / step.Row.Temperature) : margin;
    }
}

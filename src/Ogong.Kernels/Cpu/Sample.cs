using Ogong.Compute;
using Ogong.Kernels.Host;

namespace Ogong.Kernels.Cpu;

internal sealed unsafe partial class CpuQueue
{
    private readonly Scratch _sampleScratch = new();

    protected override void SampleCore(DeviceBuffer logits, DeviceBuffer parameters, DeviceBuffer tokens, int rows, int vocabulary)
    {
        int* chosen = HostBuffer.From(tokens).Ints;
        for (int row = 0; row < rows; row++)
        {
            if (!TryScale(logits, parameters, row, rows, vocabulary, Operation.Sample, out SampleStep step)) return;
            chosen[row] = step.IsGreedy ? step.First.Id : Choose(step, Keep(step)).Id;
        }
    }

    /// <summary>Scales one row and finds its highest logit. False, and the fault is raised, if a scaled logit is not finite.</summary>
    private bool TryScale(DeviceBuffer logits, DeviceBuffer parameters, int row, int rows, int vocabulary, Operation operation,
        out SampleStep step)
    {
        float* all = HostBuffer.From(logits).Floats;
        var samplings = (SamplingRow*)HostBuffer.From(parameters).Pointer;
        step = new SampleStep { Logits = all + ((long)row * vocabulary), Vocabulary = vocabulary, Row = samplings[row] };
        long scaledBytes = ((sizeof(float) * (long)vocabulary) + 63) & ~63L;
        byte* memory = _sampleScratch.Reserve(scaledBytes + ((long)sizeof(SamplePart) * step.PartCount));
        step.Scaled = (float*)memory;
        step.Parts = (SamplePart*)(memory + scaledBytes);
        Run(step.PartCount, new ScaleJob(step));
        bool finite = true;
        step.First = step.Parts[0].Best;
        for (int part = 0; part < step.PartCount; part++)
        {
            finite &= step.Parts[part].Finite;
            if (step.Parts[part].Best.Value > step.First.Value) step.First = step.Parts[part].Best;
        }
        if (!finite) RaiseScaled(all, samplings, rows, vocabulary, operation);
        return finite;
    }

    /// <summary>Names the first scaled logit of the step that is not finite.</summary>
    private void RaiseScaled(float* logits, SamplingRow* samplings, int rows, int vocabulary, Operation operation)
    {
        var scaled = new float[(long)rows * vocabulary];
        for (long i = 0; i < scaled.LongLength; i++)
        {
            float temperature = samplings[i / vocabulary].Temperature;
            scaled[i] = temperature > 0f ? logits[i] / temperature : logits[i];
        }
        fixed (float* p = scaled) CheckFinite(p, rows, vocabulary, operation);
    }
}

using Ogong.Compute;

namespace Ogong.Tests.Kernels;

/// <summary>Linear on integer weights, and Embed from such a table, which a tied head shares.</summary>
internal abstract class BlockLinearTests(BackendCase backend, ElementType type) : OperationTests(backend)
{
    protected override int Cases => 500;

    protected override async Task<byte[]> RunAsync(IBackend backend, int seed)
    {
        var inputs = new Inputs(seed);
        NumericMode mode = inputs.OneIn(3) ? NumericMode.Fast : NumericMode.Exact;
        int rows = inputs.OneIn(3) ? 1 : inputs.OneIn(8) ? inputs.Between(10, 30) : inputs.Between(2, 9);
        int columns = inputs.Width(type), outputs = inputs.OneIn(5) ? inputs.Between(33, 70) : inputs.Between(1, 32);
        using var step = new Step(backend);
        Weight w = step.Load(inputs.BlockTensor(type, outputs, columns));
        DeviceBuffer y = step.Output(rows * outputs), embedded = step.Output(3 * columns);
        DeviceBuffer? bias = inputs.OneIn(2) ? step.Upload(inputs.Tame(outputs)) : null;
        step.Queue.Linear(step.Upload(inputs.Values(rows * columns)), w, bias, y, rows, mode);
        step.Queue.Embed(w, step.Upload(0, outputs - 1, inputs.Between(0, outputs - 1)), embedded, 3);
        return await step.FinishAsync((y, rows * outputs), (embedded, 3 * columns));
    }
}

internal sealed class I8_256LinearTests(BackendCase backend) : BlockLinearTests(backend, ElementType.I8_256)
{
    protected override string Digest => "3c8e7469c654defbeebf3b12a2049ac9d310aa4dd80d094264333b5348b5cc23";
}

internal sealed class Q8_0LinearTests(BackendCase backend) : BlockLinearTests(backend, ElementType.Q8_0)
{
    protected override string Digest => "e8715072769ccebc4e520cc72abc7635a4acbf14a4b16e062945901175e9c1ee";
}

internal sealed class Q4_0LinearTests(BackendCase backend) : BlockLinearTests(backend, ElementType.Q4_0)
{
    protected override string Digest => "2118ed97134ae594c47b834c3c6809a6149ee9b29846407ef4589e320d5a1d14";
}

internal sealed class Q4KLinearTests(BackendCase backend) : BlockLinearTests(backend, ElementType.Q4_K)
{
    protected override string Digest => "a3be6b299acd556451da7dcabe56b63e0bfe6ed925f7f2428031a6e7a94b857e";
}

internal sealed class Q6KLinearTests(BackendCase backend) : BlockLinearTests(backend, ElementType.Q6_K)
{
    protected override string Digest => "687787b29e0887b8ec46dc9767e1220f9f62c0536ca74865fd91f1ab0d62c7f4";
}

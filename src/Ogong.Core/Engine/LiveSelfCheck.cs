using System.Runtime.InteropServices;
using Ogong.Commitments;

namespace Ogong.Engine;

/// <summary>
/// Computes each window a second time, all its rows at once, and compares bit for bit what came out. Exact profile only: there the two computations run different code paths
/// (one row, many rows) and must agree.
/// </summary>
internal sealed class LiveSelfCheck(SegmentLane lane, CachedSequence sequence, LastSegmentOutput? last, int promptLength)
{
    private readonly int _width = lane.Executor.Config.HiddenSize;
    private readonly byte[] _input = new byte[CommitmentWindow.Length * lane.Executor.Config.HiddenSize * sizeof(float)];
    private readonly float[] _output = new float[CommitmentWindow.Length * lane.Executor.Config.HiddenSize];

    /// <summary>Remembers rows, all of one window.</summary>
    /// <param name="position">Their first position.</param>
    /// <param name="rows">How many.</param>
    /// <param name="input">Their input, as it came.</param>
    /// <param name="output">Their output states; for the last segment the inputs of the LM head.</param>
    public void Record(int position, int rows, ReadOnlySpan<byte> input, ReadOnlySpan<float> output)
    {
        int at = position % CommitmentWindow.Length;
        input.CopyTo(_input.AsSpan(at * (input.Length / rows)));
        // Of the last segment's rows before the prompt's end nothing comes out.
        output.CopyTo(_output.AsSpan(((at + rows) * _width) - output.Length));
    }

    /// <summary>Whether the window's rows come out the same again.</summary>
    public async ValueTask<bool> AgreesAsync(int window, int rows, CancellationToken cancellationToken)
    {
        (StepExecutor executor, int length, int first) = (lane.Executor, sequence.Length, window * CommitmentWindow.Length);
        sequence.Length = first;
        executor.Begin();
        if (executor.Layers.First == 0) executor.Append(sequence, StateBytes.Tokens(_input.AsSpan(0, rows * sizeof(int))));
        else executor.Append(sequence, StateBytes.Singles(_input.AsSpan(0, rows * _width * sizeof(float))));
        sequence.Length = length;
        executor.Forward();

        int skipped = last is null ? 0 : Math.Clamp(promptLength - 1 - first, 0, rows);
        float[] again = last is null ? new float[rows * _width] : lane.Batch!.Hidden;
        if (last is null) executor.Queue.Read<float>(executor.Hidden, again);
        else if (skipped < rows) last.Enqueue(first + skipped, skipped, rows - skipped, default);
        await executor.Queue.CompleteAsync(cancellationToken).ConfigureAwait(false);
        ReadOnlySpan<float> before = _output.AsSpan(skipped * _width, (rows - skipped) * _width);
        return MemoryMarshal.AsBytes(before).SequenceEqual(MemoryMarshal.AsBytes(again.AsSpan(0, before.Length)));
    }
}

using System.Runtime.InteropServices;
using Ogong.Bytes;
using Ogong.Commitments;
using Ogong.Compute;
using Ogong.Records;

namespace Ogong.Engine;

/// <summary>What the last segment does beyond its layers: choose tokens, decide the stop, commit to text windows.</summary>
internal sealed class LastSegmentOutput(SegmentLane lane, Order order, int promptLength) : IDisposable
{
    private readonly TextCommitter _committer = new(lane.Executor.Config.HiddenSize, order.Profile.Sketch, order.Profile.TopK);
    private readonly StopRule _stopRule = order.StopRule;
    private readonly List<int> _reply = [];
    private readonly int[] _rows = new int[lane.Outputs!.MaxRows];
    private readonly SamplingRow[] _sampling = new SamplingRow[lane.Outputs!.MaxRows];

    public IReadOnlyList<int> Reply => _reply;

    public float Logprob { get; private set; }

    public StopReason? Stop { get; private set; }

    /// <summary>Inputs of the LM head at the rows chosen from in the last call, if all fitted one batch.</summary>
    public ReadOnlySpan<float> LastStates => lane.Batch!.Hidden.AsSpan(0, lane.Batch!.Count * lane.Batch!.HiddenSize);

    public IReadOnlyList<TextWindowEvidence> Windows => _committer.Windows;

    public Digest Finish() => _committer.Finish();

    /// <summary>Chooses the tokens of the rows [position, position + <paramref name="rows"/>) of the step that follow the prompt: the known ones as they are, one more at the end.</summary>
    public async ValueTask ProduceAsync(int position, int rows, ReadOnlyMemory<int> known, CancellationToken cancellationToken)
    {
        ComputeQueue queue = lane.Executor.Queue;
        lane.Batch!.Count = 0;
        for (int p = Math.Max(position, promptLength - 1); p < position + rows;)
        {
            int index = p - Math.Max(position, promptLength - 1);
            int count = Math.Min(lane.Outputs!.MaxRows, position + rows - p);
            bool forced = index < known.Length;
            if (forced) count = Math.Min(count, known.Length - index);
            else if (count > 1) throw new SessionFault("Rows past the prompt's end come one at a time, unless their tokens are known.");
            Enqueue(p, p - position, count, forced ? known.Slice(index, count) : default);
            queue.EndStep();
            await queue.CompleteAsync(cancellationToken).ConfigureAwait(false);
            for (int i = 0; i < count; i++) Accept(i, forced);
            p += count;
        }
        await queue.CompleteAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Enqueues the outputs of some rows of the step into the lane's batch.</summary>
    public void Enqueue(int position, int firstRow, int count, ReadOnlyMemory<int> tokens)
    {
        for (int i = 0; i < count; i++)
        {
            _rows[i] = firstRow + i;
            _sampling[i] = order.Sampling.RowAt(position + i + 1);
        }
        if (tokens.IsEmpty) lane.Outputs!.Sample(_rows.AsSpan(0, count), _sampling.AsSpan(0, count), lane.Batch!);
        else lane.Outputs!.Force(_rows.AsSpan(0, count), tokens.Span, _sampling.AsSpan(0, count), lane.Batch!);
    }

    public void Dispose() => _committer.Dispose();

    private void Accept(int row, bool forced)
    {
        OutputBatch batch = lane.Batch!;
        if (Stop is not null) throw new SessionFault("There are rows after the end of the reply.");
        if (forced && order.Profile.IsExact && batch.Margins[row] != 0)
            throw new SessionFault($"Token {_reply.Count} handed out before is not the one the sampler chooses.");
        _reply.Add(batch.Tokens[row]);
        Logprob = batch.Logprobs[row];
        Stop = _stopRule.Decide(CollectionsMarshal.AsSpan(_reply));
        _committer.Append(batch.Tokens[row], batch.HiddenOf(row), batch.SketchOf(row), batch.TopIdsOf(row), batch.TopLogprobsOf(row));
    }
}

using Ogong.Compute;
using Ogong.Records;

namespace Ogong.Engine;

/// <summary>Reads known tokens through a whole model in chunks, and visits the outputs of the positions asked for. Scoring and auditing are this.</summary>
/// <remarks>Not thread-safe: belongs to its executor.</remarks>
internal sealed class TeacherForcedPass(StepExecutor executor, OutputStage outputs)
{
    private readonly OutputBatch _batch = outputs.CreateBatch();
    private readonly int[] _rows = new int[outputs.MaxRows];
    private readonly SamplingRow[] _sampling = new SamplingRow[outputs.MaxRows];

    /// <summary>Sees the outputs of positions [<paramref name="position"/>, <paramref name="position"/> + <c>outputs.Count</c>).</summary>
    public delegate void Visitor(OutputBatch outputs, int position);

    /// <summary>Reads <paramref name="tokens"/> from position 0. The output at position p concerns token p + 1; the last position's token is taken to be 0.</summary>
    /// <param name="tokens">All tokens.</param>
    /// <param name="firstOutput">First position whose outputs are wanted.</param>
    /// <param name="sampling">Where given, each token's margin from the choice these parameters make is measured.</param>
    /// <param name="visit">Called in ascending order of position.</param>
    /// <param name="cancellationToken">Abandons the pass between chunks.</param>
    public async Task RunAsync(
        ReadOnlyMemory<int> tokens, int firstOutput, SamplingParameters? sampling, Visitor visit, CancellationToken cancellationToken)
    {
        using CachedSequence sequence = executor.Pages.Reserve(tokens.Length);
        for (int start = 0; start < tokens.Length; start += executor.Options.RowsPerStep)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = Math.Min(executor.Options.RowsPerStep, tokens.Length - start);
            executor.Begin();
            executor.Append(sequence, tokens.Span.Slice(start, count));
            executor.Forward();
            for (int position = Math.Max(start, firstOutput); position < start + count; position += outputs.MaxRows)
            {
                int rows = Math.Min(outputs.MaxRows, start + count - position);
                Force(tokens.Span, position, position - start, rows, sampling);
                await executor.Queue.CompleteAsync(cancellationToken).ConfigureAwait(false);
                visit(_batch, position);
            }
            await executor.Queue.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private void Force(ReadOnlySpan<int> tokens, int position, int firstRow, int rows, SamplingParameters? sampling)
    {
        Span<int> targets = stackalloc int[rows];
        for (int i = 0; i < rows; i++)
        {
            _rows[i] = firstRow + i;
            targets[i] = position + i + 1 < tokens.Length ? tokens[position + i + 1] : 0;
            if (sampling is not null) _sampling[i] = sampling.RowAt(position + i + 1);
        }
        outputs.Force(_rows.AsSpan(0, rows), targets, sampling is null ? [] : _sampling.AsSpan(0, rows), _batch);
    }
}

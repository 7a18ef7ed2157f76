using System.Security.Cryptography;
using Ogong.Commitments;

namespace Ogong.Engine;

/// <summary>Scores given tokens under a model in one teacher-forced pass, without generating. Prompts are read in chunks of <see cref="ExecutionOptions.RowsPerStep"/>.</summary>
/// <remarks>Thread-safe: calls take turns. Owns its cache and buffers, not the segments, which must outlive it.</remarks>
public sealed class TextScorer : IDisposable
{
    private readonly StepExecutor _executor;
    private readonly OutputStage _outputs;
    private readonly TeacherForcedPass _pass;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly int _topK;

    /// <summary>Prepares to score on <paramref name="segments"/>, which must follow each other from layer 0 to the last, on one backend.</summary>
    /// <param name="segments">One segment with all layers, or several that tile them.</param>
    /// <param name="options">How steps are run; one sequence at a time.</param>
    /// <param name="topK">Likeliest tokens reported per position, at least 1.</param>
    public TextScorer(IReadOnlyList<Segment> segments, ExecutionOptions? options = null, int topK = 5)
    {
        ArgumentNullException.ThrowIfNull(segments);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(topK);
        _executor = StepExecutor.ForWholeModel(segments, (options ?? new ExecutionOptions()) with { Sequences = 1 });
        _topK = Math.Min(topK, _executor.Config.VocabularySize);
        _outputs = new OutputStage(_executor, _topK, SketchParameters.None);
        _pass = new TeacherForcedPass(_executor, _outputs);
    }

    /// <summary>Scores <paramref name="tokens"/>.</summary>
    /// <param name="tokens">Token ids, at least one.</param>
    /// <param name="keepHiddenStates">Whether the result holds the last hidden states themselves, not only their hash.</param>
    /// <param name="cancellationToken">Abandons the pass between chunks.</param>
    /// <exception cref="ArgumentException">There are no tokens, too many for the context, or one outside the vocabulary.</exception>
    public async Task<ScoreResult> ScoreAsync(ReadOnlyMemory<int> tokens, bool keepHiddenStates = false, CancellationToken cancellationToken = default)
    {
        if (tokens.IsEmpty) throw new ArgumentException("There are no tokens.", nameof(tokens));
        if (tokens.Length > _executor.ContextLength)
            throw new ArgumentException($"{tokens.Length} tokens do not fit a context of {_executor.ContextLength}.", nameof(tokens));
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await RunAsync(tokens, keepHiddenStates, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _turn.Wait();
        _outputs.Dispose();
        _executor.Dispose();
        _turn.Dispose();
    }

    private async Task<ScoreResult> RunAsync(ReadOnlyMemory<int> tokens, bool keepHiddenStates, CancellationToken cancellationToken)
    {
        var logprobs = new float?[tokens.Length];
        var top = new TokenLogprob[tokens.Length][];
        float[]? hidden = keepHiddenStates ? new float[tokens.Length * _executor.Config.HiddenSize] : null;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await _pass.RunAsync(tokens, 0, null, Visit, cancellationToken).ConfigureAwait(false);
        return new ScoreResult
        {
            TokenLogprobs = logprobs,
            TopLogprobs = top,
            HiddenSha256 = Convert.ToHexStringLower(hash.GetHashAndReset()),
            HiddenStates = hidden,
            Device = _executor.Backend.Device,
            Mode = _executor.Options.Mode,
        };

        void Visit(OutputBatch outputs, int position)
        {
            for (int row = 0; row < outputs.Count; row++)
            {
                int p = position + row;
                if (p + 1 < logprobs.Length) logprobs[p + 1] = outputs.Logprobs[row];
                top[p] = new TokenLogprob[_topK];
                for (int k = 0; k < _topK; k++) top[p][k] = new TokenLogprob(outputs.TopIdsOf(row)[k], outputs.TopLogprobsOf(row)[k]);
            }
            ReadOnlySpan<float> states = outputs.Hidden.AsSpan(0, outputs.Count * outputs.HiddenSize);
            hash.AppendData(StateBytes.LittleEndian(states));
            if (hidden is not null) states.CopyTo(hidden.AsSpan(position * outputs.HiddenSize));
        }
    }
}

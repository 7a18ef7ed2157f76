using Ogong.Commitments;
using Ogong.Models;
using Ogong.Records;

namespace Ogong.Engine;

/// <summary>
/// Generates text on segments that tile a whole model, on this machine. Every reply in progress is one sequence of every step, so that weights are read once for all of them;
/// in exact mode no reply can tell what else was in its batch. Replies beyond the capacity wait their turn.
/// </summary>
/// <remarks>Thread-safe. Owns its caches and buffers, not the segments, which must outlive it.</remarks>
public sealed class TextGenerator : IAsyncDisposable
{
    private readonly GenerationScheduler _scheduler;
    private readonly ProfileParameters _profile;
    private readonly bool _commit;

    /// <summary>Prepares to generate on <paramref name="segments"/>, which must follow each other from layer 0 to the last, on one backend.</summary>
    /// <param name="segments">One segment with all layers, or several that tile them.</param>
    /// <param name="options">How steps are run.</param>
    /// <param name="commit">Whether replies are committed to, as the profile in the options says.</param>
    public TextGenerator(IReadOnlyList<Segment> segments, ExecutionOptions? options = null, bool commit = true)
    {
        ArgumentNullException.ThrowIfNull(segments);
        StepExecutor executor = StepExecutor.ForWholeModel(segments, options ?? new ExecutionOptions());
        (Config, _profile, _commit) = (executor.Config, executor.Options.Profile, commit);
        _scheduler = new GenerationScheduler(executor, commit);
    }

    /// <summary>The model's hyper-parameters.</summary>
    public ModelConfig Config { get; }

    /// <summary>Most positions, prompt and reply together, that one sequence may take.</summary>
    public int ContextLength => _scheduler.ContextLength;

    /// <summary>Starts a reply. Returns at once.</summary>
    /// <exception cref="ArgumentException">The request is empty, names tokens outside the vocabulary, or is longer than the context.</exception>
    /// <exception cref="KvCacheExhaustedException">The cache could not hold it even alone.</exception>
    /// <exception cref="ObjectDisposedException">The generator was disposed.</exception>
    public Generation Start(GenerationRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        StopRule stopRule = Check(request);
        TextCommitter? committer = _commit ? new TextCommitter(Config.HiddenSize, _profile.Sketch, _profile.TopK) : null;
        var generation = new Generation(request, stopRule, committer, cancellationToken);
        _scheduler.Submit(generation);
        return generation;
    }

    /// <summary>Cancels what is running, waits for it, and returns the memory.</summary>
    public ValueTask DisposeAsync() => _scheduler.DisposeAsync();

    private StopRule Check(GenerationRequest request)
    {
        if (request.Prompt.IsEmpty) throw new ArgumentException("The prompt has no tokens.", nameof(request));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(request.MaxTokens, nameof(request));
        foreach (int token in request.Prompt.Span) CheckToken(token, nameof(request));
        if (request.MaxTokens > ContextLength - request.Prompt.Length)
        {
            throw new ArgumentException(
                $"A prompt of {request.Prompt.Length} tokens and a reply of {request.MaxTokens} do not fit a context of {ContextLength}.", nameof(request));
        }
        return new StopRule([.. request.EndTokens ?? Config.EndTokens], request.StopSequences, request.MaxTokens);
    }

    private void CheckToken(int token, string name)
    {
        if ((uint)token >= (uint)Config.VocabularySize)
            throw new ArgumentOutOfRangeException(name, token, $"The vocabulary has {Config.VocabularySize} tokens.");
    }
}

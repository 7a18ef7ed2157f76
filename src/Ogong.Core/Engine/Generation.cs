using System.Threading.Channels;
using Ogong.Bytes;
using Ogong.Commitments;
using Ogong.Compute;
using Ogong.Records;

namespace Ogong.Engine;

/// <summary>
/// A reply being generated: enumerate it for the tokens as they come, await <see cref="Completion"/> for the whole. Enumerate at most once;
/// leaving the enumeration early cancels the rest. A slow reader holds nobody up: what waits for it is at most the ordered number of tokens.
/// </summary>
/// <remarks>Thread-safe.</remarks>
public sealed class Generation : IAsyncEnumerable<GeneratedToken>
{
    private readonly Channel<GeneratedToken> _channel =
        Channel.CreateUnbounded<GeneratedToken>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly TaskCompletionSource<GenerationResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _cancellation;
    private readonly StopRule _stopRule;
    private readonly int[] _tokens;
    private readonly float[] _logprobs;
    private int _enumerated;

    internal Generation(GenerationRequest request, StopRule stopRule, TextCommitter? committer, CancellationToken cancellationToken)
    {
        (Request, _stopRule, Committer) = (request, stopRule, committer);
        _tokens = new int[request.Prompt.Length + request.MaxTokens];
        _logprobs = new float[request.MaxTokens];
        request.Prompt.Span.CopyTo(_tokens);
        _cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Cancellation = _cancellation.Token;
        // Nobody need await the completion of a reply whose tokens were enumerated.
        _ = _completion.Task.ContinueWith(
            static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
    }

    /// <summary>What was asked for.</summary>
    public GenerationRequest Request { get; }

    /// <summary>The whole reply, when it is over; faulted or cancelled as the generation was.</summary>
    public Task<GenerationResult> Completion => _completion.Task;

    internal TextCommitter? Committer { get; }

    internal CancellationToken Cancellation { get; }

    internal CachedSequence? Sequence { get; set; }

    /// <summary>Positions whose rows have gone through the model.</summary>
    internal int Position { get; private set; }

    internal int Generated { get; private set; }

    internal StopReason? Stop { get; private set; }

    internal long Started { get; } = TimeProvider.System.GetTimestamp();

    /// <summary>Tokens known but not yet read by the model: the rest of the prompt, or the last token.</summary>
    internal ReadOnlySpan<int> Pending => _tokens.AsSpan(Position, Request.Prompt.Length + Generated - Position);

    internal SamplingRow SamplingRow => Request.Sampling.RowAt(Request.Prompt.Length + Generated);

    internal ReadOnlySpan<int> Reply => _tokens.AsSpan(Request.Prompt.Length, Generated);

    /// <inheritdoc/>
    public IAsyncEnumerator<GeneratedToken> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _enumerated, 1) != 0) throw new InvalidOperationException("A generation can be enumerated once.");
        return Enumerate(cancellationToken);
    }

    /// <summary>Stops generating; <see cref="Completion"/> ends cancelled.</summary>
    public void Cancel()
    {
        try
        {
            _cancellation.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended in the meantime.
        }
    }

    internal void Read(int rows)
    {
        Position += rows;
        if (Position <= Request.Prompt.Length) Request.PromptProgress?.Report(Position);
    }

    internal void Accept(int token, float logprob)
    {
        int index = Generated;
        (_tokens[Request.Prompt.Length + index], _logprobs[index]) = (token, logprob);
        Generated = index + 1;
        Stop = _stopRule.Decide(Reply);
        _channel.Writer.TryWrite(new GeneratedToken(index, token, logprob, Stop));
    }

    internal void Complete(DeviceDescription device, NumericMode mode)
    {
        Digest root = Committer?.Finish() ?? default;
        _channel.Writer.TryComplete();
        _completion.TrySetResult(new GenerationResult
        {
            Tokens = Reply.ToArray(),
            Logprobs = _logprobs.AsSpan(0, Generated).ToArray(),
            Stop = Stop!.Value,
            Windows = Committer?.Windows ?? [],
            CommitRoot = root,
            Device = device,
            Mode = mode,
            Elapsed = TimeProvider.System.GetElapsedTime(Started),
        });
        Release();
    }

    internal void Fail(Exception exception)
    {
        _channel.Writer.TryComplete(exception);
        if (exception is OperationCanceledException cancelled) _completion.TrySetCanceled(cancelled.CancellationToken);
        else _completion.TrySetException(exception);
        Release();
    }

    private void Release()
    {
        Sequence?.Dispose();
        Committer?.Dispose();
        _cancellation.Dispose();
    }

    private async IAsyncEnumerator<GeneratedToken> Enumerate(CancellationToken cancellationToken)
    {
        try
        {
            while (await _channel.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
                while (_channel.Reader.TryRead(out GeneratedToken token)) yield return token;
        }
        finally
        {
            if (!_completion.Task.IsCompleted) Cancel();
        }
    }
}

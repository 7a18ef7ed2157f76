using System.Collections.Immutable;
using System.Diagnostics;
using Ogong.Audit;
using Ogong.Bytes;
using Ogong.Commitments;
using Ogong.Compute;
using Ogong.Engine;
using Ogong.Records;

namespace Ogong.Cli.Bench;

/// <summary>Audit time over generation time of the same replies.</summary>
/// <param name="Batch">Replies generated at once.</param>
/// <param name="GenerateSeconds">Time to generate them all, prompts included.</param>
/// <param name="AuditSeconds">Time to re-execute them all, one after the other.</param>
internal sealed record Rho(int Batch, double GenerateSeconds, double AuditSeconds)
{
    public double Value => AuditSeconds / GenerateSeconds;
}

/// <summary>Rates of a whole model on one backend. Loads that are compared run in turns.</summary>
internal sealed class ModelBench : IAsyncDisposable
{
    private const int PromptLength = 32;
    // One window: short turns, so that what else the machine does falls on both loads alike.
    private const int OverheadLength = 32;
    private const int PrefillLength = 512;
    private readonly SyntheticModel _model;
    private readonly IReadOnlyList<Segment> _segments;
    private readonly int _replyLength;
    private readonly ExecutionOptions _options;
    private readonly TextGenerator _committing;
    private readonly TextGenerator _bare;
    private readonly Reexecutor _reexecutor;

    private ModelBench(SyntheticModel model, Segment segment, int batch, ProfileParameters profile, int replyLength)
    {
        (_model, _segments, _replyLength) = (model, [segment], replyLength);
        _options = new ExecutionOptions { Profile = profile, ContextLength = PrefillLength, RowsPerStep = PrefillLength, Sequences = batch };
        _committing = new TextGenerator(_segments, _options);
        _bare = new TextGenerator(_segments, _options, commit: false);
        _reexecutor = new Reexecutor(_segments, default, PrefillLength, PrefillLength);
    }

    /// <summary>Bytes of weights one decode step reads: every matrix once (the tied embedding as the head).</summary>
    public long WeightBytes => _segments[0].StoredBytes;

    /// <summary>Bytes of weights held over bytes of tensors stored.</summary>
    public double ResidentRatio => (double)_segments[0].ResidentBytes / _segments[0].StoredBytes;

    /// <summary>Multiply-adds, counted as two, of one position through the layers.</summary>
    public double FlopsPerPosition => 2.0 * (_model.Parameters - ((long)_model.Config.VocabularySize * _model.Config.HiddenSize));

    public static async Task<ModelBench> LoadAsync(
        IBackend backend, SyntheticModel model, int batch, CancellationToken cancellationToken, ProfileParameters? profile = null, int replyLength = 128) =>
        new(model, await Segment.LoadAsync(backend, model, cancellationToken: cancellationToken), batch, profile ?? ProfileParameters.Exact(), replyLength);

    /// <summary>Seconds per token of batch-1 decode without commitments, the median over <paramref name="rounds"/>.</summary>
    public double Decode(int rounds) => Interleaved.Medians(rounds, () => Decode(_bare, _replyLength))[0];

    /// <summary>What commitments add to batch-1 decode, as a share of it: the median over <paramref name="rounds"/> turns of one reply without and one with.</summary>
    public double CommitOverhead(int rounds) => Interleaved.MedianRatio(rounds, () => Decode(_bare, OverheadLength), () => Decode(_committing, OverheadLength)) - 1;

    /// <summary>Positions per second through the layers, a prompt of 512 at a time, and the linear layers' share of the arithmetic.</summary>
    public async Task<double> PrefillAsync(int rounds, CancellationToken cancellationToken)
    {
        ReplayTask task = Task([.. Tokens(0, PrefillLength)], [0]);
        double best = double.MaxValue;
        for (int round = 0; round < rounds; round++)
        {
            long start = Stopwatch.GetTimestamp();
            await _reexecutor.ReplayAsync(task, cancellationToken);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return PrefillLength / best;
    }

    /// <summary>Generates a batch of replies and re-executes each. Generator and re-executor are both ready and warm, as a node's are.</summary>
    public async Task<Rho> RhoAsync(int batch, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        Generation[] running = [.. Enumerable.Range(0, batch).Select(i => _committing.Start(Request(Tokens(i, PromptLength), _replyLength), cancellationToken))];
        GenerationResult[] replies = await System.Threading.Tasks.Task.WhenAll(running.Select(g => g.Completion));
        double generate = Stopwatch.GetElapsedTime(start).TotalSeconds;
        start = Stopwatch.GetTimestamp();
        for (int i = 0; i < batch; i++)
        {
            SegmentReplay replay = await _reexecutor.ReplayAsync(Task([.. Tokens(i, PromptLength)], [.. replies[i].Tokens.Span]), cancellationToken);
            Digest root = MerkleRootOf(replay);
            // Exact results do not depend on the batch; fast ones do.
            if (_options.Profile.IsExact && root != replies[i].CommitRoot) throw new InvalidOperationException($"The audit of reply {i} disagrees: {root} and {replies[i].CommitRoot}.");
        }
        return new Rho(batch, generate, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    public async ValueTask DisposeAsync()
    {
        _reexecutor.Dispose();
        await _committing.DisposeAsync();
        await _bare.DisposeAsync();
        foreach (Segment segment in _segments) segment.Dispose();
    }

    private static double Decode(TextGenerator generator, int length)
    {
        Generation generation = generator.Start(Request(Tokens(0, 1), length));
        long start = Stopwatch.GetTimestamp();
        generation.Completion.GetAwaiter().GetResult();
        return Stopwatch.GetElapsedTime(start).TotalSeconds / length;
    }

    private static GenerationRequest Request(int[] prompt, int tokens) => new() { Prompt = prompt, MaxTokens = tokens, EndTokens = [] };

    private static int[] Tokens(int sequence, int count) => [.. Enumerable.Range(0, count).Select(i => 1 + (((sequence * 31) + (i * 7)) % 997))];

    private ReplayTask Task(ImmutableArray<int> prompt, ImmutableArray<int> tokens) => new()
    {
        FirstLayer = 0,
        EndLayer = _model.Config.Layers,
        Prompt = prompt,
        Tokens = tokens,
        Profile = _options.Profile,
        Sketch = _options.Profile.Sketch,
        Sampling = SamplingParameters.Greedy,
    };

    private static Digest MerkleRootOf(SegmentReplay replay)
    {
        var tree = new Merkle.MerkleBuilder();
        foreach (TextWindowEvidence window in replay.TextWindows) tree.AppendHash(window.Leaf.LeafHash());
        return tree.Root();
    }
}

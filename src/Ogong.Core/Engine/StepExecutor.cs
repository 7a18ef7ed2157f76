using Ogong.Compute;
using Ogong.Models;

namespace Ogong.Engine;

/// <summary>
/// Runs steps: the rows of one step are tokens (or hidden states) of one or more sequences, and go through every layer of a run of adjacent segments.
/// Buffers are allocated once, for the largest step. The layer program below is the only one: generation, scoring, serving a segment and auditing all run it.
/// </summary>
/// <remarks>Not thread-safe: one step at a time. Executors of the same segments may run concurrently.</remarks>
internal sealed class StepExecutor : IDisposable
{
    private readonly Segment[] _segments;
    private readonly KvCache[] _caches;
    private readonly LayerScratch _scratch;
    private readonly DeviceBuffer _ropeTable;
    private readonly DeviceBuffer _tokens;
    private readonly int[] _tokenStaging;
    private readonly int[] _positions;
    private readonly int[] _rowSequences;
    private readonly int[] _pageTable;
    private readonly int _window;
    private bool _embeds;

    public StepExecutor(IReadOnlyList<Segment> segments, ExecutionOptions options)
    {
        options.Validate();
        _segments = [.. segments];
        SegmentChain.CheckAdjacent(_segments, static s => (s.Backend, s.Layers));
        Options = options;
        Config = _segments[0].Config;
        Backend = _segments[0].Backend;
        ContextLength = Math.Min(options.ContextLength ?? Math.Min(Config.MaxPositions, 4096), Config.MaxPositions);
        int pagesPerSequence = PagePool.PagesFor(ContextLength);
        Pages = new PagePool(options.KvPages ?? (options.Sequences * pagesPerSequence));
        _window = Config.SlidingWindow ?? int.MaxValue;

        Queue = Backend.CreateQueue();
        Layout = new BatchLayout(Backend, options.RowsPerStep, options.Sequences, pagesPerSequence);
        _scratch = new LayerScratch(Backend, Config, options.RowsPerStep);
        _tokens = Backend.Allocate(4L * options.RowsPerStep);
        _caches = [.. _segments.Select(s => Backend.CreateKvCache(
            new KvCacheShape(s.Layers.Count, Config.KvHeads, Config.HeadDim, Pages.Total, options.KvType)))];
        _ropeTable = RopeBuffer.Upload(Backend, Queue, Config, ContextLength);
        (_tokenStaging, _positions, _rowSequences) = (new int[options.RowsPerStep], new int[options.RowsPerStep], new int[options.RowsPerStep]);
        _pageTable = new int[options.Sequences * pagesPerSequence];
    }

    /// <summary>An executor of segments that hold every layer of their model.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public static StepExecutor ForWholeModel(IReadOnlyList<Segment> segments, ExecutionOptions options)
    {
        SegmentChain.CheckWhole(segments, static s => (s.Backend, s.Layers), static s => s.Config.Layers);
        return new StepExecutor(segments, options);
    }

    public ExecutionOptions Options { get; }

    public ModelConfig Config { get; }

    public IBackend Backend { get; }

    public ComputeQueue Queue { get; }

    public BatchLayout Layout { get; }

    public PagePool Pages { get; }

    /// <summary>Most positions a sequence may take.</summary>
    public int ContextLength { get; }

    /// <summary>The residual stream [rows × HiddenSize] of the current step.</summary>
    public DeviceBuffer Hidden => _scratch.Hidden;

    public LayerRange Layers => new(_segments[0].Layers.First, _segments[^1].Layers.End);

    /// <summary>The segment with the final norm and the head.</summary>
    public Segment Last => _segments[^1];

    /// <summary>Rows in the current step.</summary>
    public int Rows { get; private set; }

    /// <summary>Sequences in the current step.</summary>
    public int SequenceCount { get; private set; }

    /// <summary>Starts a step.</summary>
    public void Begin() => (Rows, SequenceCount, _embeds) = (0, 0, false);

    /// <summary>Whether the step has room for <paramref name="rows"/> more rows of another sequence.</summary>
    public bool HasRoom(int rows) => SequenceCount < Options.Sequences && Rows + rows <= Options.RowsPerStep;

    /// <summary>Adds the next <paramref name="tokens"/> of a sequence to the step and returns the index of their first row.</summary>
    public int Append(CachedSequence sequence, ReadOnlySpan<int> tokens)
    {
        if (!_segments[0].IsFirst) throw new InvalidOperationException("Only a segment from layer 0 takes tokens.");
        foreach (int token in tokens)
            if ((uint)token >= (uint)Config.VocabularySize)
                throw new ArgumentOutOfRangeException(nameof(tokens), token, $"The vocabulary has {Config.VocabularySize} tokens.");
        int first = Reserve(sequence, tokens.Length);
        tokens.CopyTo(_tokenStaging.AsSpan(first));
        _embeds = true;
        return first;
    }

    /// <summary>
    /// Adds the next states [count × HiddenSize] of a sequence to the step and returns the index of their first row. They enter at whatever layer is run first; rows of one step are all
    /// tokens or all states.
    /// </summary>
    public int Append(CachedSequence sequence, ReadOnlySpan<float> states)
    {
        if (_embeds) throw new InvalidOperationException("The step has rows that are tokens.");
        int first = Reserve(sequence, states.Length / Config.HiddenSize);
        Queue.Write(states, Hidden, (long)first * Config.HiddenSize * sizeof(float));
        return first;
    }

    /// <summary>Enqueues all layers over the rows of the step.</summary>
    public void Forward()
    {
        Enter();
        Run(Layers);
    }

    /// <summary>Enqueues what precedes the layers: positions, page tables and, where the rows are tokens, the embedding.</summary>
    public void Enter()
    {
        Queue.Write<int>(_positions.AsSpan(0, Rows), Layout.Positions);
        Queue.Write<int>(_rowSequences.AsSpan(0, Rows), Layout.Sequences);
        Queue.Write<int>(_pageTable.AsSpan(0, SequenceCount * Layout.MaxPages), Layout.PageTable);
        if (!_embeds) return;
        Queue.Scope = "model.embed_tokens";
        Queue.Write<int>(_tokenStaging.AsSpan(0, Rows), _tokens);
        Queue.Embed(_segments[0].Embedding!, _tokens, Hidden, Rows);
    }

    /// <summary>Enqueues some of the layers, in ascending order after <see cref="Enter"/>.</summary>
    public void Run(LayerRange layers)
    {
        for (int s = 0; s < _segments.Length; s++)
        {
            Segment segment = _segments[s];
            for (int i = 0; i < segment.Blocks.Length; i++)
            {
                int layer = segment.Layers.First + i;
                if (layer >= layers.First && layer < layers.End) Layer(segment.Blocks[i], _caches[s], i);
            }
        }
    }

    public void Dispose()
    {
        Queue.Dispose();
        Layout.Dispose();
        _scratch.Dispose();
        _tokens.Dispose();
        _ropeTable.Dispose();
        foreach (KvCache cache in _caches) cache.Dispose();
    }

    private void Layer(DecoderLayer w, KvCache cache, int cacheLayer)
    {
        (LayerScratch s, ComputeQueue queue, int rows, NumericMode mode) = (_scratch, Queue, Rows, Options.Mode);
        (int h, int heads, int kvHeads, int headDim) = (Config.HiddenSize, Config.Heads, Config.KvHeads, Config.HeadDim);
        float epsilon = Config.RmsNormEpsilon;
        queue.Scope = w.Scope;

        queue.RmsNorm(s.Hidden, w.AttentionNorm, epsilon, s.Normed, rows, h);
        queue.Linear(s.Normed, w.Query, w.QueryBias, s.Query, rows, mode);
        queue.Linear(s.Normed, w.Key, w.KeyBias, s.Key, rows, mode);
        queue.Linear(s.Normed, w.Value, w.ValueBias, s.Value, rows, mode);
        if (w.QueryNorm is not null) queue.RmsNorm(s.Query, w.QueryNorm, epsilon, s.Query, rows * heads, headDim);
        if (w.KeyNorm is not null) queue.RmsNorm(s.Key, w.KeyNorm, epsilon, s.Key, rows * kvHeads, headDim);
        queue.Rope(s.Query, _ropeTable, Layout, rows, heads, headDim);
        queue.Rope(s.Key, _ropeTable, Layout, rows, kvHeads, headDim);
        queue.AppendKv(cache, cacheLayer, s.Key, s.Value, Layout, rows);
        queue.Attention(cache, cacheLayer, s.Query, s.Attended, Layout, rows, heads, _window, mode);
        queue.Linear(s.Attended, w.Output, null, s.Projected, rows, mode);
        queue.Residual(s.Hidden, s.Projected, (long)rows * h);

        queue.RmsNorm(s.Hidden, w.MlpNorm, epsilon, s.Normed, rows, h);
        queue.Linear(s.Normed, w.Gate, null, s.Gate, rows, mode);
        queue.Linear(s.Normed, w.Up, null, s.Up, rows, mode);
        queue.GatedActivation(s.Gate, s.Up, s.Gate, (long)rows * Config.IntermediateSize);
        queue.Linear(s.Gate, w.Down, null, s.Projected, rows, mode);
        queue.Residual(s.Hidden, s.Projected, (long)rows * h);
    }

    private int Reserve(CachedSequence sequence, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        if (!HasRoom(count)) throw new InvalidOperationException("The step is full.");
        if (sequence.Length + count > Math.Min(sequence.Capacity, ContextLength))
            throw new ArgumentException($"Position {sequence.Length + count - 1} is past what was reserved for the sequence.", nameof(count));
        int first = Rows;
        for (int i = 0; i < count; i++)
        {
            _positions[first + i] = sequence.Length + i;
            _rowSequences[first + i] = SequenceCount;
        }
        sequence.Pages.CopyTo(_pageTable.AsSpan(SequenceCount * Layout.MaxPages));
        sequence.Length += count;
        SequenceCount++;
        Rows += count;
        return first;
    }
}

using Ogong.Compute;
using Ogong.Diffusion;
using Ogong.Models;
using Ogong.Numerics;

namespace Ogong.Engine;

/// <summary>
/// Runs denoising steps of a batch of samples through a run of adjacent segments. The layer program of diffusion transformers is <see cref="DenoiserLayers"/>; this is what precedes and follows
/// it. Buffers are allocated once, for the largest batch; latents stay on the device from step to step.
/// </summary>
/// <remarks>
/// A batch: <see cref="Prepare"/>, <see cref="WriteLatents"/>, then for each step <see cref="Begin"/>, one of the two <c>Enter</c>, <see cref="Run"/>, and with the last segment
/// <see cref="Predict"/> and <see cref="Advance"/>; reads; <see cref="End"/>. Not thread-safe: one step at a time. Executors of the same segments may run concurrently.
/// </remarks>
internal sealed class DenoiserExecutor : IDisposable
{
    private readonly DenoiserSegment[] _segments;
    private readonly DenoiserScratch _scratch;
    private readonly DenoiserLayers _layers;
    private readonly DeviceBuffer? _positions, _gather, _scatter;
    private readonly int _pieceLength;
    private readonly float[] _timesteps;
    private readonly Dictionary<float, float[]> _embeddings = [];
    private readonly DenoiseRow[] _rows;

    public DenoiserExecutor(IReadOnlyList<DenoiserSegment> segments, DenoiserOptions options)
    {
        options.Validate();
        _segments = [.. segments];
        SegmentChain.CheckAdjacent(_segments, static s => (s.Backend, s.Layers));
        Options = options;
        Config = _segments[0].Config;
        Queue = _segments[0].Backend.CreateQueue();
        (int passes, IBackend backend) = (2 * options.Samples, _segments[0].Backend);
        _scratch = new DenoiserScratch(backend, Config, options.Samples, Config.HasContext ? options.ContextTokens : 0);
        _layers = new DenoiserLayers(Config, Queue, _scratch, options.Mode);
        _timesteps = new float[passes * TimestepEmbedding.Width];
        _rows = new DenoiseRow[options.Samples];
        var map = new PatchMap(Config);
        _pieceLength = map.Length;
        if (_segments[0].IsFirst)
        {
            _gather = Upload<int>(map.Gather(passes));
            float[] positions = PositionEmbedding.Build(Config.Width, Config.Grid.AsSpan());
            _positions = backend.Allocate(4L * passes * positions.Length);
            for (int pass = 0; pass < passes; pass++) Queue.Write<float>(positions, _positions, 4L * pass * positions.Length);
        }
        if (_segments[^1].IsLast) _scatter = Upload<int>(map.Scatter(passes));
    }

    public DenoiserOptions Options { get; }

    public DenoiserConfig Config { get; }

    public ComputeQueue Queue { get; }

    /// <summary>The layers its segments hold.</summary>
    public LayerRange Layers => new(_segments[0].Layers.First, _segments[^1].Layers.End);

    /// <summary>Latents in the batch.</summary>
    public int Samples { get; private set; }

    /// <summary>Whether each is evaluated with and without its conditioning.</summary>
    public bool IsGuided { get; private set; }

    /// <summary>Evaluations of the model per step: conditional ones of all samples, then the unconditional ones.</summary>
    public int Passes => IsGuided ? 2 * Samples : Samples;

    /// <summary>Values of the states between layers [passes × tokens × width].</summary>
    public int StateCount => Passes * Config.Tokens * Config.Width;

    /// <summary>The latents [samples × latent].</summary>
    public DeviceBuffer Latents => _scratch.Latents;

    /// <summary>The residual stream [passes × tokens × width].</summary>
    public DeviceBuffer Hidden => _scratch.Hidden;

    /// <summary>What the model predicted [passes × latent].</summary>
    public DeviceBuffer Output => _scratch.Output;

    /// <summary>An executor of segments that hold every layer of their model.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public static DenoiserExecutor ForWholeModel(IReadOnlyList<DenoiserSegment> segments, DenoiserOptions options)
    {
        SegmentChain.CheckWhole(segments, static s => (s.Backend, s.Layers), static s => s.Config.Layers);
        return new DenoiserExecutor(segments, options);
    }

    /// <summary>Starts a batch: what each sample is conditioned on.</summary>
    /// <exception cref="ArgumentException">The model cannot be conditioned so; see <see cref="DenoiserConditioning.Objection"/>.</exception>
    public void Prepare(IReadOnlyList<Conditioning> samples, bool guided)
    {
        ArgumentOutOfRangeException.ThrowIfZero(samples.Count, nameof(samples));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(samples.Count, Options.Samples, nameof(samples));
        foreach (Conditioning conditioning in samples)
            if (DenoiserConditioning.Objection(Config, conditioning, guided) is { } objection) throw new ArgumentException(objection, nameof(samples));
        (Samples, IsGuided) = (samples.Count, guided);
        _layers.ContextTokens = DenoiserConditioning.Write(Config, samples, guided, Options.ContextTokens, Queue, _scratch);
    }

    /// <summary>Replaces the latents [samples × latent].</summary>
    public void WriteLatents(ReadOnlySpan<float> latents)
    {
        if (latents.Length != (long)Samples * Config.Shape.Count) throw new ArgumentException($"There are {latents.Length} values for {Samples} latents of {Config.Shape.Count}.", nameof(latents));
        Queue.Write(latents, Latents);
    }

    /// <summary>
    /// Starts a step over <paramref name="layers"/>. Until <see cref="End"/> the calls depend on nothing but the batch and these arguments' presence, so a backend may replay a step it has seen.
    /// </summary>
    /// <param name="layers">Layers to be run.</param>
    /// <param name="steps">One per sample.</param>
    /// <param name="noise">Fresh noise [samples × latent] for a scheduler that adds it; empty for none.</param>
    /// <param name="reads">Whether the step ends with a read.</param>
    public void Begin(LayerRange layers, ReadOnlySpan<DenoiserStep> steps, ReadOnlySpan<float> noise, bool reads)
    {
        if (steps.Length != Samples) throw new ArgumentException($"There are {steps.Length} steps for {Samples} samples.", nameof(steps));
        Span<float> timesteps = _timesteps.AsSpan(0, Passes * TimestepEmbedding.Width);
        for (int pass = 0; pass < Passes; pass++) EmbeddingOf(steps[pass % Samples].Timestep).CopyTo(timesteps[(pass * TimestepEmbedding.Width)..]);
        for (int sample = 0; sample < Samples; sample++) _rows[sample] = steps[sample].Row;
        Queue.BeginStep(Shape(layers, !noise.IsEmpty, reads));
        Queue.Write<float>(timesteps, _scratch.Timesteps);
        Queue.Write<DenoiseRow>(_rows.AsSpan(0, Samples), _scratch.Rows);
        _layers.Begin(Passes);
        HasNoise = !noise.IsEmpty;
        if (HasNoise) Queue.Write(noise, _scratch.Noise);
    }

    /// <summary>Enqueues what precedes layer 0: input scaling, patches, position embedding.</summary>
    public void Enter()
    {
        if (_gather is null) throw new InvalidOperationException("Only a segment from layer 0 starts from latents.");
        (int count, int rows) = (Config.Shape.Count, Passes * Config.Tokens);
        Queue.Scope = "pos_embed";
        Queue.DenoiseInput(Latents, _scratch.Rows, _scratch.Inputs, Samples, count, IsGuided ? 2 : 1);
        Queue.GatherRows(_scratch.Inputs, _gather, _scratch.Patches, Passes * (count / _pieceLength), _pieceLength);
        _layers.Exactly(_scratch.Patches, _segments[0].Patches, Hidden, rows);
        Queue.Residual(Hidden, _positions!, (long)rows * Config.Width);
    }

    /// <summary>Replaces the residual stream by the states [passes × tokens × width] before the first layer to be run.</summary>
    public void Enter(ReadOnlySpan<float> states)
    {
        if (states.Length != StateCount) throw new ArgumentException($"There are {states.Length} values, {StateCount} are needed.", nameof(states));
        Queue.Write(states, Hidden);
    }

    /// <summary>Enqueues some of the layers, in ascending order.</summary>
    public void Run(LayerRange layers)
    {
        foreach (DenoiserSegment segment in _segments)
            for (int i = Math.Max(0, layers.First - segment.Layers.First); i < segment.Blocks.Length && segment.Layers.First + i < layers.End; i++)
                _layers.Run(segment.Blocks[i]);
    }

    /// <summary>Enqueues what follows the last layer: output norm, projection, patches to latents.</summary>
    public void Predict()
    {
        if (_scatter is null) throw new InvalidOperationException("Only a segment to the last layer makes an output.");
        _layers.Run(_segments[^1].Head!);
        Queue.GatherRows(_scratch.Patches, _scatter, Output, Passes * (Config.Shape.Count / _pieceLength), _pieceLength);
    }

    /// <summary>Enqueues the scheduler's update of the latents by the output.</summary>
    public void Advance()
    {
        Queue.Scope = "scheduler";
        Queue.DenoiseStep(Latents, Output, HasNoise ? _scratch.Noise : null, _scratch.Rows, Latents, Samples, Config.Shape.Count, IsGuided);
    }

    /// <summary>Ends the step: everything of it is enqueued.</summary>
    public void End() => Queue.EndStep();

    public void Dispose()
    {
        Queue.Dispose();
        _scratch.Dispose();
        _positions?.Dispose();
        _gather?.Dispose();
        _scatter?.Dispose();
    }

    private bool HasNoise { get; set; }

    // Correct rounding takes a tenth of a millisecond, and trajectories of one schedule share their timesteps.
    private float[] EmbeddingOf(float timestep)
    {
        if (_embeddings.TryGetValue(timestep, out float[]? known)) return known;
        if (_embeddings.Count == ScheduleParameters.MaxSteps) _embeddings.Clear();
        var embedding = new float[TimestepEmbedding.Width];
        TimestepEmbedding.Fill(timestep, embedding);
        return _embeddings[timestep] = embedding;
    }

    private long Shape(LayerRange layers, bool noise, bool reads) =>
        Samples + (IsGuided ? 1L << 13 : 0) + (noise ? 1L << 14 : 0) + (reads ? 1L << 15 : 0) + ((long)_layers.ContextTokens << 16) + ((long)layers.First << 32) + ((long)layers.End << 48);

    private DeviceBuffer Upload<T>(ReadOnlySpan<T> values) where T : unmanaged
    {
        DeviceBuffer buffer = _segments[0].Backend.Allocate(4L * values.Length);
        Queue.Write(values, buffer);
        return buffer;
    }
}

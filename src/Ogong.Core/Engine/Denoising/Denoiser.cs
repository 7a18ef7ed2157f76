using Ogong.Compute;
using Ogong.Diffusion;
using Ogong.Models;

namespace Ogong.Engine;

/// <summary>Runs a diffusion transformer on segments that tile it: whole trajectories from seeds, or single evaluations.</summary>
/// <remarks>Thread-safe: calls take turns. Owns its buffers, not the segments, which must outlive it.</remarks>
public sealed class Denoiser : IDisposable
{
    private readonly DenoiserExecutor _executor;
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Prepares to run.</summary>
    /// <param name="segments">Segments that hold every block, in order, on one backend.</param>
    /// <param name="options">How to run; null means exact, one latent at a time.</param>
    /// <exception cref="ArgumentException">The segments do not tile a model.</exception>
    public Denoiser(IReadOnlyList<DenoiserSegment> segments, DenoiserOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(segments);
        _executor = DenoiserExecutor.ForWholeModel(segments, options ?? new DenoiserOptions());
        Device = segments[0].Backend.Device;
    }

    /// <summary>The model's hyper-parameters.</summary>
    public DenoiserConfig Config => _executor.Config;

    /// <summary>Where it runs.</summary>
    public DeviceDescription Device { get; }

    /// <summary>Makes one latent.</summary>
    /// <param name="request">What to make.</param>
    /// <param name="cancellationToken">Stops between steps.</param>
    /// <exception cref="ArgumentException">The model cannot be conditioned so, or the stride is not positive.</exception>
    /// <exception cref="NonFiniteException">A value was not finite.</exception>
    public async Task<DenoiserResult> RunAsync(DenoiserRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return (await RunAsync([request], cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>
    /// Makes latents, as many at a time as <see cref="DenoiserOptions.Samples"/> and as the requests allow: those of one batch have as many steps, and all or none have guidance, and fresh noise.
    /// In the exact profile a latent does not depend on the others of its batch.
    /// </summary>
    /// <returns>A result per request, in their order.</returns>
    /// <inheritdoc cref="RunAsync(DenoiserRequest, CancellationToken)"/>
    public async Task<IReadOnlyList<DenoiserResult>> RunAsync(IReadOnlyList<DenoiserRequest> requests, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(requests);
        foreach (DenoiserRequest request in requests)
            if (request.Stride is < 1) throw new ArgumentException($"Latents cannot be kept every {request.Stride} steps.", nameof(requests));
        var results = new DenoiserResult[requests.Count];
        foreach (var kind in Enumerable.Range(0, requests.Count).GroupBy(i => (requests[i].Schedule.Steps.Length, requests[i].IsGuided, requests[i].Schedule.AddsNoise)))
        {
            foreach (int[] batch in kind.Chunk(_executor.Options.Samples))
            {
                DenoiserResult[] made = await RunBatchAsync([.. batch.Select(i => requests[i])], cancellationToken).ConfigureAwait(false);
                for (int i = 0; i < batch.Length; i++) results[batch[i]] = made[i];
            }
        }
        return results;
    }

    /// <summary>Evaluates the model once, without guidance or scheduler.</summary>
    /// <param name="latent">[channels, sizes…]</param>
    /// <param name="timestep">The timestep the model reads.</param>
    /// <param name="conditioning">A class, the null class included, or vectors.</param>
    /// <param name="cancellationToken">Abandons the wait; what is enqueued still runs.</param>
    /// <returns>What the model predicts, shaped as the latent.</returns>
    /// <exception cref="ArgumentException">The latent has another size, or the model cannot be conditioned so.</exception>
    /// <exception cref="NonFiniteException">A value was not finite.</exception>
    public async Task<float[]> ForwardAsync(ReadOnlyMemory<float> latent, float timestep, Conditioning conditioning, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(conditioning);
        var output = new float[Config.Shape.Count];
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _executor.Prepare([conditioning], guided: false);
            _executor.WriteLatents(latent.Span);
            _executor.Begin(default, [DenoiserStep.Evaluation(timestep)], noise: [], reads: true);
            _executor.Enter();
            _executor.Run(_executor.Layers);
            _executor.Predict();
            _executor.Queue.Read<float>(_executor.Output, output);
            _executor.End();
            await _executor.Queue.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
        return output;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _turn.Wait();
        _executor.Dispose();
        _turn.Dispose();
    }

    private async Task<DenoiserResult[]> RunBatchAsync(DenoiserRequest[] requests, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await new TrajectoryRun(_executor, requests).RunAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }
}

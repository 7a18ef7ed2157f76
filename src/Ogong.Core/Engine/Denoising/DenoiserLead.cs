using System.Diagnostics;
using Ogong.Bytes;
using Ogong.Cohorts;
using Ogong.Diffusion;
using Ogong.Models;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Engine;

/// <summary>
/// Leads cohorts for diffusion: finds the cheapest providers that tile a denoiser, drives them through a trajectory, checks what they sign, replaces one that fails, signs the whole and keeps what must
/// be kept until settlement.
/// </summary>
/// <remarks>Thread-safe: any number of trajectories may run at once. Owns neither the providers, nor the signer, nor the store.</remarks>
public sealed class DenoiserLead
{
    private readonly CohortPool _pool;

    /// <summary>Prepares to lead cohorts for one denoiser.</summary>
    /// <param name="config">The model's hyper-parameters.</param>
    /// <param name="modelRoot">The model's root.</param>
    /// <param name="providers">Providers known, whatever they offer.</param>
    /// <param name="signer">Signs the records.</param>
    /// <param name="retention">Keeps boundaries and trajectories until settlement.</param>
    /// <param name="options">Deadlines and limits.</param>
    /// <param name="time">The lead's clock; null for the system's.</param>
    public DenoiserLead(
        DenoiserConfig config, Digest modelRoot, IReadOnlyList<CohortProvider> providers, ISigner signer, IRetentionStore retention,
        CohortOptions? options = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(signer);
        ArgumentNullException.ThrowIfNull(retention);
        (Config, ModelRoot, Signer, Retention) = (config, modelRoot, signer, retention);
        _pool = new CohortPool(providers, options, time);
    }

    internal DenoiserConfig Config { get; }

    internal Digest ModelRoot { get; }

    internal ISigner Signer { get; }

    internal CohortOptions Options => _pool.Options;

    internal IRetentionStore Retention { get; }

    /// <summary>The cohort an order would start with.</summary>
    /// <exception cref="CohortException">No cohort tiles the model within the constraints; the message says where it ends.</exception>
    public Route FindRoute(DiffusionOrder order)
    {
        ArgumentNullException.ThrowIfNull(order);
        return _pool.FindRoute(JobOf(order));
    }

    /// <summary>Runs an order to its end.</summary>
    /// <param name="order">The consumer's order.</param>
    /// <param name="consumerKey">The consumer's public key.</param>
    /// <param name="conditioning">What the order's conditioning hash stands for.</param>
    /// <param name="steps">Called with the number of steps done, after each.</param>
    /// <param name="cancellationToken">Abandons the trajectory.</param>
    /// <exception cref="ArgumentException">The order is not signed by the consumer, not for this model or conditioning, or the model cannot run it.</exception>
    /// <exception cref="CohortException">No cohort could finish the trajectory, or the retention store has no room for it.</exception>
    public async Task<TrajectoryResult> RunAsync(
        Signed<DiffusionOrder> order, HybridPublicKey consumerKey, Conditioning conditioning, IProgress<int>? steps = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(order);
        ArgumentNullException.ThrowIfNull(consumerKey);
        ArgumentNullException.ThrowIfNull(conditioning);
        DiffusionOrder ordered = order.Message;
        if (!order.IsValid(consumerKey)) throw new ArgumentException("The order is not signed by this consumer.", nameof(order));
        if (ordered.ModelRoot != ModelRoot) throw new ArgumentException($"The order is for another model, {ordered.ModelRoot}.", nameof(order));
        if (ordered.ConditioningHash != conditioning.Hash()) throw new ArgumentException("The order is for another conditioning.", nameof(conditioning));
        if (!ordered.Shape.Equals(Config.Shape)) throw new ArgumentException($"The model makes latents of {Config.Shape}, not of {ordered.Shape}.", nameof(order));
        if (DenoiserConditioning.Objection(Config, conditioning, ordered.IsGuided) is { } objection) throw new ArgumentException(objection, nameof(conditioning));
        long started = _pool.Now();
        using Activity? activity = OgongDiagnostics.Activities.StartActivity("ogong.diffusion");
        activity?.SetTag("ogong.order", ordered.Hash().ToString());
        CohortJob job = JobOf(ordered);
        await using var run = new DiffusionRun(this, _pool, job, order, consumerKey, conditioning, _pool.FindRoute(job));
        return await run.RunAsync(started, _pool.Now, steps, cancellationToken).ConfigureAwait(false);
    }

    private CohortJob JobOf(DiffusionOrder order)
    {
        ulong Units(int first, int end) => DenoiserWork.UnitsOf(Config, new LayerRange(first, end), order);
        return new CohortJob(order.Network, Config.Layers, new JobTerms(order.ModelRoot, order.Profile.Profile, Protocol.Version, Protocol.Version, Units));
    }
}

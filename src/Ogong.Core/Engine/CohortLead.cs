using System.Diagnostics;
using Ogong.Bytes;
using Ogong.Cohorts;
using Ogong.Models;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Engine;

/// <summary>
/// Leads cohorts: finds the cheapest providers that tile a model, drives them through a reply, checks what they sign, replaces one that fails, signs the whole and keeps what must be
/// kept until settlement.
/// </summary>
/// <remarks>Thread-safe: any number of replies may run at once. Owns neither the providers, nor the signer, nor the store.</remarks>
public sealed class CohortLead
{
    private readonly CohortPool _pool;

    /// <summary>Prepares to lead cohorts for one model.</summary>
    /// <param name="config">The model's hyper-parameters.</param>
    /// <param name="modelRoot">The model's root.</param>
    /// <param name="providers">Providers known, whatever they offer.</param>
    /// <param name="signer">Signs the records.</param>
    /// <param name="retention">Keeps boundaries and replies until settlement.</param>
    /// <param name="options">Deadlines and limits.</param>
    /// <param name="time">The lead's clock; null for the system's.</param>
    public CohortLead(
        ModelConfig config, Digest modelRoot, IReadOnlyList<CohortProvider> providers, ISigner signer, IRetentionStore retention,
        CohortOptions? options = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(signer);
        ArgumentNullException.ThrowIfNull(retention);
        (Config, ModelRoot, Signer, Retention) = (config, modelRoot, signer, retention);
        _pool = new CohortPool(providers, options, time);
    }

    internal ModelConfig Config { get; }

    internal Digest ModelRoot { get; }

    internal ISigner Signer { get; }

    internal CohortOptions Options => _pool.Options;

    internal IRetentionStore Retention { get; }

    /// <summary>The cohort an order would start with.</summary>
    /// <exception cref="CohortException">No cohort tiles the model within the constraints; the message says where it ends.</exception>
    public Route FindRoute(Order order, int promptLength)
    {
        ArgumentNullException.ThrowIfNull(order);
        return _pool.FindRoute(JobOf(order, promptLength));
    }

    /// <summary>Runs an order to its end.</summary>
    /// <param name="order">The consumer's order.</param>
    /// <param name="consumerKey">The consumer's public key.</param>
    /// <param name="prompt">The prompt whose hash the order names.</param>
    /// <param name="tokens">Called with each token as it comes.</param>
    /// <param name="cancellationToken">Abandons the reply.</param>
    /// <exception cref="ArgumentException">The order is not signed by the consumer, not for this model or not for this prompt.</exception>
    /// <exception cref="CohortException">No cohort could finish the reply, or the retention store has no room for it.</exception>
    public async Task<CohortResult> RunAsync(
        Signed<Order> order, HybridPublicKey consumerKey, ReadOnlyMemory<int> prompt, IProgress<GeneratedToken>? tokens = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(order);
        ArgumentNullException.ThrowIfNull(consumerKey);
        if (!order.IsValid(consumerKey)) throw new ArgumentException("The order is not signed by this consumer.", nameof(order));
        if (order.Message.ModelRoot != ModelRoot) throw new ArgumentException($"The order is for another model, {order.Message.ModelRoot}.", nameof(order));
        if (prompt.IsEmpty || order.Message.RequestHash != Protocol.RequestHash(prompt.Span))
            throw new ArgumentException("The order is for another prompt.", nameof(prompt));
        long started = _pool.Now();
        using Activity? activity = OgongDiagnostics.Activities.StartActivity("ogong.reply");
        activity?.SetTag("ogong.order", order.Message.Hash().ToString());
        CohortJob job = JobOf(order.Message, prompt.Length);
        Route route = _pool.FindRoute(job);
        await using var run = new TextRun(this, _pool, job, order, consumerKey, prompt, route);
        await run.GenerateAsync(tokens, cancellationToken).ConfigureAwait(false);
        return await run.FinishAsync(started, _pool.Now, cancellationToken).ConfigureAwait(false);
    }

    private CohortJob JobOf(Order order, int promptLength)
    {
        ulong Units(int first, int end) => ReplyWork.UnitsOf(Config, new LayerRange(first, end), promptLength, order.MaxTokens);
        return new CohortJob(order.Network, Config.Layers, new JobTerms(order.ModelRoot, order.Profile.Profile, Protocol.Version, Protocol.Version, Units));
    }
}

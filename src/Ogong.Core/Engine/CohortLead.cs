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
    private readonly IReadOnlyList<CohortProvider> _providers;
    private readonly IRetentionStore _retention;
    private readonly TimeProvider _time;

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
        ArgumentNullException.ThrowIfNull(providers);
        ArgumentNullException.ThrowIfNull(signer);
        ArgumentNullException.ThrowIfNull(retention);
        (Config, ModelRoot, _providers, Signer) = (config, modelRoot, [.. providers], signer);
        (_retention, Options, _time) = (retention, options ?? new CohortOptions(), time ?? TimeProvider.System);
    }

    internal ModelConfig Config { get; }

    internal Digest ModelRoot { get; }

    internal ISigner Signer { get; }

    internal CohortOptions Options { get; }

    internal IRetentionStore Retention => _retention;

    /// <summary>The cohort an order would start with.</summary>
    /// <exception cref="CohortException">No cohort tiles the model within the constraints; the message says where it ends.</exception>
    public Route FindRoute(Order order, int promptLength)
    {
        ArgumentNullException.ThrowIfNull(order);
        var request = new RouteRequest(Config.Layers) { LatencyCapMilliseconds = Options.LatencyCapMilliseconds, Excluded = Options.Excluded };
        return Router.TryFind(request, Offers(order, promptLength), out Route? route, out string? failure) ? route : throw new CohortException(failure);
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
        long started = Now();
        using Activity? activity = OgongDiagnostics.Activities.StartActivity("ogong.reply");
        activity?.SetTag("ogong.order", order.Message.Hash().ToString());
        Route route = FindRoute(order.Message, prompt.Length);
        await using var run = new CohortRun(this, order, consumerKey, prompt, route);
        await run.GenerateAsync(tokens, cancellationToken).ConfigureAwait(false);
        return await run.FinishAsync(started, Now, cancellationToken).ConfigureAwait(false);
    }

    internal CohortProvider Provider(Digest keyId) => _providers.First(p => p.KeyId == keyId);

    /// <summary>The cheapest other provider of exactly these layers.</summary>
    internal CohortProvider? FindReplacement(Order order, int promptLength, LayerRange layers, IReadOnlySet<Digest> failed)
    {
        IEnumerable<RouteOffer> offers = Offers(order, promptLength)
            .Where(offer => offer.First == layers.First && offer.End == layers.End && !Options.Excluded.Contains(offer.Provider))
            .Select(offer => offer with { First = 0, End = layers.Count });
        return Router.TryFind(new RouteRequest(layers.Count) { Excluded = failed }, offers, out Route? route, out _) ? Provider(route.Segments[0].Provider) : null;
    }

    private IEnumerable<RouteOffer> Offers(Order order, int promptLength) =>
        _providers.Select(p => p.OfferFor(order, promptLength, Config, Now())).OfType<RouteOffer>();

    private long Now() => _time.GetUtcNow().ToUnixTimeMilliseconds();
}

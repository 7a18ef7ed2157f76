using Ogong.Audit;
using Ogong.Beacon;
using Ogong.Bytes;
using Ogong.Cli.Local;
using Ogong.Cohorts;
using Ogong.Compute;
using Ogong.Engine;
using Ogong.Models;
using Ogong.Records;
using Ogong.Settlement;
using Ogong.Signatures;

namespace Ogong.Cli.Demo;

/// <summary>One job of the demo from order to settlement.</summary>
/// <param name="Result">The reply and the cohort that made it.</param>
/// <param name="Seconds">Time to generate it.</param>
/// <param name="Verdicts">One per segment, audited alone.</param>
/// <param name="AuditSeconds">Time for all of them.</param>
/// <param name="Split">Where the fee went.</param>
internal sealed record DemoJob(CohortResult Result, double Seconds, IReadOnlyList<Verdict> Verdicts, double AuditSeconds, FeeSplit Split);

/// <summary>The demo's little market: five providers of the shipped model, a lead, a consumer, a verifier and a ledger.</summary>
internal sealed class DemoCohort : IDisposable
{
    public const string Prompt = "In the beginning ";
    private const int MaxTokens = 192;
    private const int ContextLength = 256;
    private static readonly SettlementTerms _terms = new(SettlementPolicy.ForfeitSlice, AuditPerMillion: 50_000, ProtocolPerMillion: 10_000);

    // Name, layers and price per work unit: three cheap specialists and two dearer generalists.
    private static readonly (string Name, LayerRange Layers, UInt128 Price)[] _offers =
        [("ada", new(0, 2), 2), ("ben", new(2, 4), 2), ("cyd", new(4, 5), 3), ("dot", new(0, 5), 4), ("eve", new(2, 5), 3)];

    private readonly IBackend _backend;
    private readonly StoredModel _model;
    private readonly HybridKey _leadKey = HybridKey.Generate();
    private readonly LocalConsumer _consumer = new();
    private readonly MemoryRetentionStore _retention = new(1 << 28);
    private readonly Ledger _ledger = new();
    private readonly List<LocalProvider> _providers = [];
    private readonly LocalSegments _verifierSegments;
    private readonly Reexecutor _verifier;

    private DemoCohort(IBackend backend, StoredModel model, ModelManifest manifest, LocalSegments verifierSegments)
    {
        (_backend, _model, Manifest, _verifierSegments) = (backend, model, manifest, verifierSegments);
        _verifier = new Reexecutor(verifierSegments.Segments, manifest.ModelRoot, ContextLength);
    }

    public ModelManifest Manifest { get; }

    public ModelConfig Config => _model.Config;

    public IReadOnlyList<LocalProvider> Providers => _providers;

    public static async Task<DemoCohort> StartAsync(IBackend backend, StoredModel model, CancellationToken cancellationToken)
    {
        ModelManifest manifest = ModelManifest.Compute(model, useCache: true, cancellationToken);
        LocalSegments verifier = await LocalSegments.LoadAsync(backend, model, model.Config.Layers, cancellationToken);
        var cohort = new DemoCohort(backend, model, manifest, verifier);
        foreach ((string name, LayerRange layers, UInt128 price) in _offers)
            cohort._providers.Add(await cohort.StartProviderAsync(name, model, layers, price, cancellationToken));
        return cohort;
    }

    /// <summary>Puts 8-bit weights under a provider that goes on selling them as the model's own 16-bit ones.</summary>
    public async Task CheatAsync(int provider, CancellationToken cancellationToken)
    {
        LocalProvider honest = _providers[provider];
        IModelWeights rounded = SubstitutedWeights.WithEightBitLayers(_model, honest.Layers.First, honest.Layers.Count);
        _providers[provider] = await StartProviderAsync(honest.Name, rounded, honest.Layers, honest.PricePerUnit, cancellationToken);
        honest.Dispose();
    }

    /// <summary>Orders a reply, has it made, audits every segment and settles.</summary>
    public async Task<DemoJob> RunAsync(IProgress<GeneratedToken> tokens, CancellationToken cancellationToken)
    {
        int[] prompt = Tokenizer.Bytes.Encode(Prompt);
        var lead = new CohortLead(Config, Manifest.ModelRoot, [.. _providers.Select(p => p.Cohort)], _leadKey, _retention);
        Signed<Order> order = Order(lead, prompt);
        Digest orderHash = order.Message.Hash();
        _ledger.Deposit(_consumer.KeyId, order.Message.Fee);
        if (!_ledger.TryEscrow(orderHash, _consumer.KeyId, order.Message.Fee)) throw new InvalidOperationException("The fee could not be set aside.");

        long start = TimeProvider.System.GetTimestamp();
        CohortResult result = await lead.RunAsync(order, _consumer.PublicKey, prompt, tokens, cancellationToken);
        double seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;

        start = TimeProvider.System.GetTimestamp();
        var auditor = new Auditor(_verifier);
        // In place of a public beacon: the first round after the reply, which nobody knew while it was made.
        var beacon = new LocalBeacon(LocalConsumer.FreshDigest());
        Digest randomness = beacon.Round(beacon.FirstRoundAfter(result.Reply.Record.Message.Finished)).Value;
        var verdicts = new List<Verdict>();
        for (int segment = 0; segment < result.Reply.Segments.Count; segment++)
            verdicts.Add(await auditor.AuditSegmentAsync(result.Reply, segment, randomness, cancellationToken: cancellationToken));
        double auditSeconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;

        FeeSplit split = Split(order.Message.Fee, result.Reply, verdicts);
        if (!_ledger.TrySettle(orderHash, split)) throw new InvalidOperationException("The split does not fit the escrow.");
        _retention.Release(orderHash);
        return new DemoJob(result, seconds, verdicts, auditSeconds, split);
    }

    /// <summary>What people call the provider of a key.</summary>
    public string NameOf(Digest keyId) => _providers.FirstOrDefault(p => p.KeyId == keyId)?.Name ?? keyId.ToString()[..12];

    public void Dispose()
    {
        foreach (LocalProvider provider in _providers) provider.Dispose();
        _leadKey.Dispose();
        _consumer.Dispose();
        _retention.Dispose();
        _verifier.Dispose();
        _verifierSegments.Dispose();
    }

    private Task<LocalProvider> StartProviderAsync(string name, IModelWeights weights, LayerRange layers, UInt128 price, CancellationToken cancellationToken) =>
        LocalProvider.StartAsync(name, _backend, weights, Manifest.ModelRoot, layers, pricePerUnit: price, contextLength: ContextLength, cancellationToken: cancellationToken);

    /// <summary>An order whose fee is what the cheapest cohort asks, with the part of the pool and the protocol on top.</summary>
    private Signed<Order> Order(CohortLead lead, int[] prompt)
    {
        SamplingParameters sampling = SamplingParameters.Create(seed: 1611, temperature: 0.7f, topP: 0.9);
        var stop = new StopRule([.. Config.EndTokens], [], MaxTokens);
        Signed<Order> Priced(UInt128 fee) => _consumer.Order(Config, Manifest.ModelRoot, prompt, ProfileParameters.Exact(), sampling, stop, fee);
        UInt128 price = lead.FindRoute(Priced(0).Message, prompt.Length).Price;
        return Priced(price * SettlementTerms.Million / (SettlementTerms.Million - _terms.AuditPerMillion - _terms.ProtocolPerMillion));
    }

    private static FeeSplit Split(UInt128 fee, Reply reply, List<Verdict> verdicts) => FeeSplit.Compute(
        fee, _terms,
        [.. reply.Segments.Select((segment, i) => new Slice(
            segment.Attestation.Message.ProviderKeyId, segment.Attestation.Message.WorkUnits, verdicts.Any(v => v.Offender?.Segment == i)))],
        lead: 0);
}

using Ogong.Audit;
using Ogong.Bytes;
using Ogong.Cli.Diffusion;
using Ogong.Cli.Local;
using Ogong.Cohorts;
using Ogong.Compute;
using Ogong.Diffusion;
using Ogong.Engine;
using Ogong.Models;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Cli.Demo;

/// <summary>The market of the diffusion demo: two specialists that share the shipped model, a provider that sells it alone, a consumer and a verifier.</summary>
internal sealed class DiffusionMarket : IDisposable
{
    private readonly IBackend _backend;
    private readonly DenoiserSegment _segment;
    private readonly StepReplayer _verifier;
    private readonly HybridKey _soloKey = HybridKey.Generate(), _leadKey = HybridKey.Generate();
    private readonly LocalConsumer _consumer = new();
    private readonly MemoryRetentionStore _retention = new(1 << 28);
    private readonly Dictionary<Digest, string> _names = [];

    private DiffusionMarket(IBackend backend, DenoiserDirectory model, DenoiserManifest manifest, DenoiserSegment segment, DiffusionRequest request, Conditioning conditioning)
    {
        (_backend, Model, Manifest, _segment, Request, Conditioning) = (backend, model, manifest, segment, request, conditioning);
        _verifier = new StepReplayer([segment], manifest.ModelRoot);
        _names[new Digest(_soloKey.PublicKey.KeyId)] = "cyd";
        _names[new Digest(_leadKey.PublicKey.KeyId)] = "lead";
    }

    public DenoiserDirectory Model { get; }

    public DenoiserManifest Manifest { get; }

    /// <summary>What the consumer orders, every time.</summary>
    public DiffusionRequest Request { get; }

    /// <summary>What is to be drawn.</summary>
    public Conditioning Conditioning { get; }

    /// <summary>Replays single steps of the model, as the verifier does and a cheat may.</summary>
    public IStepReplayer Replayer => _verifier;

    public static async Task<DiffusionMarket> StartAsync(IBackend backend, DenoiserDirectory model, DiffusionRequest request, Conditioning conditioning, CancellationToken cancellationToken) =>
        new(backend, model, DenoiserManifest.Compute(model, useCache: true, cancellationToken),
            await DenoiserSegment.LoadAsync(backend, model, cancellationToken: cancellationToken), request, conditioning);

    /// <summary>A fresh order: the same request under another salt.</summary>
    public Signed<DiffusionOrder> Order() => _consumer.Order(Model.Config, Manifest.ModelRoot, Conditioning, Request);

    /// <summary>Has two providers run an order, the second on weights of its own choice.</summary>
    public async Task<TrajectoryReply> RunCohortAsync(IDenoiserWeights second, CancellationToken cancellationToken)
    {
        int layers = Model.Config.Layers, cut = layers / 2;
        using LocalProvider ada = await StartAsync("ada", Model, new LayerRange(0, cut), cancellationToken);
        using LocalProvider ben = await StartAsync("ben", second, new LayerRange(cut, layers), cancellationToken);
        var lead = new DenoiserLead(Model.Config, Manifest.ModelRoot, [ada.Cohort, ben.Cohort], _leadKey, _retention);
        Signed<DiffusionOrder> order = Order();
        TrajectoryReply reply = (await lead.RunAsync(order, _consumer.PublicKey, Conditioning, cancellationToken: cancellationToken)).Reply;
        _retention.Release(order.Message.Hash());
        return reply;
    }

    /// <summary>Runs a request, not necessarily the one ordered, on weights that need not be the model's; returns every latent.</summary>
    public async Task<IReadOnlyList<ReadOnlyMemory<float>>> RunAloneAsync(DiffusionRequest request, Conditioning conditioning, IDenoiserWeights? weights, CancellationToken cancellationToken)
    {
        using DenoiserSegment? own = weights is null ? null : await DenoiserSegment.LoadAsync(_backend, weights, cancellationToken: cancellationToken);
        using var denoiser = new Denoiser([own ?? _segment]);
        DenoiserResult result = await denoiser.RunAsync(
            new DenoiserRequest { Conditioning = conditioning, Schedule = Schedule.Create(request.Schedule), Seed = request.Seed, Guidance = request.Guidance, Stride = 1 }, cancellationToken);
        return result.Trajectory;
    }

    /// <summary>Has the lone provider sign latents as its work on an order, wherever they come from.</summary>
    public TrajectoryReply Sign(Signed<DiffusionOrder> order, IReadOnlyList<ReadOnlyMemory<float>> latents) =>
        SoloTrajectory.Sign(order, _consumer.PublicKey, Conditioning, latents, Model.Config, _soloKey);

    /// <summary>Audits a trajectory by randomness that nobody knew while it was made.</summary>
    public Task<Verdict> AuditAsync(TrajectoryReply reply, int steps, IReplayGuard? guard, CancellationToken cancellationToken) =>
        new TrajectoryAuditor(_verifier).AuditAsync(reply, LocalConsumer.FreshDigest(), steps, guard, cancellationToken: cancellationToken);

    /// <summary>What people call the owner of a key.</summary>
    public string NameOf(Digest keyId) => _names.GetValueOrDefault(keyId) ?? keyId.ToString()[..12];

    public void Dispose()
    {
        _verifier.Dispose();
        _segment.Dispose();
        _soloKey.Dispose();
        _leadKey.Dispose();
        _consumer.Dispose();
        _retention.Dispose();
    }

    private async Task<LocalProvider> StartAsync(string name, IDenoiserWeights weights, LayerRange layers, CancellationToken cancellationToken)
    {
        LocalProvider provider = await LocalProvider.StartAsync(name, _backend, weights, Manifest.ModelRoot, layers, cancellationToken: cancellationToken);
        _names[provider.KeyId] = name;
        return provider;
    }
}

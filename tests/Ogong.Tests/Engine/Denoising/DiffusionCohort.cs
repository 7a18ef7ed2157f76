using Ogong.Bytes;
using Ogong.Cohorts;
using Ogong.Compute;
using Ogong.Diffusion;
using Ogong.Engine;
using Ogong.Models;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Tests.Engine;

/// <summary>A denoiser served by honest providers in this process, a consumer, a lead and a verifier.</summary>
internal sealed class DiffusionCohort : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    private DiffusionCohort(IBackend backend, IDenoiserWeights weights, LayerRange[] ranges)
    {
        (Backend, Weights, Ranges) = (backend, weights, ranges);
        Root = DenoiserManifest.Compute(weights).ModelRoot;
        Conditioning = TinyDenoiser.Conditioning(weights.Config, 1);
    }

    /// <summary>Four blocks, so that there are segments of several.</summary>
    public static DenoiserConfig Config { get; } = TinyDenoiser.Image with { Layers = 4 };

    public IBackend Backend { get; }

    public IDenoiserWeights Weights { get; }

    public LayerRange[] Ranges { get; }

    public Digest Root { get; }

    public Conditioning Conditioning { get; }

    public HybridKey Consumer { get; } = TestCohort.Key(1);

    public HybridKey Lead { get; } = TestCohort.Key(2);

    public List<CohortProvider> Providers { get; } = [];

    public DenoiserSegment Whole { get; private set; } = null!;

    public StepReplayer Verifier { get; private set; } = null!;

    /// <summary>Three providers with keys 10, 11, 12 on a tiny random denoiser.</summary>
    public static Task<DiffusionCohort> CreateAsync() =>
        CreateAsync([TestBackends.CreateFastest()], new TinyDenoiser(Config), [new(0, 2), new(2, 3), new(3, 4)]);

    /// <summary>A provider per range with keys 10, 11, …, on the backends in turn; the verifier runs on the first.</summary>
    public static async Task<DiffusionCohort> CreateAsync(IBackend[] backends, IDenoiserWeights weights, LayerRange[] ranges, DenoiserHostOptions? options = null)
    {
        var cohort = new DiffusionCohort(backends[0], weights, ranges);
        for (int i = 0; i < ranges.Length; i++) await cohort.AddAsync((byte)(10 + i), ranges[i], backend: backends[i % backends.Length], options: options);
        cohort.Whole = await DenoiserSegment.LoadAsync(cohort.Backend, weights);
        cohort.Verifier = new StepReplayer([cohort.Whole], cohort.Root);
        cohort._owned.AddRange([cohort.Verifier, cohort.Whole, .. backends]);
        return cohort;
    }

    /// <summary>Adds a provider, by a transport of its own making if given; a higher price makes it a reserve.</summary>
    public async Task<DenoiserHost> AddAsync(
        byte key, LayerRange range, IDenoiserWeights? weights = null, uint price = 1, Func<DenoiserHost, ISegmentTransport>? transport = null, DenoiserHostOptions? options = null,
        IBackend? backend = null)
    {
        DenoiserSegment segment = await DenoiserSegment.LoadAsync(backend ?? Backend, weights ?? Weights, range);
        HybridKey signer = TestCohort.Key(key);
        var host = new DenoiserHost(segment, Root, signer, options);
        _owned.InsertRange(0, [host, segment, signer]);
        Providers.Add(new CohortProvider(Advertise(signer, range, price), transport?.Invoke(host) ?? new InProcessTransport(host)));
        return host;
    }

    public void Replace(int index, Func<ISegmentTransport, ISegmentTransport> decorate) =>
        Providers[index] = Providers[index] with { Transport = decorate(Providers[index].Transport) };

    public Signed<DiffusionOrder> OrderFor(
        int steps = 5, float guidance = 2, LatentProfile? profile = null, ScheduleParameters? schedule = null, int stride = 2, Digest salt = default) => new DiffusionOrder
        {
            Network = "test",
            Salt = salt,
            ConsumerKeyId = new Digest(Consumer.PublicKey.KeyId),
            ModelRoot = Root,
            ConditioningHash = Conditioning.Hash(),
            Profile = profile ?? LatentProfile.Exact,
            Schedule = schedule ?? ScheduleParameters.FlowMatchEuler(steps),
            Shape = Weights.Config.Shape,
            Seed = 7,
            Guidance = guidance,
            Stride = stride,
            Fee = 1000,
            Deadline = long.MaxValue,
        }.Sign(Consumer);

    /// <summary>A lead; by default so patient that a device which compiles its kernels at their first use does not count as gone.</summary>
    public DenoiserLead CreateLead(CohortOptions? options = null, IRetentionStore? retention = null) =>
        new(Weights.Config, Root, Providers, Lead, retention ?? Store(), options ?? new CohortOptions { StepDeadline = TimeSpan.FromMinutes(10), OpenDeadline = TimeSpan.FromMinutes(10) });

    public Task<TrajectoryResult> RunAsync(Signed<DiffusionOrder>? order = null, IRetentionStore? retention = null) =>
        CreateLead(retention: retention).RunAsync(order ?? OrderFor(), Consumer.PublicKey, Conditioning);

    public void Dispose()
    {
        foreach (IDisposable item in _owned) item.Dispose();
        Consumer.Dispose();
        Lead.Dispose();
    }

    private MemoryRetentionStore Store()
    {
        var store = new MemoryRetentionStore(64 << 20);
        _owned.Add(store);
        return store;
    }

    private Signed<Advertisement> Advertise(HybridKey signer, LayerRange range, uint price) => new Advertisement
    {
        Network = "test",
        ProviderKeyId = new Digest(signer.PublicKey.KeyId),
        ModelRoot = Root,
        FirstLayer = range.First,
        EndLayer = range.End,
        Layers = Weights.Config.Layers,
        PricePerUnit = price,
        Capacity = 8,
        Profiles = [NumericProfile.Exact1, NumericProfile.Fast1],
        Expiry = long.MaxValue,
    }.Sign(signer);
}

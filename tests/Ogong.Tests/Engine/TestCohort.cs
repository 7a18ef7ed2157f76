using Ogong.Audit;
using Ogong.Bytes;
using Ogong.Cohorts;
using Ogong.Compute;
using Ogong.Engine;
using Ogong.Models;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Tests.Engine;

/// <summary>The shipped model served by three honest providers in this process, a consumer, a lead and an auditor.</summary>
internal sealed class TestCohort : IAsyncDisposable
{
    public static readonly LayerRange[] Ranges = [new(0, 2), new(2, 4), new(4, 5)];

    private readonly List<IDisposable> _owned = [];

    private TestCohort(IBackend backend, ModelDirectory model, IModelWeights? product = null)
    {
        (Backend, Model, Product) = (backend, model, product ?? model);
        Root = ModelManifest.Compute(Product).ModelRoot;
        Prompt = GoldenFile.Read("kjv").Tokens[..45];
    }

    public IBackend Backend { get; }

    public ModelDirectory Model { get; }

    /// <summary>The weights that are ordered and verified: the model's, or others made from them.</summary>
    public IModelWeights Product { get; }

    public Digest Root { get; }

    public int[] Prompt { get; }

    public HybridKey Consumer { get; } = Key(1);

    public HybridKey Lead { get; } = Key(2);

    public List<CohortProvider> Providers { get; } = [];

    public MemoryRetentionStore Retention { get; } = new(64 << 20);

    public Reexecutor Verifier { get; private set; } = null!;

    public static HybridKey Key(byte seed)
    {
        byte[] ed = new byte[32], ml = new byte[32];
        Array.Fill(ed, seed);
        Array.Fill(ml, (byte)(seed + 100));
        return HybridKey.FromSeeds(ed, ml);
    }

    /// <summary>Providers with keys 10, 11, 12 serve the three ranges; each may run other weights than the model's.</summary>
    public static Task<TestCohort> CreateAsync(params (int Segment, IModelWeights Weights)[] substituted) =>
        CreateAsync(TestBackends.CreateFastest(), verifier: null, substituted);

    /// <summary>As the other overload, with the providers on one backend and the verifier on another (null: the same).</summary>
    public static async Task<TestCohort> CreateAsync(IBackend providers, IBackend? verifier, params (int Segment, IModelWeights Weights)[] substituted)
    {
        var cohort = new TestCohort(providers, ModelDirectory.Open(TestModel.PathOf("kjv")));
        for (int i = 0; i < Ranges.Length; i++)
        {
            IModelWeights weights = substituted.FirstOrDefault(s => s.Segment == i).Weights ?? cohort.Model;
            await cohort.AddAsync((byte)(10 + i), Ranges[i], weights);
        }
        Segment whole = await Segment.LoadAsync(verifier ?? cohort.Backend, cohort.Model);
        cohort._owned.Add(whole);
        if (verifier is not null) cohort._owned.Add(verifier);
        cohort.Verifier = new Reexecutor([whole], cohort.Root, rowsPerStep: 50);
        return cohort;
    }

    /// <summary>Honest providers, on one backend, of the model with its matrices stored as <paramref name="type"/>, and a verifier on another.</summary>
    public static async Task<TestCohort> CreateAsync(IBackend providers, IBackend verifier, ElementType type)
    {
        ModelDirectory model = ModelDirectory.Open(TestModel.PathOf("kjv"));
        var cohort = new TestCohort(providers, model, SubstitutedWeights.WithMatricesAs(model, type));
        for (int i = 0; i < Ranges.Length; i++) await cohort.AddAsync((byte)(10 + i), Ranges[i]);
        Segment whole = await Segment.LoadAsync(verifier, cohort.Product);
        cohort._owned.AddRange([whole, verifier]);
        cohort.Verifier = new Reexecutor([whole], cohort.Root, rowsPerStep: 50);
        return cohort;
    }

    /// <summary>Honest providers of the three ranges, each on a backend of its own; the verifier runs on the first one's.</summary>
    public static async Task<TestCohort> CreateMixedAsync(IBackend first, IBackend second, IBackend third)
    {
        var cohort = new TestCohort(first, ModelDirectory.Open(TestModel.PathOf("kjv")));
        IBackend[] backends = [first, second, third];
        for (int i = 0; i < Ranges.Length; i++) await cohort.AddAsync((byte)(10 + i), Ranges[i], backend: backends[i]);
        Segment whole = await Segment.LoadAsync(first, cohort.Model);
        cohort._owned.AddRange([whole, second, third]);
        cohort.Verifier = new Reexecutor([whole], cohort.Root, rowsPerStep: 50);
        return cohort;
    }

    /// <summary>Adds a provider, by a transport of its own making if given; a higher price makes it a reserve.</summary>
    public async Task<SegmentHost> AddAsync(
        byte key, LayerRange range, IModelWeights? weights = null, uint price = 1, Func<SegmentHost, ISegmentTransport>? transport = null, SegmentHostOptions? options = null,
        IBackend? backend = null)
    {
        Segment segment = await Segment.LoadAsync(backend ?? Backend, weights ?? Product, range);
        HybridKey signer = Key(key);
        var host = new SegmentHost(segment, Root, signer, options ?? new SegmentHostOptions { RowsPerStep = 64 });
        _owned.AddRange([host, segment, signer]);
        Providers.Add(new CohortProvider(Advertise(signer, range, price), transport?.Invoke(host) ?? new InProcessTransport(host)));
        return host;
    }

    public void Replace(int index, Func<ISegmentTransport, ISegmentTransport> decorate) =>
        Providers[index] = Providers[index] with { Transport = decorate(Providers[index].Transport) };

    public Signed<Order> OrderFor(
        int maxTokens = 40, ProfileParameters? profile = null, SamplingParameters? sampling = null, Digest? salt = null, IReadOnlyList<int>? prompt = null) => new Order
        {
            Network = "test",
            Salt = salt ?? default,
            ConsumerKeyId = new Digest(Consumer.PublicKey.KeyId),
            ModelRoot = Root,
            RequestHash = Protocol.RequestHash([.. prompt ?? Prompt]),
            Profile = profile ?? ProfileParameters.Exact(),
            Sampling = sampling ?? SamplingParameters.Create(42, 0.8f, topK: 50, topP: 0.95),
            MaxTokens = maxTokens,
            EndTokens = [257],
            Fee = 1000,
            Deadline = long.MaxValue,
        }.Sign(Consumer);

    /// <summary>A lead; by default so patient that a device which compiles its kernels at their first use does not count as gone.</summary>
    public CohortLead CreateLead(CohortOptions? options = null, IRetentionStore? retention = null) =>
        new(Model.Config, Root, Providers, Lead, retention ?? Retention, options ?? new CohortOptions { RowsPerStep = 20, StepDeadline = TimeSpan.FromMinutes(10), OpenDeadline = TimeSpan.FromMinutes(10) });

    public async Task<Reply> ReplyAsync(Signed<Order>? order = null) =>
        (await CreateLead().RunAsync(order ?? OrderFor(), Consumer.PublicKey, Prompt)).Reply;

    public Task<Verdict> AuditAsync(Reply reply, int? segment = null)
    {
        var auditor = new Auditor(Verifier);
        Digest beacon = Protocol.RequestHash([1, 2, 3]);
        return segment is { } s ? auditor.AuditSegmentAsync(reply, s, beacon) : auditor.AuditAsync(reply, beacon);
    }

    public async ValueTask DisposeAsync()
    {
        await Task.CompletedTask;
        Verifier.Dispose();
        foreach (IDisposable item in _owned) item.Dispose();
        Model.Dispose();
        Backend.Dispose();
        Consumer.Dispose();
        Lead.Dispose();
        Retention.Dispose();
    }

    private Signed<Advertisement> Advertise(HybridKey signer, LayerRange range, uint price) => new Advertisement
    {
        Network = "test",
        ProviderKeyId = new Digest(signer.PublicKey.KeyId),
        ModelRoot = Root,
        FirstLayer = range.First,
        EndLayer = range.End,
        Layers = Model.Config.Layers,
        PricePerUnit = price,
        Capacity = 8,
        Profiles = [NumericProfile.Exact1, NumericProfile.Fast1],
        Expiry = long.MaxValue,
    }.Sign(signer);
}

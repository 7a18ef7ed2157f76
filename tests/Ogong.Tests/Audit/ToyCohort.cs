using System.Collections.Immutable;
using Ogong.Bytes;
using Ogong.Commitments;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Tests.Audit;

/// <summary>Produces replies of the toy model through a three-segment cohort, honestly or with hooks at every place where somebody can cheat.</summary>
internal sealed class ToyCohort
{
    public static readonly int[] Boundaries = [0, 2, 4, 6];

    /// <summary>Keys by fixed seeds: consumer, lead, providers of segments 0, 1, 2.</summary>
    public static readonly HybridKey[] Keys = [.. Enumerable.Range(0, 5).Select(Key)];

    public static HybridKey Consumer => Keys[0];

    public static HybridKey Lead => Keys[1];

    public static HybridKey Provider(int segment) => Keys[2 + segment];

    public static Digest Id(HybridKey key) => new(key.PublicKey.KeyId);

    public ProfileParameters Profile { get; init; } = ProfileParameters.Exact(topK: 4);

    public SamplingParameters Sampling { get; init; } = SamplingParameters.Create(7, 0.8f);

    /// <summary>Seed the provider samples with, if not the consumer's.</summary>
    public ulong? OtherSeed { get; init; }

    public int MaxTokens { get; init; } = 40;

    /// <summary>Tokens after which the provider stops although the order does not.</summary>
    public int? StopAfter { get; init; }

    public ImmutableArray<int> Prompt { get; init; } = [3, 1, 4, 1, 5, 9, 2, 6, 5];

    /// <summary>Model each segment runs.</summary>
    public ToyModel[] Models { get; init; } = [new(), new(), new()];

    /// <summary>Model that chooses the tokens, if another than the one that commits.</summary>
    public ToyModel? Decoder { get; init; }

    /// <summary>Tokens to commit to instead of decoding any.</summary>
    public ImmutableArray<int>? Tokens { get; init; }

    /// <summary>Changes the tokens after decoding and before committing.</summary>
    public Action<int[]>? EditTokens { get; init; }

    /// <summary>Changes what segment k takes as its input states.</summary>
    public Action<int, float[]>? EditInput { get; init; }

    /// <summary>Changes the states the lead opens as the input of segment k.</summary>
    public Action<int, float[]>? EditOpening { get; init; }

    public Func<SegmentAttestation, SegmentAttestation> EditAttestation { get; init; } = a => a;

    public Func<ReplyRecord, ReplyRecord> EditRecord { get; init; } = r => r;

    public bool Open { get; init; } = true;

    public bool Statements { get; init; }

    public byte Salt { get; init; } = 1;

    public Order MakeOrder() => new()
    {
        Network = "test",
        Salt = new HashTag("toy/salt").Hash([Salt]),
        ConsumerKeyId = Id(Consumer),
        ModelRoot = new ToyModel().ModelRoot,
        RequestHash = Protocol.RequestHash(Prompt.AsSpan()),
        Profile = Profile,
        Sampling = Sampling,
        MaxTokens = MaxTokens,
        EndTokens = [23],
        StopSequences = [[22, 22], [21, 20, 19]],
        Fee = 1_000_000,
        Deadline = 1_700_000_060_000,
    };

    public Reply Produce()
    {
        Order order = MakeOrder();
        int[] tokens = Tokens is { } given ? [.. given] : Decode(order);
        EditTokens?.Invoke(tokens);
        int[] fed = [.. Prompt, .. tokens.AsSpan()[..^1]];

        var inputs = new float[3][];
        float[] states = [];
        for (int k = 0; k < 3; k++)
        {
            inputs[k] = (float[])states.Clone();
            if (k > 0) EditInput?.Invoke(k, inputs[k]);
            states = Models[k].Forward(Boundaries[k], Boundaries[k + 1], fed, inputs[k]);
        }
        (IReadOnlyList<TextWindowEvidence> windows, Digest root, _) = Models[2].Commit(states, Prompt.Length, tokens, Profile, Profile.Sketch, Sampling);
        StopReason stop = order.StopRule.Decide(tokens) ?? StopReason.MaxTokens;

        List<ReplySegment> segments = [.. Enumerable.Range(0, 3).Select(k => Segment(k, order, fed, inputs[k], tokens.Length, root, stop))];
        ReplyRecord record = EditRecord(new ReplyRecord
        {
            OrderHash = order.Hash(),
            RequestHash = order.RequestHash,
            ResponseHash = Protocol.ResponseHash(tokens),
            ModelRoot = order.ModelRoot,
            CommitRoot = root,
            CohortRoot = ReplyRecord.CohortRootOf(segments.Select(s => s.Attestation.Message)),
            Segments = 3,
            PromptLength = Prompt.Length,
            TokenCount = tokens.Length,
            StopReason = stop,
            Profile = Profile,
            Sampling = Sampling,
            Started = 1_700_000_000_000,
            Finished = 1_700_000_000_250,
            ProviderKeyId = Id(Lead),
        });
        return new Reply
        {
            Order = order.Sign(Consumer),
            ConsumerKey = Consumer.PublicKey.Bytes.ToArray(),
            Prompt = Prompt,
            TextWindows = windows,
            Segments = segments,
            Record = record.Sign(Lead),
            ProviderKey = Lead.PublicKey.Bytes.ToArray(),
        };
    }

    private int[] Decode(Order order)
    {
        ToyModel[] models = Decoder is null ? Models : [Decoder, Decoder, Decoder];
        SamplingParameters sampling = OtherSeed is { } seed ? SamplingParameters.FromFixedPoint(seed, Sampling.Temperature, Sampling.TopK, Sampling.TopP) : Sampling;
        var tokens = new List<int>();
        while (order.StopRule.Decide([.. tokens]) is null && tokens.Count < (StopAfter ?? int.MaxValue))
        {
            float[] x = [];
            for (int k = 0; k < 3; k++) x = models[k].Forward(Boundaries[k], Boundaries[k + 1], [.. Prompt, .. tokens], x);
            tokens.Add(ToyModel.Choose(models[2].Logits(x.AsSpan()[^ToyModel.StateWidth..]), sampling, Prompt.Length + tokens.Count));
        }
        return [.. tokens];
    }

    private ReplySegment Segment(int k, Order order, int[] fed, float[] input, int tokenCount, Digest commitRoot, StopReason stop)
    {
        bool last = k == 2;
        BoundaryCommitment consumed = k == 0 ? BoundaryCommitment.OfTokens(fed) : CommitStates(input, SketchParameters.None);
        BoundaryCommitment? produced = last ? null : CommitStates(Models[k].Forward(Boundaries[k], Boundaries[k + 1], fed, input), Profile.Sketch);
        HybridKey key = Provider(k);
        SegmentAttestation attestation = EditAttestation(new SegmentAttestation
        {
            OrderHash = order.Hash(),
            ModelRoot = order.ModelRoot,
            Segment = k,
            Segments = 3,
            FirstLayer = Boundaries[k],
            EndLayer = Boundaries[k + 1],
            Layers = ToyModel.LayerCount,
            Width = ToyModel.StateWidth,
            Rows = fed.Length,
            InputRoot = consumed.Root,
            OutputRoot = produced?.Root ?? commitRoot,
            SketchRoot = produced?.SketchRoot ?? default,
            WorkUnits = new ToyModel().WorkUnits(Boundaries[k], Boundaries[k + 1], Prompt.Length, tokenCount),
            StopReason = last ? stop : null,
            ProviderKeyId = Id(key),
        });
        var opened = (float[])input.Clone();
        EditOpening?.Invoke(k, opened);
        var windows = new List<BoundaryWindow>();
        for (int w = 0; w < consumed.WindowHashes.Count; w++)
        {
            int rows = CommitmentWindow.RowsOf(w, fed.Length);
            SketchWindow? sketch = produced is { Sketches.Count: > 0 } ? produced.Sketches[w] : null;
            var statement = new BoundaryStatement
            {
                OrderHash = order.Hash(),
                Segment = k,
                Window = w,
                Rows = rows,
                InputHash = consumed.WindowHashes[w],
                OutputHash = produced?.WindowHashes[w] ?? default,
                SketchHash = sketch?.Hash(w) ?? default,
                ProviderKeyId = Id(key),
            };
            windows.Add(new BoundaryWindow
            {
                Index = w,
                InputHash = consumed.WindowHashes[w],
                OutputHash = produced?.WindowHashes[w] ?? default,
                Sketch = sketch,
                Statement = Statements ? statement.Sign(key) : null,
                OpenedInput = Open && k > 0 ? new ReadOnlyMemory<float>(opened, w * CommitmentWindow.Length * ToyModel.StateWidth, rows * ToyModel.StateWidth) : default,
            });
        }
        return new ReplySegment { Attestation = attestation.Sign(key), PublicKey = key.PublicKey.Bytes.ToArray(), Windows = windows };
    }

    private static BoundaryCommitment CommitStates(float[] states, SketchParameters bank)
    {
        using var committer = new BoundaryCommitter(ToyModel.StateWidth, bank);
        committer.Append(states, ToyModel.SketchOf(states, bank));
        return committer.Finish();
    }

    private static HybridKey Key(int i)
    {
        Span<byte> seed = stackalloc byte[32];
        seed.Fill((byte)(i + 1));
        Span<byte> other = stackalloc byte[32];
        other.Fill((byte)(i + 101));
        return HybridKey.FromSeeds(seed, other);
    }
}

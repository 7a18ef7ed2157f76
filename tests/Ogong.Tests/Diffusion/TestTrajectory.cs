using Ogong.Bytes;
using Ogong.Commitments;
using Ogong.Diffusion;
using Ogong.Records;
using Ogong.Signatures;
using Ogong.Tests.Audit;

namespace Ogong.Tests.Diffusion;

/// <summary>Produces trajectories of the toy denoiser, or of another one, through a cohort, honestly or with hooks at every place where somebody can cheat.</summary>
internal sealed record TestTrajectory
{
    /// <summary>The model ordered.</summary>
    public IStepReplayer Ordered { get; init; } = new ToyDenoiser();

    /// <summary>Layer boundaries of the segments.</summary>
    public int[] Boundaries { get; init; } = [0, 2, 4, 6];

    public LatentProfile Profile { get; init; } = LatentProfile.Exact;

    public ScheduleParameters Schedule { get; init; } = ScheduleParameters.FlowMatchEuler(10);

    public LatentShape Shape { get; init; } = new(2, 3, 5);

    public int Stride { get; init; } = 1;

    public ulong Seed { get; init; } = 7;

    public float Guidance { get; init; } = 2;

    public int Label { get; init; } = 3;

    public byte Salt { get; init; } = 1;

    /// <summary>Steps whose statements are kept.</summary>
    public Func<int, bool> Statements { get; init; } = _ => false;

    /// <summary>Who ran a step of a segment, if not the provider that attests to it.</summary>
    public Func<int, int, HybridKey?> RanBy { get; init; } = (_, _) => null;

    /// <summary>Steps whose boundary states are opened.</summary>
    public Func<int, bool> Open { get; init; } = _ => false;

    /// <summary>Model that a segment runs, if another one.</summary>
    public Func<int, IStepReplayer?> Model { get; init; } = _ => null;

    /// <summary>What the cohort runs instead of the order, which it signs all the same.</summary>
    public Func<DiffusionOrder, DiffusionOrder> Run { get; init; } = o => o;

    public int? RunLabel { get; init; }

    /// <summary>Changes the latent that the last segment hands on after a step.</summary>
    public Func<int, float[], float[]> EditLatent { get; init; } = (_, x) => x;

    /// <summary>All N + 1 latents, instead of computing any.</summary>
    public float[][]? Latents { get; init; }

    /// <summary>Changes the states that segment k hands on in a step.</summary>
    public Func<int, int, float[], float[]> EditStates { get; init; } = (_, _, x) => x;

    /// <summary>Changes the output digests of a segment before it attests to them.</summary>
    public Func<int, Digest[], Digest[]> EditOutputs { get; init; } = (_, d) => d;

    public Func<SegmentAttestation, SegmentAttestation> EditAttestation { get; init; } = a => a;

    public Func<TrajectoryRecord, TrajectoryRecord> EditRecord { get; init; } = r => r;

    /// <summary>Changes the digests of the committed latents before the record is signed.</summary>
    public Func<Digest[], Digest[]> EditDigests { get; init; } = d => d;

    public Conditioning Conditioning => Conditioning.OfLabel(Label);

    public DiffusionOrder Order => new()
    {
        Network = "test",
        Salt = new HashTag("toy/salt").Hash([Salt]),
        ConsumerKeyId = ToyCohort.Id(ToyCohort.Consumer),
        ModelRoot = Ordered.ModelRoot,
        ConditioningHash = Conditioning.Hash(),
        Profile = Profile,
        Schedule = Schedule,
        Shape = Shape,
        Seed = Seed,
        Guidance = Guidance,
        Stride = Stride,
        Fee = 1_000_000,
        Deadline = 1_700_000_060_000,
    };

    /// <summary>The latents x_0 … x_N that the cohort computes.</summary>
    public float[][] Compute()
    {
        DiffusionOrder run = Run(Order);
        var latents = new float[run.Steps + 1][];
        latents[0] = run.CreateInitialLatent();
        for (int s = 0; s < run.Steps; s++) latents[s + 1] = EditLatent(s, Step(run, s, latents[s], new float[Boundaries.Length - 1][]));
        return latents;
    }

    public TrajectoryReply Produce()
    {
        DiffusionOrder order = Order;
        int count = Boundaries.Length - 1;
        float[][] latents = Latents ?? Compute();
        var inputs = new float[order.Steps][][];
        for (int s = 0; s < order.Steps; s++) Step(Run(order) with { Schedule = order.Schedule }, s, latents[s], inputs[s] = new float[count][]);
        Digest[] digests = [.. latents.Select(x => TrajectoryHash.OfLatent(Shape, x))];
        List<TrajectorySegment> segments = [.. Enumerable.Range(0, count).Select(k => Segment(k, order, inputs, digests))];
        CommittedSteps committed = CommittedSteps.Of(order);
        Digest[] claimed = EditDigests([.. Enumerable.Range(0, committed.Count).Select(i => digests[committed[i]])]);
        TrajectoryRecord record = EditRecord(new TrajectoryRecord
        {
            OrderHash = order.Hash(),
            ModelRoot = order.ModelRoot,
            TrajectoryRoot = TrajectoryHash.Root(order.Hash(), committed, claimed),
            FinalLatent = claimed[^1],
            CohortRoot = ReplyRecord.CohortRootOf(segments.Select(s => s.Attestation.Message)),
            Segments = count,
            Steps = order.Steps,
            Profile = Profile,
            Started = 1_700_000_000_000,
            Finished = 1_700_000_000_250,
            ProviderKeyId = ToyCohort.Id(ToyCohort.Lead),
        });
        return new TrajectoryReply
        {
            Order = order.Sign(ToyCohort.Consumer),
            ConsumerKey = ToyCohort.Consumer.PublicKey.Bytes.ToArray(),
            Conditioning = Conditioning,
            Latents = [.. Enumerable.Range(0, committed.Count).Select(i => new CommittedLatent { Step = committed[i], Digest = claimed[i], Latent = latents[committed[i]] })],
            Segments = segments,
            Record = record.Sign(ToyCohort.Lead),
            ProviderKey = ToyCohort.Lead.PublicKey.Bytes.ToArray(),
        };
    }

    // Runs the segments on x_s; inputs[k] is what segment k takes, empty for the first.
    private float[] Step(DiffusionOrder run, int step, float[] latent, float[][] inputs)
    {
        float[] states = [];
        for (int k = 0; ; k++)
        {
            inputs[k] = states;
            bool last = k == inputs.Length - 1;
            StepReplay output = (Model(k) ?? Ordered).ReplayAsync(new StepReplayTask
            {
                Order = run,
                Conditioning = Conditioning.OfLabel(RunLabel ?? Label),
                Step = step,
                Latent = latent,
                FirstLayer = Boundaries[k],
                EndLayer = Boundaries[k + 1],
                InputStates = states,
                StatesAfter = last ? [] : [Boundaries[k + 1] - 1],
            }).AsTask().GetAwaiter().GetResult();
            if (last) return output.Latent.ToArray();
            states = EditStates(k, step, output.States[0].ToArray());
        }
    }

    private TrajectorySegment Segment(int k, DiffusionOrder order, float[][][] inputs, Digest[] digests)
    {
        HybridKey key = ToyCohort.Provider(k);
        bool last = k == Boundaries.Length - 2;
        Digest[] consumed = [.. Enumerable.Range(0, order.Steps).Select(s => k == 0 ? digests[s] : TrajectoryHash.OfStates(s, inputs[s][k], Ordered.Width))];
        Digest[] produced = EditOutputs(k, [.. Enumerable.Range(0, order.Steps).Select(s => last ? digests[s + 1] : TrajectoryHash.OfStates(s, inputs[s][k + 1], Ordered.Width))]);
        SegmentAttestation attestation = EditAttestation(new SegmentAttestation
        {
            OrderHash = order.Hash(),
            ModelRoot = order.ModelRoot,
            Segment = k,
            Segments = Boundaries.Length - 1,
            FirstLayer = Boundaries[k],
            EndLayer = Boundaries[k + 1],
            Layers = Ordered.Layers,
            Width = Ordered.Width,
            Rows = order.Steps,
            InputRoot = BoundaryCommitment.RootOf(consumed),
            OutputRoot = BoundaryCommitment.RootOf(produced),
            SketchRoot = default,
            WorkUnits = Ordered.WorkUnits(Boundaries[k], Boundaries[k + 1], order, Conditioning) / (ulong)order.Steps * (ulong)Enumerable.Range(0, order.Steps).Count(s => RanBy(k, s) is null),
            StopReason = last ? StopReason.AllSteps : null,
            ProviderKeyId = ToyCohort.Id(key),
        });
        return new TrajectorySegment
        {
            Attestation = attestation.Sign(key),
            PublicKey = key.PublicKey.Bytes.ToArray(),
            Steps = [.. Enumerable.Range(0, order.Steps).Select(s => new StepBoundary
            {
                Step = s,
                InputHash = consumed[s],
                OutputHash = produced[s],
                Statement = Statements(s) || RanBy(k, s) is not null ? Statement(order, k, s, consumed[s], produced[s], RanBy(k, s) ?? key) : null,
                ProviderKey = RanBy(k, s)?.PublicKey.Bytes.ToArray() ?? [],
                OpenedInput = k > 0 && Open(s) ? inputs[s][k] : default,
            })],
        };
    }

    private static Signed<BoundaryStatement> Statement(DiffusionOrder order, int k, int step, Digest input, Digest output, HybridKey key) => new BoundaryStatement
    {
        OrderHash = order.Hash(),
        Segment = k,
        Window = step,
        Rows = 1,
        InputHash = input,
        OutputHash = output,
        SketchHash = default,
        ProviderKeyId = ToyCohort.Id(key),
    }.Sign(key);
}

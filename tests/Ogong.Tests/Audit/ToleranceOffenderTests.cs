using NUnit.Framework;
using Ogong.Audit;
using Ogong.Bytes;
using Ogong.Commitments;
using Ogong.Records;

namespace Ogong.Tests.Audit;

/// <summary>Whoever cheats, however little, and whatever a file leaves out: in the tolerance tier no segment answers for its neighbour.</summary>
[Parallelizable(ParallelScope.All)]
internal sealed class ToleranceOffenderTests
{
    private const float Noise = 0.001f;

    private static readonly Digest s_beacon = new HashTag("test/beacon").Hash([7]);
    private static readonly SketchParameters s_bank = new(11, 32, StorageFormat.F16);
    private static readonly Offender s_lead = new(OffenderRole.Lead, null, ToyCohort.Id(ToyCohort.Lead));

    [Test]
    public async Task A_skipped_layer_is_its_segments_whether_states_are_opened_or_not([Values(0, 1, 2)] int cheat, [Values] bool open)
    {
        for (int seed = 0; seed < 10; seed++)
        {
            Reply reply = Produce(seed, cheat, static m => m with { Skipped = [0, 2, 4] }, open, Profile(0.02f));
            Verdict verdict = await AuditAsync(reply);
            Assert.That(verdict.Outcome, Is.EqualTo(AuditOutcome.Reject));
            // Sketches say nothing of tokens, which are judged first in the last segment.
            Offender expected = !open && verdict.DecidedBy!.Check == AuditCheck.Tokens ? s_lead : Provider(cheat);
            Assert.That(verdict.Offender, Is.EqualTo(expected), $"seed {seed}: {verdict.Explanation}");
        }
    }

    [Test]
    public async Task Eight_bit_weights_are_their_segments_or_nobodys_whatever_the_threshold([Values(0, 1, 2)] int cheat)
    {
        int named = 0, elsewhere = 0;
        for (int seed = 0; seed < 6; seed++)
        {
            foreach (float threshold in (float[])[0.0016f, 0.0018f, 0.002f, 0.0022f, 0.0025f, 0.003f, 0.004f, 0.006f])
            {
                Reply reply = Produce(seed, cheat, static m => m.RoundedTo8Bits(), open: true, Profile(threshold)), closed = WithoutOpenings(reply);
                Verdict whole = await AuditAsync(reply), unopened = await AuditAsync(closed), alone = await new Auditor(new ToyModel()).AuditSegmentAsync(reply, cheat, s_beacon);
                Assert.That(unopened.Outcome, Is.EqualTo(whole.Outcome), "openings do not change what is measured");
                if (alone.Outcome == AuditOutcome.Reject) Assert.That(whole.Outcome, Is.EqualTo(AuditOutcome.Reject), "what a segment adds is in the whole");
                foreach (Verdict verdict in new[] { whole, unopened })
                    Assert.That(verdict.Offender, Is.Null.Or.EqualTo(Provider(cheat)).Or.EqualTo(s_lead), $"seed {seed}, {threshold}: {verdict.Explanation}");
                if (whole.DecidedBy?.Segment == cheat) Assert.That(whole.Offender == Provider(cheat), Is.EqualTo(alone.Outcome == AuditOutcome.Reject), $"seed {seed}, {threshold}");
                if (whole.Offender == Provider(cheat)) named++;
                if (whole.DecidedBy is { } figure && figure.Segment != cheat) elsewhere++;
            }
        }
        TestContext.Out.WriteLine($"{named} named, {elsewhere} found at a neighbour's output");
        Assert.That(named, Is.GreaterThan(10));
    }

    [Test]
    public async Task Drift_that_an_earlier_segment_brought_along_is_not_blamed_on_the_one_that_shows_it([Values] bool open)
    {
        // The largest distance that segment 0 gets away with: what segment 1 adds to it is what any honest device adds.
        int shown = 0;
        for (int seed = 0; seed < 10; seed++)
        {
            ToyModel Cheat(ToyModel m) => m with { Noise = 6 * Noise };
            Verdict loose = await AuditAsync(Produce(seed, 0, Cheat, open, Profile(0.09f)));
            double[] pooled = [.. loose.Figures.Where(static f => f.Check == AuditCheck.BoundaryStates && f.Name.Contains("pooled")).Select(static f => f.Value)];
            if (pooled[1] <= pooled[0]) continue;
            Verdict verdict = await AuditAsync(Produce(seed, 0, Cheat, open, Profile((float)((pooled[0] + pooled[1]) / 2))));
            Assert.That((verdict.DecidedBy?.Segment, verdict.Offender), Is.EqualTo(((int?)1, s_lead)), verdict.Explanation);
            shown++;
        }
        Assert.That(shown, Is.GreaterThan(0));
    }

    [Test]
    public async Task Tokens_chosen_from_states_that_came_in_wrong_are_not_blamed_on_the_last_segment()
    {
        // Every boundary passes the widest band there is, and the token rule is as strict as it can be.
        ProfileParameters profile = ProfileParameters.Fast(s_bank, new ToleranceThresholds(0.9f, 0.9f, 1e-6f, null, null), topK: 4);
        Reply reply = Produce(1, 0, static m => m with { Noise = 0.2f }, open: true, profile, lastNoise: 0);
        Verdict verdict = await AuditAsync(reply);
        Assert.That((verdict.DecidedBy?.Check, verdict.Offender), Is.EqualTo(((AuditCheck?)AuditCheck.Tokens, s_lead)), verdict.Explanation);
        Assert.That((await new Auditor(new ToyModel()).AuditSegmentAsync(reply, 2, s_beacon)).Outcome, Is.EqualTo(AuditOutcome.Accept));
        Verdict seed = await AuditAsync(new ToyCohort { Profile = Profile(0.02f), OtherSeed = 8 }.Produce());
        Assert.That((seed.DecidedBy?.Check, seed.Offender), Is.EqualTo(((AuditCheck?)AuditCheck.Tokens, Provider(2))), seed.Explanation);
    }

    [Test]
    public async Task Honest_neighbours_of_every_device_are_accepted([Values] bool open)
    {
        for (int seed = 0; seed < 10; seed++)
        {
            Verdict verdict = await AuditAsync(Produce(seed, 0, static m => m, open, Profile(0.02f)));
            Assert.That(verdict.Outcome, Is.EqualTo(AuditOutcome.Accept), verdict.Explanation);
        }
    }

    [Test]
    public async Task What_is_not_finite_is_the_segments_whose_own_inputs_make_it_so([Values] bool open)
    {
        // The verifier fails in segment 1: on its own states, or on any.
        Reply reply = Produce(1, 0, static m => m, open, Profile(0.02f));
        var onOwn = new FailingModel(task => task.FirstLayer == 2 && task.Work is not null);
        var always = new FailingModel(static task => task.FirstLayer == 2);
        Verdict own = await new Auditor(onOwn).AuditAsync(reply, s_beacon), any = await new Auditor(always).AuditAsync(reply, s_beacon);
        Assert.That((own.DecidedBy?.Check, own.Offender), Is.EqualTo(((AuditCheck?)AuditCheck.Finite, s_lead)));
        Assert.That((any.DecidedBy?.Check, any.Offender), Is.EqualTo(((AuditCheck?)AuditCheck.Finite, open ? Provider(1) : s_lead)));
    }

    private static ProfileParameters Profile(float calibrated) => ProfileParameters.Fast(s_bank, ToleranceThresholds.Default with { CalibratedHiddenL2 = calibrated }, topK: 4);

    /// <summary>Honest segments on devices with other roundings than the verifier's, and one that runs another model.</summary>
    private static Reply Produce(int seed, int cheat, Func<ToyModel, ToyModel> how, bool open, ProfileParameters profile, float lastNoise = Noise)
    {
        ToyModel[] models = [.. Enumerable.Range(0, 3).Select(k => new ToyModel { Noise = k == 2 ? lastNoise : Noise })];
        models[cheat] = how(models[cheat]);
        return new ToyCohort
        {
            Profile = profile,
            Models = models,
            Open = open,
            Sampling = SamplingParameters.Create((ulong)seed, 0.8f),
            Prompt = [.. Enumerable.Range(0, 9).Select(i => (i * (seed + 3)) % 19)],
        }.Produce();
    }

    private static Reply WithoutOpenings(Reply reply) => new()
    {
        Order = reply.Order,
        ConsumerKey = reply.ConsumerKey,
        Prompt = reply.Prompt,
        TextWindows = reply.TextWindows,
        Segments = [.. reply.Segments.Select(static s => new ReplySegment { Attestation = s.Attestation, PublicKey = s.PublicKey, Windows = [.. s.Windows.Select(Closed)] })],
        Record = reply.Record,
        ProviderKey = reply.ProviderKey,
    };

    private static BoundaryWindow Closed(BoundaryWindow w) => new() { Index = w.Index, InputHash = w.InputHash, OutputHash = w.OutputHash, Sketch = w.Sketch, Statement = w.Statement };

    private static Offender Provider(int segment) => new(OffenderRole.Provider, segment, ToyCohort.Id(ToyCohort.Provider(segment)));

    private static Task<Verdict> AuditAsync(Reply reply) => new Auditor(new ToyModel()).AuditAsync(reply, s_beacon);

    /// <summary>A verifier whose arithmetic overflows in some tasks.</summary>
    private sealed class FailingModel(Func<ReplayTask, bool> fails) : IReexecutor
    {
        private readonly ToyModel _model = new();

        public Digest ModelRoot => _model.ModelRoot;

        public int Layers => _model.Layers;

        public int Width => _model.Width;

        public int VocabularySize => _model.VocabularySize;

        public int MaxPositions => _model.MaxPositions;

        public ulong WorkUnits(int firstLayer, int endLayer, int promptLength, int tokenCount) => _model.WorkUnits(firstLayer, endLayer, promptLength, tokenCount);

        public ValueTask<SegmentReplay> ReplayAsync(ReplayTask task, CancellationToken cancellationToken = default) =>
            fails(task) ? throw new ArithmeticException("not finite") : _model.ReplayAsync(task, cancellationToken);
    }
}

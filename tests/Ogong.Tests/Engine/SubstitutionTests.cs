using NUnit.Framework;
using Ogong.Audit;
using Ogong.Bytes;
using Ogong.Cohorts;
using Ogong.Commitments;
using Ogong.Engine;
using Ogong.Models;
using Ogong.Records;

namespace Ogong.Tests.Engine;

/// <summary>Every way of delivering something else than was ordered ends in a Reject that names the right party.</summary>
[TestFixture]
internal sealed class SubstitutionTests
{
    // Honest runs of this model on one backend pair differ by nothing; the threshold is set where a calibration from bf16 drift would put it.
    private static readonly ProfileParameters Tolerance = ProfileParameters.Fast(thresholds: ToleranceThresholds.Default with { CalibratedHiddenL2 = 0.004f });

    public enum Substitution
    {
        SkippedLayer,
        EightBitWeights,
        FlippedWeight,
        RopeTheta,
    }

    [Test]
    public async Task OtherWeightsAreCaughtInTheExactTier([Values] Substitution substitution, [Values(0, 1, 2)] int segment)
    {
        using var model = ModelDirectory.Open(TestModel.PathOf("kjv"));
        await using TestCohort cohort = await TestCohort.CreateAsync((segment, Substitute(substitution, model, TestCohort.Ranges[segment])));
        Reply reply = await cohort.ReplyAsync();

        AssertRejects(await cohort.AuditAsync(reply), OffenderRole.Provider, segment, cohort.Providers[segment].KeyId);
        for (int s = 0; s < 3; s++)
        {
            Verdict alone = await cohort.AuditAsync(reply, s);
            if (s == segment) AssertRejects(alone, OffenderRole.Provider, segment, cohort.Providers[segment].KeyId);
            else Assert.That(alone.Outcome, Is.EqualTo(AuditOutcome.Accept), $"segment {s} is honest: {alone.Explanation}");
        }
    }

    [Test]
    public async Task OtherWeightsAreCaughtInTheToleranceTier(
        [Values(Substitution.SkippedLayer, Substitution.EightBitWeights)] Substitution substitution, [Values(0, 1, 2)] int segment)
    {
        // The neighbours are honest, on devices that drift from the verifier's: weights a ten-thousandth off stand for their roundings.
        using var model = ModelDirectory.Open(TestModel.PathOf("kjv"));
        (int, IModelWeights)[] weights = [.. Enumerable.Range(0, 3).Select(k => (k, k == segment ? Substitute(substitution, model, TestCohort.Ranges[k]) : DriftedWeights.Of(model)))];
        await using TestCohort cohort = await TestCohort.CreateAsync(weights);
        for (ulong seed = 42; seed < 45; seed++)
        {
            Reply reply = await cohort.ReplyAsync(cohort.OrderFor(maxTokens: 64, profile: Tolerance, sampling: SamplingParameters.Create(seed, 0.8f, topK: 50, topP: 0.95)));
            AssertRejects(await cohort.AuditAsync(reply), OffenderRole.Provider, segment, cohort.Providers[segment].KeyId);
            for (int s = 0; s < 3; s++)
            {
                Verdict alone = await cohort.AuditAsync(reply, s);
                Assert.That(alone.Offender?.Segment, Is.EqualTo(s == segment ? s : (int?)null), $"{alone.Explanation} {alone.DecidedBy}");
            }
        }
    }

    [Test]
    public async Task AnotherModelIsCaught([Values] bool exact)
    {
        await using TestCohort cohort = await TestCohort.CreateAsync();
        using ScriptedModel small = await ScriptedModel.LoadAsync(cohort, "kjv-small", exact);
        await CheckScriptAsync(cohort, await small.GenerateAsync(cohort.Prompt, 40), small.Prefill, StopReason.MaxTokens, exact, whole: true);
    }

    [Test]
    public async Task ACheapModelsTokensInAnHonestPrefillAreCaught([Values] bool exact)
    {
        await using TestCohort cohort = await TestCohort.CreateAsync();
        using ScriptedModel small = await ScriptedModel.LoadAsync(cohort, "kjv-small", exact);
        Verdict verdict = await CheckScriptAsync(cohort, await small.GenerateAsync(cohort.Prompt, 40), cohort.Verifier, StopReason.MaxTokens, exact);
        Assert.That(verdict.DecidedBy!.Check, Is.EqualTo(AuditCheck.Tokens));
    }

    [Test]
    public async Task AWrongSeedIsCaught([Values] bool exact)
    {
        await using TestCohort cohort = await TestCohort.CreateAsync();
        using ScriptedModel honest = await ScriptedModel.LoadAsync(cohort, "kjv", exact);
        int[] tokens = await honest.GenerateAsync(cohort.Prompt, 40, seed: 43);
        Verdict verdict = await CheckScriptAsync(cohort, tokens, cohort.Verifier, StopReason.MaxTokens, exact);
        Assert.That(verdict.DecidedBy!.Check, Is.EqualTo(AuditCheck.Tokens));
    }

    [Test]
    public async Task AnEditedTokenIsCaughtAtItsPosition([Values] bool exact)
    {
        await using TestCohort cohort = await TestCohort.CreateAsync();
        using ScriptedModel honest = await ScriptedModel.LoadAsync(cohort, "kjv", exact);
        int[] tokens = await honest.GenerateAsync(cohort.Prompt, 40);
        tokens[11] = tokens[11] == 'q' ? 'z' : 'q';
        int[] rest = await honest.GenerateAsync([.. cohort.Prompt, .. tokens[..12]], 28);
        Verdict verdict = await CheckScriptAsync(cohort, [.. tokens[..12], .. rest], cohort.Verifier, StopReason.MaxTokens, exact);
        Assert.That((verdict.DecidedBy!.Check, verdict.DecidedBy.Position), Is.EqualTo((AuditCheck.Tokens, cohort.Prompt.Length + 11)));
    }

    [Test]
    public async Task AnEarlyStopIsCaught([Values] bool exact)
    {
        await using TestCohort cohort = await TestCohort.CreateAsync();
        using ScriptedModel honest = await ScriptedModel.LoadAsync(cohort, "kjv", exact);
        int[] tokens = await honest.GenerateAsync(cohort.Prompt, 9);
        Verdict verdict = await CheckScriptAsync(cohort, tokens, cohort.Verifier, StopReason.MaxTokens, exact);
        Assert.That(verdict.DecidedBy!.Check, Is.EqualTo(AuditCheck.Stop));
    }

    [Test]
    public async Task AReplayedRecordIsCaught()
    {
        await using TestCohort cohort = await TestCohort.CreateAsync();
        Reply reply = await cohort.ReplyAsync();
        var guard = new MemoryReplayGuard();
        var auditor = new Auditor(cohort.Verifier);
        Assert.That((await auditor.AuditAsync(reply, cohort.Root, guard)).Outcome, Is.EqualTo(AuditOutcome.Accept));
        Verdict again = await auditor.AuditAsync(reply, cohort.Root, guard);
        Assert.That(again.DecidedBy!.Check, Is.EqualTo(AuditCheck.Replay));
        Assert.That(again.Offender!.ProviderKeyId, Is.EqualTo(reply.Record.Message.ProviderKeyId));
    }

    [Test]
    public async Task SwappedBoundaryWindowsAreCaught()
    {
        await using TestCohort cohort = await TestCohort.CreateAsync();
        Reply reply = await cohort.ReplyAsync();
        // The provider of segment 1 attests its first two windows in the other order than it signed them one by one.
        ReplySegment honest = reply.Segments[1];
        BoundaryWindow[] windows = [.. honest.Windows];
        (windows[0], windows[1]) = (WithOutput(windows[0], windows[1].OutputHash), WithOutput(windows[1], windows[0].OutputHash));
        SegmentAttestation attestation = WithOutputRoot(honest.Attestation.Message, BoundaryCommitment.RootOf([.. windows.Select(w => w.OutputHash)]));
        Reply swapped = WithSegment(cohort, reply, 1, new ReplySegment
        {
            Attestation = attestation.Sign(TestCohort.Key(11)),
            PublicKey = honest.PublicKey,
            Windows = windows,
        });
        AssertRejects(await cohort.AuditAsync(swapped), OffenderRole.Provider, 1, cohort.Providers[1].KeyId);
    }

    [Test]
    public async Task WindowsSwappedByWhoeverHoldsTheFileAccuseNoProvider()
    {
        await using TestCohort cohort = await TestCohort.CreateAsync();
        Reply reply = await cohort.ReplyAsync();
        ReplySegment honest = reply.Segments[1];
        BoundaryWindow[] windows = [.. honest.Windows];
        (windows[0], windows[1]) = (WithOutput(windows[0], windows[1].OutputHash), WithOutput(windows[1], windows[0].OutputHash));
        var segment = new ReplySegment { Attestation = honest.Attestation, PublicKey = honest.PublicKey, Windows = windows };
        Verdict verdict = await cohort.AuditAsync(WithSegment(cohort, reply, 1, segment));
        Assert.That(verdict.Outcome, Is.EqualTo(AuditOutcome.Reject));
        Assert.That(verdict.Offender!.Role, Is.EqualTo(OffenderRole.Holder));
    }

    [Test]
    public async Task ALeadThatPairsASegmentWithAnotherInputIsRefusedByTheReceiver()
    {
        await using TestCohort cohort = await TestCohort.CreateAsync();
        cohort.Replace(2, inner => new TamperingTransport(inner, flipInputAt: 5));
        CohortException failure = (await Assert.ThrowsAsync<CohortException>(() => cohort.ReplyAsync()))!;
        Assert.That(((SegmentException)failure.InnerException!).Provider, Is.EqualTo(cohort.Providers[2].KeyId));
        Assert.That(((SegmentException)failure.InnerException).Failure, Is.EqualTo(SegmentFailure.Refused));
    }

    [Test]
    public async Task ALeadThatLiesAboutASegmentsInputIsNamedAndTheSegmentIsNot()
    {
        await using TestCohort cohort = await TestCohort.CreateAsync();
        Reply reply = await cohort.ReplyAsync();
        // The lead claims other opened inputs for segment 1 than segment 1 consumed and signed.
        ReplySegment honest = reply.Segments[1];
        BoundaryWindow[] windows = [.. honest.Windows];
        float[] other = windows[0].OpenedInput.ToArray();
        other[0] += 1;
        windows[0] = new BoundaryWindow
        {
            Index = 0,
            InputHash = windows[0].InputHash,
            OutputHash = windows[0].OutputHash,
            Statement = windows[0].Statement,
            OpenedInput = other,
        };
        var segment = new ReplySegment { Attestation = honest.Attestation, PublicKey = honest.PublicKey, Windows = windows };
        Verdict verdict = await cohort.AuditAsync(WithSegment(cohort, reply, 1, segment));
        Assert.That(verdict.DecidedBy!.Check, Is.EqualTo(AuditCheck.Openings));
        Assert.That(verdict.Offender!.ProviderKeyId, Is.EqualTo(reply.Record.Message.ProviderKeyId));
        Assert.That(verdict.Offender.Role, Is.Not.EqualTo(OffenderRole.Provider));
    }

    private static IModelWeights Substitute(Substitution substitution, IModelWeights model, LayerRange range) => substitution switch
    {
        Substitution.SkippedLayer => SubstitutedWeights.WithSkippedLayer(model, range.First),
        Substitution.EightBitWeights => SubstitutedWeights.WithEightBitLayers(model, range.First, range.Count),
        Substitution.FlippedWeight => SubstitutedWeights.WithFlippedBit(model, TensorNames.Down(range.End - 1), row: 3, column: 17, bit: 4),
        Substitution.RopeTheta => SubstitutedWeights.WithConfig(model, config => config with { RopeTheta = 9999 }),
        _ => throw new ArgumentOutOfRangeException(nameof(substitution)),
    };

    /// <summary>Runs the order with a scripted cheat as the last segment (or, with <paramref name="whole"/>, as the only one) and checks that it is named.</summary>
    private static async Task<Verdict> CheckScriptAsync(TestCohort cohort, int[] tokens, Reexecutor prefill, StopReason stop, bool exact, bool whole = false)
    {
        var cheat = new ScriptedLastSegment(TestCohort.Key(whole ? (byte)50 : (byte)12), prefill, cohort.Root, cohort.Model.Config, tokens, stop);
        if (whole)
        {
            await cohort.AddAsync(50, new LayerRange(0, 5), price: 0, transport: _ => cheat);
        }
        else
        {
            cohort.Replace(2, _ => cheat);
        }
        Reply reply = await cohort.ReplyAsync(cohort.OrderFor(profile: exact ? ProfileParameters.Exact() : Tolerance));
        Assert.That(reply.Tokens, Is.EqualTo(tokens));
        Verdict verdict = await cohort.AuditAsync(reply);
        AssertRejects(verdict, OffenderRole.Provider, whole ? 0 : 2, new Digest(cheat.ProviderKey.KeyId));
        return verdict;
    }

    private static void AssertRejects(Verdict verdict, OffenderRole role, int segment, Digest provider)
    {
        Assert.That(verdict.Outcome, Is.EqualTo(AuditOutcome.Reject));
        Assert.That(verdict.Offender, Is.EqualTo(new Offender(role, segment, provider)), verdict.Explanation);
        Assert.That(verdict.DecidedBy!.Value, Is.GreaterThan(verdict.DecidedBy.Threshold));
    }

    private static Reply WithSegment(TestCohort cohort, Reply reply, int index, ReplySegment segment)
    {
        ReplySegment[] segments = [.. reply.Segments];
        segments[index] = segment;
        ReplyRecord r = reply.Record.Message;
        var record = new ReplyRecord
        {
            OrderHash = r.OrderHash,
            RequestHash = r.RequestHash,
            ResponseHash = r.ResponseHash,
            ModelRoot = r.ModelRoot,
            CommitRoot = r.CommitRoot,
            CohortRoot = ReplyRecord.CohortRootOf(segments.Select(s => s.Attestation.Message)),
            Segments = r.Segments,
            PromptLength = r.PromptLength,
            TokenCount = r.TokenCount,
            StopReason = r.StopReason,
            Profile = r.Profile,
            Sampling = r.Sampling,
            Started = r.Started,
            Finished = r.Finished,
            ProviderKeyId = r.ProviderKeyId,
        };
        return new Reply
        {
            Order = reply.Order,
            ConsumerKey = reply.ConsumerKey,
            Prompt = reply.Prompt,
            TextWindows = reply.TextWindows,
            Segments = segments,
            Record = record.Sign(cohort.Lead),
            ProviderKey = reply.ProviderKey,
        };
    }

    private static BoundaryWindow WithOutput(BoundaryWindow window, Digest output) => new()
    {
        Index = window.Index,
        InputHash = window.InputHash,
        OutputHash = output,
        Sketch = window.Sketch,
        Statement = window.Statement,
        OpenedInput = window.OpenedInput,
    };

    private static SegmentAttestation WithOutputRoot(SegmentAttestation a, Digest output) => new()
    {
        OrderHash = a.OrderHash,
        ModelRoot = a.ModelRoot,
        Segment = a.Segment,
        Segments = a.Segments,
        FirstLayer = a.FirstLayer,
        EndLayer = a.EndLayer,
        Layers = a.Layers,
        Width = a.Width,
        Rows = a.Rows,
        InputRoot = a.InputRoot,
        OutputRoot = output,
        SketchRoot = a.SketchRoot,
        WorkUnits = a.WorkUnits,
        StopReason = a.StopReason,
        ProviderKeyId = a.ProviderKeyId,
    };

    /// <summary>A model a cheat holds in secret, to come by tokens.</summary>
    private sealed class ScriptedModel : IDisposable
    {
        private readonly TestCohort _cohort;
        private readonly ModelDirectory _model;
        private readonly Segment _segment;
        private readonly bool _exact;

        private ScriptedModel(TestCohort cohort, ModelDirectory model, Segment segment, bool exact)
        {
            (_cohort, _model, _segment, _exact) = (cohort, model, segment, exact);
            Prefill = new Reexecutor([segment], cohort.Root);
        }

        public Reexecutor Prefill { get; }

        public static async Task<ScriptedModel> LoadAsync(TestCohort cohort, string name, bool exact)
        {
            ModelDirectory model = ModelDirectory.Open(TestModel.PathOf(name));
            return new ScriptedModel(cohort, model, await Segment.LoadAsync(cohort.Backend, model), exact);
        }

        public async Task<int[]> GenerateAsync(int[] prompt, int count, ulong seed = 42)
        {
            SamplingParameters ordered = _cohort.OrderFor().Message.Sampling;
            await using var generator = new TextGenerator([_segment], new ExecutionOptions { Profile = _exact ? ProfileParameters.Exact() : Tolerance });
            GenerationResult result = await generator.Start(new GenerationRequest
            {
                Prompt = prompt,
                MaxTokens = count,
                EndTokens = [],
                Sampling = SamplingParameters.FromFixedPoint(seed, ordered.Temperature, ordered.TopK, ordered.TopP),
            }).Completion;
            return result.Tokens.ToArray();
        }

        public void Dispose()
        {
            Prefill.Dispose();
            _segment.Dispose();
            _model.Dispose();
        }
    }
}

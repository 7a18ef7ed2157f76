using System.Text.Json;
using NUnit.Framework;
using Ogong.Audit;
using Ogong.Bytes;
using Ogong.Commitments;
using Ogong.Records;

namespace Ogong.Tests.Audit;

public class AuditorTests
{
    private static readonly Digest beacon = new HashTag("test/beacon").Hash([7]);
    private static readonly ProfileParameters fast = ProfileParameters.Fast(new SketchParameters(11, 32, StorageFormat.F16), topK: 4);

    [Test]
    public async Task Honest_exact_reply_is_accepted_whole_and_by_segment()
    {
        Reply reply = Stored(new ToyCohort { Statements = true }.Produce());
        Verdict whole = await Whole(reply);
        Assert.That(whole.Outcome, Is.EqualTo(AuditOutcome.Accept), whole.Explanation);
        Assert.That(whole.WorkProofs, Has.Length.EqualTo(3));
        Assert.That(whole.Figures.Select(f => f.Check).Distinct(), Is.SupersetOf(new[]
        {
            AuditCheck.Signatures, AuditCheck.Binding, AuditCheck.Model, AuditCheck.Merkle, AuditCheck.Statements, AuditCheck.Tiling, AuditCheck.Chain, AuditCheck.WorkUnits,
            AuditCheck.Openings, AuditCheck.Stop, AuditCheck.Finite, AuditCheck.BoundaryStates, AuditCheck.Tokens, AuditCheck.HiddenStates, AuditCheck.TopK,
        }));
        for (int k = 0; k < 3; k++)
        {
            Verdict single = await new Auditor(new ToyModel()).AuditSegmentAsync(reply, k, beacon);
            Assert.That(single.Outcome, Is.EqualTo(AuditOutcome.Accept), single.Explanation);
            Assert.That(single.WorkProofs.Single(), Is.EqualTo(whole.WorkProofs[k]), "the same inputs give the same proof");
        }
    }

    [Test]
    public async Task Honest_drift_is_accepted_in_the_tolerance_tier()
    {
        Reply reply = Stored(new ToyCohort { Profile = fast, Models = Noisy(0.001f) }.Produce());
        Verdict verdict = await Whole(reply);
        Assert.That(verdict.Outcome, Is.EqualTo(AuditOutcome.Accept), verdict.Explanation);
        AuditFigure hidden = verdict.Figures.Last(f => f.Check == AuditCheck.HiddenStates);
        Assert.That(hidden.Value, Is.GreaterThan(0).And.LessThan(0.01));
        for (int k = 0; k < 3; k++)
            Assert.That((await new Auditor(new ToyModel()).AuditSegmentAsync(reply, k, beacon)).Outcome, Is.EqualTo(AuditOutcome.Accept));
    }

    [Test]
    public async Task A_segment_that_runs_other_weights_is_named([Values(0, 1, 2)] int cheat, [Values("other model", "layer skipped", "8 bits", "one weight", "theta")] string how)
    {
        ToyModel[] models = [new(), new(), new()];
        var honest = new ToyModel();
        models[cheat] = how switch
        {
            "other model" => honest with { Weights = [.. honest.Weights.Select(w => w * 0.5f)] },
            "layer skipped" => honest with { Skipped = [ToyCohort.Boundaries[cheat]] },
            "8 bits" => honest.RoundedTo8Bits(),
            "one weight" => honest.WithFlippedWeight((ToyCohort.Boundaries[cheat] * ToyModel.StateWidth) + 3),
            _ => honest with { Theta = 9 },
        };
        Reply reply = Stored(new ToyCohort { Models = models }.Produce());
        AssertNames(await Whole(reply), cheat, cheat == 2 ? AuditCheck.HiddenStates : AuditCheck.BoundaryStates, AuditCheck.Tokens);
        AssertNames(await new Auditor(honest).AuditSegmentAsync(reply, cheat, beacon), cheat, cheat == 2 ? AuditCheck.HiddenStates : AuditCheck.BoundaryStates, AuditCheck.Tokens);
        for (int k = 0; k < 3; k++)
        {
            if (k == cheat) continue;
            Verdict other = await new Auditor(honest).AuditSegmentAsync(reply, k, beacon);
            Assert.That(other.Outcome, Is.EqualTo(AuditOutcome.Accept), "right outputs from the inputs it got, whatever those were");
        }
    }

    [Test]
    public async Task A_skipped_layer_is_named_in_the_tolerance_tier([Values(0, 1, 2)] int cheat)
    {
        ToyModel[] models = Noisy(0.001f);
        models[cheat] = models[cheat] with { Skipped = [ToyCohort.Boundaries[cheat]] };
        Verdict verdict = await Whole(Stored(new ToyCohort { Profile = fast, Models = models }.Produce()));
        AssertNames(verdict, cheat, cheat == 2 ? AuditCheck.HiddenStates : AuditCheck.BoundaryStates, AuditCheck.Tokens);
    }

    [Test]
    public async Task A_calibrated_threshold_catches_what_the_outer_bound_lets_pass()
    {
        ToyModel[] models = Noisy(0.001f);
        models[1] = models[1].RoundedTo8Bits();
        Verdict loose = await Whole(new ToyCohort { Profile = fast, Models = models }.Produce());
        Assert.That(loose.Outcome, Is.EqualTo(AuditOutcome.Accept), loose.Explanation);
        Verdict honest = await Whole(new ToyCohort { Profile = fast, Models = Noisy(0.001f) }.Produce());
        float threshold = 1.2f * (float)honest.Figures.Where(f => f.Name.Contains("pooled")).Max(f => f.Value);
        ProfileParameters calibrated = ProfileParameters.Fast(fast.Sketch, ToleranceThresholds.Default with { CalibratedHiddenL2 = threshold }, topK: 4);
        Assert.That((await Whole(new ToyCohort { Profile = calibrated, Models = Noisy(0.001f) }.Produce())).Outcome, Is.EqualTo(AuditOutcome.Accept));
        Verdict verdict = await Whole(new ToyCohort { Profile = calibrated, Models = models }.Produce());
        AssertNames(verdict, 1, AuditCheck.BoundaryStates);
        Assert.That(verdict.DecidedBy!.Threshold, Is.EqualTo(threshold));
    }

    [Test]
    public async Task A_wrong_seed_is_named([Values] bool exact) =>
        AssertNames(await Whole(Stored(new ToyCohort { Profile = exact ? ProfileParameters.Exact() : fast, OtherSeed = 8 }.Produce())), 2, AuditCheck.Tokens);

    [Test]
    public async Task A_cheap_models_tokens_in_one_honest_prefill_are_named([Values] bool exact)
    {
        var cheap = new ToyModel { Skipped = [1, 2, 3, 4] };
        AssertNames(await Whole(Stored(new ToyCohort { Profile = exact ? ProfileParameters.Exact() : fast, Decoder = cheap }.Produce())), 2, AuditCheck.Tokens);
    }

    [Test]
    public async Task An_edited_token_is_named()
    {
        Verdict verdict = await Whole(Stored(new ToyCohort { EditTokens = t => t[12] = (t[12] + 1) % 19 }.Produce()));
        AssertNames(verdict, 2, AuditCheck.Tokens);
        Assert.That(verdict.DecidedBy!.Position, Is.EqualTo(9 + 12), "the first token off the rule");
    }

    [Test]
    public async Task An_early_stop_is_named()
    {
        Verdict verdict = await Whole(Stored(new ToyCohort { StopAfter = 20 }.Produce()));
        AssertNames(verdict, 2, AuditCheck.Stop);
        Assert.That(verdict.DecidedBy!.Position, Is.EqualTo(9 + 19));
    }

    [Test]
    public async Task A_reply_past_its_stop_is_named()
    {
        Verdict verdict = await Whole(Stored(new ToyCohort { EditTokens = t => t[5] = 23 }.Produce()));
        AssertNames(verdict, 2, AuditCheck.Stop);
        Assert.That(verdict.DecidedBy!.Position, Is.EqualTo(9 + 6), "the first token after the end token");
    }

    [Test]
    public async Task A_replayed_record_is_refused()
    {
        var guard = new MemoryReplayGuard();
        Reply reply = new ToyCohort().Produce();
        Assert.That((await new Auditor(new ToyModel()).AuditAsync(reply, beacon, guard)).Outcome, Is.EqualTo(AuditOutcome.Accept));
        // Signed anew: other signature bytes, the same record.
        var again = new Reply
        {
            Order = reply.Order, ConsumerKey = reply.ConsumerKey, Prompt = reply.Prompt, TextWindows = reply.TextWindows, Segments = reply.Segments,
            Record = reply.Record.Message.Sign(ToyCohort.Lead), ProviderKey = reply.ProviderKey,
        };
        Assert.That(again.Record.Signature.SequenceEqual(reply.Record.Signature), Is.False);
        AssertLead(await new Auditor(new ToyModel()).AuditAsync(again, beacon, guard), AuditCheck.Replay);
        // Presented for another order.
        Order other = new ToyCohort { Salt = 2 }.MakeOrder();
        var moved = new Reply
        {
            Order = other.Sign(ToyCohort.Consumer), ConsumerKey = reply.ConsumerKey, Prompt = reply.Prompt, TextWindows = reply.TextWindows, Segments = reply.Segments,
            Record = reply.Record, ProviderKey = reply.ProviderKey,
        };
        AssertLead(await Whole(moved), AuditCheck.Binding);
    }

    [Test]
    public async Task A_swapped_boundary_names_the_receiver_that_signed_it([Values(1, 2)] int segment)
    {
        // The receiver takes window 0 for the first rows of window 1 and signs that it did.
        var cohort = new ToyCohort { EditInput = (k, states) => { if (k == segment) Array.Reverse(states, 0, ToyModel.StateWidth * 33); } };
        Verdict verdict = await Whole(Stored(cohort.Produce()));
        AssertNames(verdict, segment, AuditCheck.Chain);
        Assert.That(verdict.DecidedBy!.Window, Is.EqualTo(0));
    }

    [Test]
    public async Task A_producer_that_states_one_thing_and_attests_another_is_named_instead_of_its_receiver()
    {
        // The receiver was sent, and signed for, a boundary that the producer's statement confirms and its attestation denies.
        var wrong = new ToyModel { Theta = 9 };
        Reply told = new ToyCohort { Models = [wrong, new(), new()], Statements = true }.Produce();
        Reply attested = new ToyCohort { Statements = true, Tokens = told.Tokens }.Produce();
        ReplySegment liar = attested.Segments[0];
        var windows = liar.Windows.Select((w, i) => new BoundaryWindow { Index = i, InputHash = w.InputHash, OutputHash = w.OutputHash, Statement = told.Segments[0].Windows[i].Statement }).ToList();
        List<ReplySegment> segments = [new ReplySegment { Attestation = liar.Attestation, PublicKey = liar.PublicKey, Windows = windows }, .. told.Segments.Skip(1)];
        Reply reply = Resign(told, segments);
        AssertNames(await Whole(reply), 0, AuditCheck.Statements);
        var proof = new EquivocationProof(told.Segments[0].Windows[0].Statement!, attested.Segments[0].Windows[0].Statement!);
        Assert.That(proof.Proves(ToyCohort.Provider(0).PublicKey), Is.True);
        Assert.That(proof.Proves(ToyCohort.Provider(1).PublicKey), Is.False);
        Assert.That(new EquivocationProof(proof.First, proof.First.Message.Sign(ToyCohort.Provider(0))).Proves(ToyCohort.Provider(0).PublicKey), Is.False);
    }

    [Test]
    public async Task A_lead_that_lies_about_an_opened_input_is_named([Values(1, 2)] int segment)
    {
        Reply reply = Stored(new ToyCohort { EditOpening = (k, states) => { if (k == segment) states[ToyModel.StateWidth * 35] += 1; } }.Produce());
        Verdict verdict = await new Auditor(new ToyModel()).AuditSegmentAsync(reply, segment, beacon);
        Assert.That(verdict.DecidedBy?.Check, Is.EqualTo(AuditCheck.Openings), verdict.Explanation);
        Assert.That(verdict.Offender, Is.EqualTo(new Offender(OffenderRole.Holder, segment, ToyCohort.Id(ToyCohort.Lead))));
        Assert.That(verdict.DecidedBy!.Window, Is.EqualTo(1));
    }

    [Test]
    public async Task A_sketch_fitted_to_the_honest_one_is_named()
    {
        // The cheap states get the honest sketch: the public bank alone would pass.
        Reply honest = new ToyCohort { Profile = fast }.Produce();
        ToyModel[] models = [new() { Skipped = [1] }, new(), new()];
        Reply cheap = new ToyCohort { Profile = fast, Models = models, Tokens = honest.Tokens }.Produce();
        ReplySegment liar = cheap.Segments[0];
        List<BoundaryWindow> windows = [.. liar.Windows.Select((w, i) => new BoundaryWindow { Index = i, InputHash = w.InputHash, OutputHash = w.OutputHash, Sketch = honest.Segments[0].Windows[i].Sketch })];
        SegmentAttestation signed = liar.Attestation.Message with { SketchRoot = honest.Segments[0].Attestation.Message.SketchRoot };
        var first = new ReplySegment { Attestation = signed.Sign(ToyCohort.Provider(0)), PublicKey = liar.PublicKey, Windows = windows };
        AssertNames(await Whole(Resign(cheap, [first, .. cheap.Segments.Skip(1)])), 0, AuditCheck.Openings);
    }

    [Test]
    public async Task Overbilled_work_is_named([Values(0, 1, 2)] int segment)
    {
        var cohort = new ToyCohort { EditAttestation = a => a.Segment == segment ? a with { WorkUnits = a.WorkUnits + 1 } : a };
        AssertNames(await Whole(cohort.Produce()), segment, AuditCheck.WorkUnits);
    }

    [Test]
    public async Task A_lead_that_misstates_the_reply_is_named()
    {
        AssertLead(await Whole(new ToyCohort { EditRecord = r => r with { ModelRoot = default } }.Produce()), AuditCheck.Binding);
        AssertLead(await Whole(new ToyCohort { EditRecord = r => r with { ResponseHash = default } }.Produce()), AuditCheck.Merkle);
        AssertLead(await Whole(new ToyCohort { EditRecord = r => r with { StopReason = StopReason.MaxTokens } }.Produce()), AuditCheck.Stop);
        AssertLead(await Whole(new ToyCohort { EditRecord = r => r with { CohortRoot = default } }.Produce()), AuditCheck.Binding);
    }

    [Test]
    public async Task A_damaged_signature_names_nobody()
    {
        Reply reply = new ToyCohort().Produce();
        byte[] signature = reply.Record.Signature.ToArray();
        foreach (int at in new[] { 3, 64 + 100 })
        {
            byte[] damaged = [.. signature];
            damaged[at] ^= 1;
            var forged = new Reply
            {
                Order = reply.Order, ConsumerKey = reply.ConsumerKey, Prompt = reply.Prompt, TextWindows = reply.TextWindows, Segments = reply.Segments,
                Record = new Signed<ReplyRecord>(reply.Record.Message, damaged), ProviderKey = reply.ProviderKey,
            };
            Verdict verdict = await Whole(forged);
            Assert.That(verdict.DecidedBy?.Check, Is.EqualTo(AuditCheck.Signatures), "either half alone is not enough");
            Assert.That(verdict.Offender!.ProviderKeyId, Is.Null);
        }
    }

    [Test]
    public async Task A_verifier_without_the_model_accuses_nobody()
    {
        Verdict verdict = await new Auditor(new ToyModel { ModelRoot = default }).AuditAsync(new ToyCohort().Produce(), beacon);
        Assert.That(verdict.DecidedBy?.Check, Is.EqualTo(AuditCheck.Model));
        Assert.That(verdict.Offender, Is.Null);
    }

    [Test]
    public async Task A_work_proof_depends_on_the_beacon_and_the_states()
    {
        Reply reply = new ToyCohort().Produce();
        Verdict a = await Whole(reply), b = await new Auditor(new ToyModel()).AuditAsync(reply, default);
        for (int k = 0; k < 3; k++) Assert.That(a.WorkProofs[k].Hash, Is.Not.EqualTo(b.WorkProofs[k].Hash));
    }

    [Test]
    public async Task A_fault_is_caught_before_signing([Values] bool exact, [Values] bool last)
    {
        ProfileParameters profile = exact ? ProfileParameters.Exact(topK: 4) : fast;
        Reply reply = new ToyCohort { Profile = profile }.Produce();
        var task = new ReplayTask
        {
            FirstLayer = last ? 4 : 0, EndLayer = last ? 6 : 2, Prompt = reply.Prompt, Tokens = reply.Tokens, Profile = profile, Sketch = profile.Sketch, Sampling = reply.Order.Message.Sampling,
            InputStates = last ? reply.Segments[2].Windows.SelectMany(w => w.OpenedInput.ToArray()).ToArray() : default,
        };
        foreach (bool faulty in new[] { false, true })
        {
            ToyModel repeat = faulty ? new() { Skipped = [last ? 5 : 1] } : new();
            for (int w = 0; w < 2; w++)
            {
                var committed = new BoundaryCommitment(
                    [.. reply.Segments[0].Windows.Select(b => b.OutputHash)], exact ? [] : [.. reply.Segments[0].Windows.Select(b => b.Sketch!)]);
                AuditFigure figure = last
                    ? await WindowSelfCheck.CheckTextAsync(repeat, task, reply.TextWindows[w])
                    : await WindowSelfCheck.CheckBoundaryAsync(repeat, task, committed, w);
                Assert.That(figure.Fails, Is.EqualTo(faulty), figure.ToString());
            }
        }
    }

    [Test]
    public void A_verdict_cannot_contradict_its_figures()
    {
        var failing = new AuditFigure(AuditCheck.Tokens, "x", 1, 0);
        var passing = new AuditFigure(AuditCheck.Tokens, "x", 0, 0);
        Assert.Throws<ArgumentException>(() => _ = new Verdict(default, [failing], [], null, null, ""));
        Assert.Throws<ArgumentException>(() => _ = new Verdict(default, [passing], [], passing, null, ""));
        Assert.Throws<ArgumentException>(() => _ = new Verdict(default, [passing], [], failing, null, ""));
        Assert.Throws<ArgumentException>(() => _ = new Verdict(default, [passing], [], null, new Offender(OffenderRole.Lead, null, null), ""));
    }

    [Test]
    public async Task A_verdict_is_readable_json()
    {
        string json = JsonSerializer.Serialize(await Whole(new ToyCohort { OtherSeed = 8 }.Produce()));
        using JsonDocument document = JsonDocument.Parse(json);
        Assert.That(document.RootElement.GetProperty("Outcome").GetString(), Is.EqualTo("Reject"));
        Assert.That(document.RootElement.GetProperty("DecidedBy").GetProperty("Check").GetString(), Is.EqualTo("Tokens"));
        Assert.That(document.RootElement.GetProperty("Offender").GetProperty("ProviderKeyId").GetString(), Is.EqualTo(ToyCohort.Id(ToyCohort.Provider(2)).ToString()));
    }

    private static ToyModel[] Noisy(float noise) => [.. Enumerable.Range(0, 3).Select(_ => new ToyModel { Noise = noise })];

    private static Task<Verdict> Whole(Reply reply) => new Auditor(new ToyModel()).AuditAsync(reply, beacon);

    /// <summary>The reply as it comes back from a file.</summary>
    private static Reply Stored(Reply reply)
    {
        using var stream = new MemoryStream();
        reply.WriteTo(stream);
        return ReplyReader.Decode(stream.ToArray()).Value;
    }

    private static void AssertNames(Verdict verdict, int segment, params AuditCheck[] checks)
    {
        Assert.That(verdict.Outcome, Is.EqualTo(AuditOutcome.Reject), verdict.Explanation);
        Assert.That(verdict.Offender, Is.EqualTo(new Offender(OffenderRole.Provider, segment, ToyCohort.Id(ToyCohort.Provider(segment)))), verdict.Explanation);
        Assert.That(checks, Has.Member(verdict.DecidedBy!.Check), verdict.Explanation);
    }

    private static void AssertLead(Verdict verdict, AuditCheck check)
    {
        Assert.That(verdict.DecidedBy?.Check, Is.EqualTo(check), verdict.Explanation);
        Assert.That(verdict.Offender, Is.EqualTo(new Offender(OffenderRole.Lead, null, ToyCohort.Id(ToyCohort.Lead))), verdict.Explanation);
    }

    private static Reply Resign(Reply reply, List<ReplySegment> segments) => new()
    {
        Order = reply.Order,
        ConsumerKey = reply.ConsumerKey,
        Prompt = reply.Prompt,
        TextWindows = reply.TextWindows,
        Segments = segments,
        Record = (reply.Record.Message with { CohortRoot = ReplyRecord.CohortRootOf(segments.Select(s => s.Attestation.Message)) }).Sign(ToyCohort.Lead),
        ProviderKey = reply.ProviderKey,
    };
}

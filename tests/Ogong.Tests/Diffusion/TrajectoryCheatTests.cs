using NUnit.Framework;
using Ogong.Audit;
using Ogong.Bytes;
using Ogong.Diffusion;
using Ogong.Records;
using Ogong.Tests.Audit;

namespace Ogong.Tests.Diffusion;

/// <summary>Every cheat is rejected by the check, in the step and against the party that the protocol names.</summary>
internal sealed class TrajectoryCheatTests
{
    private const int All = 10;

    private static readonly Offender lead = new(OffenderRole.Lead, null, ToyCohort.Id(ToyCohort.Lead));
    private static readonly Offender holder = new(OffenderRole.Holder, null, ToyCohort.Id(ToyCohort.Lead));

    [Test]
    public async Task Fewer_steps_stretched_by_repeating_latents([Values] bool exact)
    {
        // Five steps for ten: every latent twice. The copies are cheap, so nothing was run for them.
        float[][] few = new TestTrajectory { Schedule = ScheduleParameters.FlowMatchEuler(5) }.Compute();
        await Rejects(Tier(exact) with { Latents = [.. Enumerable.Range(0, 11).Select(s => few[s / 2])] }, AuditCheck.Steps, 0, Provider(2));
    }

    [Test]
    public async Task Fewer_steps_stretched_by_interpolation([Values] bool exact)
    {
        float[][] few = new TestTrajectory { Schedule = ScheduleParameters.FlowMatchEuler(5) }.Compute();
        float[][] stretched = [.. Enumerable.Range(0, 11).Select(s => s % 2 == 0 ? few[s / 2] : few[s / 2].Zip(few[(s / 2) + 1], (a, b) => (a + b) / 2).ToArray())];
        await Rejects(Tier(exact) with { Latents = stretched }, AuditCheck.Steps, null, Provider(2));
    }

    [Test]
    public async Task One_step_left_out([Values] bool exact, [Values(0, 4, 9)] int skipped)
    {
        float[] previous = Tier(exact).Order.CreateInitialLatent();
        TestTrajectory toy = Tier(exact) with { EditLatent = (s, x) => previous = s == skipped ? previous : x };
        await Rejects(toy, AuditCheck.Steps, skipped, Provider(2));
    }

    [Test]
    public async Task A_smaller_model([Values(0, 1, 2)] int segment, [Values] bool exact) =>
        await Rejects(Tier(exact) with { Model = k => k == segment ? new ToyDenoiser { Skipped = [2 * segment] } : new ToyDenoiser() }, segment == 2 ? AuditCheck.Steps : AuditCheck.BoundaryStates, 0, Provider(segment));

    [Test]
    public async Task A_quantised_model([Values(0, 1, 2)] int segment) =>
        await Rejects(new TestTrajectory { Model = k => k == segment ? new ToyDenoiser().RoundedTo8Bits() : new ToyDenoiser() }, segment == 2 ? AuditCheck.Steps : AuditCheck.BoundaryStates, 0, Provider(segment));

    [Test]
    public async Task Another_label() => await Rejects(new TestTrajectory { RunLabel = 4 }, AuditCheck.BoundaryStates, 0, Provider(0));

    [Test]
    public async Task Another_conditioning_in_the_file()
    {
        TrajectoryReply reply = new TestTrajectory().Produce();
        await Rejects(With(reply, conditioning: Conditioning.OfLabel(4)), AuditCheck.Binding, null, lead);
    }

    [Test]
    public async Task Another_seed() => await Rejects(new TestTrajectory { Run = o => o with { Seed = 8 } }, AuditCheck.InitialNoise, 0, lead);

    [Test]
    public async Task Guidance_changed_by_five_percent([Values(0.95f, 1.05f)] float factor) =>
        await Rejects(new TestTrajectory { Run = o => o with { Guidance = o.Guidance * factor } }, AuditCheck.Steps, 0, Provider(2));

    [Test]
    public async Task Guidance_left_out() => await Rejects(new TestTrajectory { Run = o => o with { Guidance = 1 } }, AuditCheck.BoundaryStates, 0, Provider(0));

    [Test]
    public async Task Another_schedule() =>
        await Rejects(new TestTrajectory { Run = o => o with { Schedule = ScheduleParameters.FlowMatchEuler(10, shift: 3) }, Latents = new TestTrajectory { Schedule = ScheduleParameters.FlowMatchEuler(10, shift: 3) }.Compute() }, AuditCheck.Steps, 0, Provider(2));

    [Test]
    public async Task A_forged_final_latent([Values] bool exact) =>
        await Rejects(Tier(exact) with { EditLatent = (s, x) => s == 9 ? [.. x.Select(v => -v)] : x }, AuditCheck.Steps, 9, Provider(2), count: 0);

    [Test]
    public async Task A_final_latent_that_only_the_record_states()
    {
        Digest forged = TrajectoryHash.OfLatent(new TestTrajectory().Shape, new float[30]);
        await Rejects(new TestTrajectory { EditRecord = r => r with { FinalLatent = forged } }, AuditCheck.Merkle, 9, lead);
        // The lead commits to a picture that the last provider never produced.
        TrajectoryReply reply = new TestTrajectory { EditDigests = d => [.. d[..^1], forged] }.Produce();
        await Rejects(With(reply, latents: [.. reply.Latents.SkipLast(1), Latent(reply.Latents[^1], new float[30])]), AuditCheck.Chain, 9, lead);
    }

    [Test]
    public async Task The_same_record_twice()
    {
        TrajectoryReply reply = new TestTrajectory().Produce();
        var guard = new MemoryReplayGuard();
        Assert.That((await new TrajectoryAuditor(new ToyDenoiser()).AuditAsync(reply, default, 1, guard)).Outcome, Is.EqualTo(AuditOutcome.Accept));
        Verdict again = await new TrajectoryAuditor(new ToyDenoiser()).AuditAsync(reply, default, 1, guard);
        Assert.That((again.DecidedBy?.Check, again.Offender), Is.EqualTo(((AuditCheck?)AuditCheck.Replay, lead)));
    }

    [Test]
    public async Task Another_orders_trajectory()
    {
        var other = new TestTrajectory { Salt = 2, Seed = 8 };
        TrajectoryReply theirs = other.Produce(), ours = new TestTrajectory().Produce();
        // The whole reply under another order; then the record re-signed; then everything re-signed, with the old latents.
        await Rejects(With(theirs, order: ours.Order), AuditCheck.Binding, null, lead);
        await Rejects(With(theirs, order: ours.Order, record: (theirs.Record.Message with { OrderHash = ours.Order.Message.Hash() }).Sign(ToyCohort.Lead)), AuditCheck.Binding, null, lead);
        await Rejects(new TestTrajectory { Latents = other.Compute() }, AuditCheck.InitialNoise, 0, lead);
        // A root made for the other order does not fit this one even over the same latents.
        Digest root = (other with { Seed = 7 }).Produce().Record.Message.TrajectoryRoot;
        await Rejects(new TestTrajectory { EditRecord = r => r with { TrajectoryRoot = root } }, AuditCheck.Merkle, null, holder);
    }

    [Test]
    public async Task Tampered_openings()
    {
        TrajectoryReply reply = new TestTrajectory { Open = _ => true }.Produce();
        float[] changed = [.. reply.Latents[4].Latent.Span];
        changed[7] = MathF.BitIncrement(changed[7]);
        await Rejects(With(reply, latents: [.. reply.Latents.Select((l, i) => i == 4 ? Latent(l, changed) : l)]), AuditCheck.Openings, 3, holder);
        await Rejects(With(reply, latents: [.. reply.Latents.Select((l, i) => i == 4 ? new CommittedLatent { Step = 4, Digest = TrajectoryHash.OfLatent(new(2, 3, 5), changed), Latent = changed } : l)]), AuditCheck.Merkle, null, holder);

        TrajectorySegment middle = reply.Segments[1];
        float[] states = [.. middle.Steps[5].OpenedInput.Span];
        states[1] = -states[1];
        StepBoundary step = middle.Steps[5];
        var tampered = new TrajectorySegment
        {
            Attestation = middle.Attestation,
            PublicKey = middle.PublicKey,
            Steps = [.. middle.Steps.Select((s, i) => i == 5 ? new StepBoundary { Step = 5, InputHash = step.InputHash, OutputHash = step.OutputHash, OpenedInput = states } : s)],
        };
        await Rejects(With(reply, segments: [reply.Segments[0], tampered, reply.Segments[2]]), AuditCheck.Openings, 5, holder with { Segment = 1 });

        var toy = new TestTrajectory();
        TrajectoryReply other = new TestTrajectory { Salt = 2 }.Produce();
        LatentOpening foreign = LatentOpening.Create((toy with { Salt = 2 }).Order, [.. other.Latents.Select(l => l.Digest)], 4, other.Latents[4].Latent.Span);
        Assert.That((foreign.IsCommitted((toy with { Salt = 2 }).Order, other.Record.Message.TrajectoryRoot), foreign.IsCommitted(toy.Order, reply.Record.Message.TrajectoryRoot)), Is.EqualTo((true, false)));
        Verdict verdict = await new TrajectoryAuditor(new ToyDenoiser()).AuditAsync(toy.Produce().WithoutLatents(), default, 1, openings: [foreign]);
        Assert.That((verdict.DecidedBy?.Check, verdict.Offender), Is.EqualTo(((AuditCheck?)AuditCheck.Openings, new Offender(OffenderRole.Holder, null, null))), "anybody can supply a wrong opening");
    }

    [Test]
    public async Task Swapped_steps()
    {
        TrajectoryReply reply = new TestTrajectory().Produce();
        CommittedLatent[] swapped = [.. reply.Latents];
        (swapped[3], swapped[4]) = (Moved(swapped[4], 3), Moved(swapped[3], 4));
        await Rejects(With(reply, latents: swapped), AuditCheck.Merkle, null, holder);
        // Signed as swapped, the latents are those of no chain of steps.
        await Rejects(new TestTrajectory { EditDigests = d => [.. d[..3], d[4], d[3], .. d[5..]] }, AuditCheck.Openings, 2, holder);
        float[][] latents = new TestTrajectory().Compute();
        (latents[3], latents[4]) = (latents[4], latents[3]);
        await Rejects(new TestTrajectory { Latents = latents }, AuditCheck.Steps, 2, Provider(2));
    }

    [Test]
    public async Task A_segment_that_hands_on_other_states([Values(0, 1)] int segment, [Values] bool exact) =>
        await Rejects(Tier(exact) with { EditStates = (k, s, x) => k == segment && s == 6 ? [.. x.Select(v => 1.5f * v)] : x }, AuditCheck.BoundaryStates, 6, Provider(segment));

    [Test]
    public async Task The_provider_that_ran_a_step_answers_for_it_where_another_one_attests()
    {
        var toy = new TestTrajectory { RanBy = (k, s) => k == 1 && s < 5 ? ToyCohort.Provider(0) : null };
        Verdict honest = await new TrajectoryAuditor(new ToyDenoiser()).AuditAsync(toy.Produce(), default, All);
        Assert.That(honest.Outcome, Is.EqualTo(AuditOutcome.Accept), honest.Explanation);
        var failed = new Offender(OffenderRole.Provider, 1, ToyCohort.Id(ToyCohort.Provider(0)));
        await Rejects(toy with { EditStates = (k, s, x) => k == 1 && s == 4 ? [.. x.Select(v => 1.5f * v)] : x }, AuditCheck.BoundaryStates, 4, failed);
        await Rejects(toy with { EditStates = (k, s, x) => k == 1 && s == 5 ? [.. x.Select(v => 1.5f * v)] : x }, AuditCheck.BoundaryStates, 5, Provider(1));
        await Rejects(toy with { EditOutputs = (k, d) => k == 1 ? [.. d[..2], default, .. d[3..]] : d }, AuditCheck.Chain, 2, Provider(2));

        // Nobody else's statement passes: neither under another key, nor on another step.
        TrajectoryReply reply = toy.Produce();
        await Rejects(WithStep(reply, s => new StepBoundary { Step = s.Step, InputHash = s.InputHash, OutputHash = s.OutputHash, Statement = s.Statement, ProviderKey = reply.ProviderKey }), AuditCheck.Statements, null, holder with { Segment = 1 });
        await Rejects(WithStep(reply, s => new StepBoundary { Step = s.Step, InputHash = s.InputHash, OutputHash = s.OutputHash, Statement = reply.Segments[1].Steps[1].Statement, ProviderKey = s.ProviderKey }), AuditCheck.Statements, null, holder with { Segment = 1 });
    }

    [Test]
    public async Task Small_distances_add_up_over_the_steps_of_an_audit()
    {
        // No step is farther than the outer band; over all of them the calibrated band tells.
        ToyDenoiser rounded = new ToyDenoiser().RoundedTo8Bits();
        Verdict outer = await AuditAsync(LatentBands.Default, k => rounded);
        Assert.That(outer.Outcome, Is.EqualTo(AuditOutcome.Accept), outer.Explanation);
        AuditFigure[] pooled = [.. outer.Figures.Where(f => f.Name.Contains("pooled", StringComparison.Ordinal))];
        Assert.That(pooled.Select(f => f.Check), Is.EqualTo(new[] { AuditCheck.BoundaryStates, AuditCheck.BoundaryStates, AuditCheck.Steps }));
        float change = (float)pooled[2].Value, states = (float)pooled[1].Value;
        Assert.That(outer.Figures.Where(f => f.Check == AuditCheck.Steps && !f.Name.Contains("pooled", StringComparison.Ordinal)).Max(f => f.Value), Is.GreaterThan(change), "the pooled distance is none of the single ones");

        Verdict calibrated = await AuditAsync(LatentBands.Default with { CalibratedChange = change * 0.9f }, k => rounded);
        Assert.That((calibrated.DecidedBy?.Check, calibrated.Offender), Is.EqualTo(((AuditCheck?)AuditCheck.Steps, lead)), "no segment alone is as far as all together");
        Verdict last = await AuditAsync(LatentBands.Default with { CalibratedChange = 1e-4f }, k => k == 2 ? rounded : null);
        Assert.That((last.DecidedBy?.Check, last.Offender), Is.EqualTo(((AuditCheck?)AuditCheck.Steps, Provider(2))), last.Explanation);
        Verdict localised = await AuditAsync(LatentBands.Default with { CalibratedStates = states * 0.5f }, k => k == 1 ? rounded : null);
        Assert.That((localised.DecidedBy?.Check, localised.Offender), Is.EqualTo(((AuditCheck?)AuditCheck.BoundaryStates, Provider(1))), localised.Explanation);

        static async Task<Verdict> AuditAsync(LatentBands bands, Func<int, IStepReplayer?> model) => await new TrajectoryAuditor(new ToyDenoiser()).AuditAsync(
            new TestTrajectory { Profile = LatentProfile.Fast(bands), Open = _ => true, Model = model }.Produce(), TrajectoryAuditorTests.Beacon, All);
    }

    [Test]
    public async Task Without_opened_states_the_tolerance_tier_names_the_lead() =>
        await Rejects(Tier(exact: false) with { Open = _ => false, EditStates = (k, s, x) => k == 0 && s == 6 ? [.. x.Select(v => 1.5f * v)] : x }, AuditCheck.Steps, 6, lead);

    [Test]
    public async Task A_segment_audited_alone_is_named_alone()
    {
        TrajectoryReply reply = (Tier(exact: false) with { EditStates = (k, s, x) => k == 0 && s == 6 ? [.. x.Select(v => 1.5f * v)] : x }).Produce();
        var auditor = new TrajectoryAuditor(new ToyDenoiser());
        Assert.That((await auditor.AuditSegmentAsync(reply, 1, default, All)).Outcome, Is.EqualTo(AuditOutcome.Accept), "its inputs were wrong, its outputs right");
        Verdict first = await auditor.AuditSegmentAsync(reply, 0, default, All);
        Assert.That((first.DecidedBy?.Check, first.DecidedBy?.Step, first.Offender), Is.EqualTo(((AuditCheck?)AuditCheck.BoundaryStates, (int?)6, Provider(0))));
    }

    [Test]
    public async Task Papers_that_contradict_each_other()
    {
        await Rejects(new TestTrajectory { EditAttestation = a => a.Segment == 1 ? a with { WorkUnits = a.WorkUnits + 1 } : a }, AuditCheck.WorkUnits, null, Provider(1));
        await Rejects(new TestTrajectory { EditAttestation = a => a.IsLast ? a with { StopReason = StopReason.MaxTokens } : a }, AuditCheck.Stop, null, Provider(2));
        await Rejects(new TestTrajectory { EditAttestation = a => a.Segment == 0 ? a with { EndLayer = 3 } : a }, AuditCheck.Tiling, null, lead);
        await Rejects(new TestTrajectory { EditRecord = r => r with { Steps = 9 } }, AuditCheck.Binding, null, lead);
        await Rejects(new TestTrajectory { EditRecord = r => r with { Profile = LatentProfile.Fast() } }, AuditCheck.Binding, null, lead);
        await Rejects(new TestTrajectory { EditAttestation = a => a.Segment == 0 ? a with { SketchRoot = a.InputRoot } : a }, AuditCheck.Chain, null, Provider(0));
        TrajectoryReply reply = new TestTrajectory().Produce(), other = new TestTrajectory { Seed = 8 }.Produce();
        await Rejects(With(reply, segments: [reply.Segments[0], other.Segments[1], reply.Segments[2]]), AuditCheck.Binding, null, lead);
    }

    private static Offender Provider(int segment) => new(OffenderRole.Provider, segment, ToyCohort.Id(ToyCohort.Provider(segment)));

    private static TestTrajectory Tier(bool exact) => exact
        ? new TestTrajectory()
        : new TestTrajectory { Profile = LatentProfile.Fast(), Open = _ => true };

    private static async Task Rejects(TestTrajectory toy, AuditCheck check, int? step, Offender offender, int count = All) => await Rejects(toy.Produce(), check, step, offender, count);

    private static async Task Rejects(TrajectoryReply reply, AuditCheck check, int? step, Offender offender, int count = All)
    {
        Verdict verdict = await new TrajectoryAuditor(new ToyDenoiser()).AuditAsync(reply, TrajectoryAuditorTests.Beacon, count);
        Assert.That(verdict.Outcome, Is.EqualTo(AuditOutcome.Reject));
        Assert.That((verdict.DecidedBy!.Check, verdict.Offender), Is.EqualTo((check, offender)), verdict.Explanation);
        if (step is not null) Assert.That(verdict.DecidedBy.Step, Is.EqualTo(step), verdict.Explanation);
    }

    private static TrajectoryReply With(
        TrajectoryReply reply, Signed<DiffusionOrder>? order = null, Conditioning? conditioning = null, CommittedLatent[]? latents = null, TrajectorySegment[]? segments = null, Signed<TrajectoryRecord>? record = null) => new()
        {
            Order = order ?? reply.Order,
            ConsumerKey = reply.ConsumerKey,
            Conditioning = conditioning ?? reply.Conditioning,
            Latents = latents ?? reply.Latents,
            Segments = segments ?? reply.Segments,
            Record = record ?? reply.Record,
            ProviderKey = reply.ProviderKey,
        };

    // Changes step 0 of segment 1.
    private static TrajectoryReply WithStep(TrajectoryReply reply, Func<StepBoundary, StepBoundary> edit)
    {
        TrajectorySegment middle = reply.Segments[1];
        var edited = new TrajectorySegment { Attestation = middle.Attestation, PublicKey = middle.PublicKey, Steps = [edit(middle.Steps[0]), .. middle.Steps.Skip(1)] };
        return With(reply, segments: [reply.Segments[0], edited, reply.Segments[2]]);
    }

    private static CommittedLatent Latent(CommittedLatent latent, float[] values) => new() { Step = latent.Step, Digest = latent.Digest, Latent = values };

    private static CommittedLatent Moved(CommittedLatent latent, int step) => new() { Step = step, Digest = latent.Digest, Latent = latent.Latent };
}

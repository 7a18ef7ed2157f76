using NUnit.Framework;
using Ogong.Audit;
using Ogong.Bytes;
using Ogong.Cohorts;
using Ogong.Engine;
using Ogong.Records;

namespace Ogong.Tests.Engine;

[TestFixture]
internal sealed class CohortTests
{
    [Test]
    public async Task AnHonestReplyIsAcceptedWholeAndBySegment()
    {
        await using TestCohort cohort = await TestCohort.CreateAsync();
        Reply reply = await cohort.ReplyAsync();
        Verdict whole = await cohort.AuditAsync(reply);
        Assert.That(whole.Outcome, Is.EqualTo(AuditOutcome.Accept), whole.Explanation);
        Assert.That(whole.WorkProofs, Has.Length.EqualTo(3));
        for (int s = 0; s < 3; s++)
        {
            Verdict one = await cohort.AuditAsync(reply, s);
            Assert.That(one.Outcome, Is.EqualTo(AuditOutcome.Accept), one.Explanation);
            Assert.That(one.WorkProofs.Single(), Is.EqualTo(whole.WorkProofs[s]));
        }
    }

    [Test]
    public async Task AnHonestReplyIsAcceptedInTheToleranceTier()
    {
        await using TestCohort cohort = await TestCohort.CreateAsync();
        Reply reply = await cohort.ReplyAsync(cohort.OrderFor(profile: ProfileParameters.Fast()));
        Verdict verdict = await cohort.AuditAsync(reply);
        Assert.That(verdict.Outcome, Is.EqualTo(AuditOutcome.Accept), verdict.Explanation);
    }

    [Test]
    public async Task TheCohortCommitsToWhatOneMachineGenerates()
    {
        await using TestCohort cohort = await TestCohort.CreateAsync();
        Signed<Order> order = cohort.OrderFor(maxTokens: 70);
        Reply reply = await cohort.ReplyAsync(order);

        using Segment whole = await Segment.LoadAsync(cohort.Backend, cohort.Model);
        await using var generator = new TextGenerator([whole]);
        GenerationResult alone = await generator.Start(new GenerationRequest
        {
            Prompt = cohort.Prompt,
            MaxTokens = 70,
            Sampling = order.Message.Sampling,
            EndTokens = [257],
        }).Completion;

        Assert.That(reply.Tokens, Is.EqualTo(alone.Tokens.ToArray()));
        Assert.That(reply.Record.Message.CommitRoot, Is.EqualTo(alone.CommitRoot));
    }

    [Test]
    public async Task AReplySurvivesItsFile()
    {
        await using TestCohort cohort = await TestCohort.CreateAsync();
        Reply reply = await cohort.ReplyAsync();
        using var file = new MemoryStream();
        reply.WriteTo(file);
        Assert.That(cohort.Retention.TryGet(new RetentionKey(reply.Order.Message.Hash(), RetainedKind.Reply), out byte[]? kept));
        Assert.That(kept, Is.EqualTo(file.ToArray()));
    }

    [TestCase(0, 0)]
    [TestCase(1, 0)]
    [TestCase(1, 30)]
    [TestCase(0, 64)]
    [TestCase(2, 50)]
    [TestCase(2, 83)]
    public async Task AKilledSegmentIsReplacedAndNoBitChanges(int segment, int position)
    {
        await using TestCohort cohort = await TestCohort.CreateAsync();
        Reply undisturbed = await cohort.ReplyAsync();
        await cohort.AddAsync(20, TestCohort.Ranges[segment], price: 5);
        cohort.Replace(segment, inner => new FailingTransport(inner, position));
        using var retention = new MemoryRetentionStore(64 << 20);

        CohortResult result = await cohort.CreateLead(retention: retention).RunAsync(cohort.OrderFor(), cohort.Consumer.PublicKey, cohort.Prompt);

        Assert.That(result.Replacements.Single().Segment, Is.EqualTo(segment));
        Assert.That(result.Replacements.Single().By, Is.EqualTo(cohort.Providers[3].KeyId));
        AssertSameBits(result.Reply, undisturbed);
        Verdict verdict = await cohort.AuditAsync(result.Reply);
        Assert.That(verdict.Outcome, Is.EqualTo(AuditOutcome.Accept), verdict.Explanation);
    }

    [Test]
    public async Task ASegmentKilledBeforeItSignsOffIsReplaced()
    {
        await using TestCohort cohort = await TestCohort.CreateAsync();
        Reply undisturbed = await cohort.ReplyAsync();
        await cohort.AddAsync(20, TestCohort.Ranges[1], price: 5);
        cohort.Replace(1, inner => new FailingTransport(inner, int.MaxValue));
        using var retention = new MemoryRetentionStore(64 << 20);
        CohortResult result = await cohort.CreateLead(retention: retention).RunAsync(cohort.OrderFor(), cohort.Consumer.PublicKey, cohort.Prompt);
        AssertSameBits(result.Reply, undisturbed);
    }

    [Test]
    public async Task AnUnresponsiveSegmentMissesItsDeadlineAndIsReplaced()
    {
        await using TestCohort cohort = await TestCohort.CreateAsync();
        await cohort.AddAsync(20, TestCohort.Ranges[1], price: 5);
        cohort.Replace(1, inner => new FailingTransport(inner, 50, SegmentFailure.DeadlineExceeded));
        CohortResult result = await cohort.CreateLead().RunAsync(cohort.OrderFor(), cohort.Consumer.PublicKey, cohort.Prompt);
        Assert.That(result.Replacements.Single().Failure, Is.EqualTo(SegmentFailure.DeadlineExceeded));
    }

    [Test]
    public async Task AProviderDisposedInTheMiddleOfAReplyIsReplaced()
    {
        await using TestCohort cohort = await TestCohort.CreateAsync();
        Reply undisturbed = await cohort.ReplyAsync();
        SegmentHost doomed = await cohort.AddAsync(30, TestCohort.Ranges[1], price: 0);
        using var retention = new MemoryRetentionStore(64 << 20);
        CohortResult result = await cohort.CreateLead(retention: retention).RunAsync(
            cohort.OrderFor(), cohort.Consumer.PublicKey, cohort.Prompt, new AtToken(12, doomed.Dispose));
        Assert.That(result.Replacements.Single(), Has.Property("Failed").EqualTo(doomed.KeyId).And.Property("Failure").EqualTo(SegmentFailure.Unreachable));
        AssertSameBits(result.Reply, undisturbed);
    }

    [Test]
    public async Task ALastSegmentThatNeverStopsIsCutOff()
    {
        await using TestCohort cohort = await TestCohort.CreateAsync();
        cohort.Replace(2, _ => new ScriptedLastSegment(TestCohort.Key(12), cohort.Verifier, cohort.Root, cohort.Model.Config, new int[1000], StopReason.MaxTokens));
        Assert.That(() => cohort.ReplyAsync(cohort.OrderFor(5)), Throws.InstanceOf<CohortException>().With.InnerException.Property("Failure").EqualTo(SegmentFailure.Misbehaved));
    }

    [Test]
    public async Task ASelfCheckFindsOneFlippedBit([Values] bool flip)
    {
        await using TestCohort cohort = await TestCohort.CreateAsync();
        using Segment segment = await Segment.LoadAsync(cohort.Backend, cohort.Model, new LayerRange(0, 2));
        using var lane = new SegmentLane(segment, ProfileParameters.Exact(), new SegmentHostOptions());
        using CachedSequence sequence = lane.Executor.Pages.Reserve(32);
        var check = new LiveSelfCheck(lane, sequence, null, promptLength: 1);
        for (int p = 0; p < 32; p++)
        {
            lane.Executor.Begin();
            lane.Executor.Append(sequence, cohort.Prompt.AsSpan(p, 1));
            lane.Executor.Forward();
            var states = new float[cohort.Model.Config.HiddenSize];
            lane.Executor.Queue.Read<float>(lane.Executor.Hidden, states);
            await lane.Executor.Queue.CompleteAsync();
            if (flip && p == 20) states[5] = MathF.BitIncrement(states[5]);
            check.Record(p, 1, StateBytes.OfTokens([cohort.Prompt[p]]), states);
        }
        Assert.That(await check.AgreesAsync(0, 32, default), Is.EqualTo(!flip));
    }

    [Test]
    public async Task AReplacementInTheToleranceTierStillPassesItsAudit()
    {
        await using TestCohort cohort = await TestCohort.CreateAsync();
        await cohort.AddAsync(20, TestCohort.Ranges[0], price: 5);
        cohort.Replace(0, inner => new FailingTransport(inner, 60));
        Reply reply = await cohort.ReplyAsync(cohort.OrderFor(profile: ProfileParameters.Fast()));
        Verdict verdict = await cohort.AuditAsync(reply);
        Assert.That(verdict.Outcome, Is.EqualTo(AuditOutcome.Accept), verdict.Explanation);
    }

    [Test]
    public async Task WithNobodyToTakeOverTheReplyFailsClearly()
    {
        await using TestCohort cohort = await TestCohort.CreateAsync();
        cohort.Replace(1, inner => new FailingTransport(inner, 10));
        Assert.That(() => cohort.ReplyAsync(), Throws.InstanceOf<CohortException>().With.Message.Contains("[2, 4)"));
        cohort.Providers.RemoveAt(1);
        Assert.That(() => cohort.ReplyAsync(), Throws.InstanceOf<CohortException>().With.Message.Contains("layer 2"));
    }

    [Test]
    public async Task AProviderThatSendsOtherStatesThanItSignedIsReplaced()
    {
        await using TestCohort cohort = await TestCohort.CreateAsync();
        Reply undisturbed = await cohort.ReplyAsync();
        await cohort.AddAsync(20, TestCohort.Ranges[0], price: 5);
        cohort.Replace(0, inner => new TamperingTransport(inner, flipOutputAt: 40));
        using var retention = new MemoryRetentionStore(64 << 20);
        CohortResult result = await cohort.CreateLead(new CohortOptions { RowsPerStep = 64 }, retention).RunAsync(cohort.OrderFor(), cohort.Consumer.PublicKey, cohort.Prompt);
        Assert.That(result.Replacements.Single(), Has.Property("Failure").EqualTo(SegmentFailure.Misbehaved).And.Property("Segment").EqualTo(0));
        AssertSameBits(result.Reply, undisturbed);
    }

    [Test]
    public async Task AReceiverRefusesStatesItsUpstreamDidNotSign()
    {
        await using TestCohort cohort = await TestCohort.CreateAsync();
        // The lie is between the lead and segment 1: the lead relays other states than segment 0 signed.
        cohort.Replace(1, inner => new TamperingTransport(inner, flipInputAt: 40));
        Assert.That(() => cohort.ReplyAsync(), Throws.InstanceOf<CohortException>().With.InnerException.Property("Failure").EqualTo(SegmentFailure.Refused));
    }

    [Test]
    public async Task ManyRepliesRunAtOnce()
    {
        await using TestCohort cohort = await TestCohort.CreateAsync();
        CohortLead lead = cohort.CreateLead();
        Signed<Order>[] orders = [.. Enumerable.Range(0, 6).Select(i => cohort.OrderFor(20, sampling: SamplingParameters.Create((ulong)(i % 2), 1f), salt: Protocol.RequestHash([i])))];
        CohortResult[] results = await Task.WhenAll(orders.Select(o => lead.RunAsync(o, cohort.Consumer.PublicKey, cohort.Prompt)));
        Assert.That(results.Select(r => r.Reply.Record.Message.CommitRoot).Distinct().Count(), Is.EqualTo(2));
        Assert.That(results[4].Reply.Record.Message.CommitRoot, Is.EqualTo(results[0].Reply.Record.Message.CommitRoot));
    }

    [Test]
    public async Task AFullProviderSaysBusyAndTheReserveServes()
    {
        await using TestCohort cohort = await TestCohort.CreateAsync();
        SegmentHost narrow = await cohort.AddAsync(30, TestCohort.Ranges[2], price: 0, options: new SegmentHostOptions { Capacity = 1 });
        var hold = new Hold();
        Task<CohortResult> slow = cohort.CreateLead().RunAsync(cohort.OrderFor(60, salt: Protocol.RequestHash([9])), cohort.Consumer.PublicKey, cohort.Prompt, hold);
        await hold.Started.Task;
        CohortResult second = await cohort.CreateLead().RunAsync(cohort.OrderFor(10), cohort.Consumer.PublicKey, cohort.Prompt);
        hold.Release.SetResult();
        Reply first = (await slow).Reply;
        Assert.That(second.Replacements.Single().Failure, Is.EqualTo(SegmentFailure.Busy));
        Assert.That(first.Segments[2].Attestation.Message.ProviderKeyId, Is.EqualTo(narrow.KeyId));
    }

    [Test]
    public async Task SelfCheckedWindowsGiveTheSameReply()
    {
        await using TestCohort cohort = await TestCohort.CreateAsync();
        Reply plain = await cohort.ReplyAsync();
        cohort.Providers.Clear();
        for (int i = 0; i < 3; i++)
            await cohort.AddAsync((byte)(10 + i), TestCohort.Ranges[i], options: new SegmentHostOptions { SelfCheck = true, RowsPerStep = 64 });
        using var retention = new MemoryRetentionStore(64 << 20);
        CohortResult result = await cohort.CreateLead(retention: retention).RunAsync(cohort.OrderFor(), cohort.Consumer.PublicKey, cohort.Prompt);
        AssertSameBits(result.Reply, plain);
    }

    [Test]
    public async Task BoundariesSurviveARestartInAFileStore()
    {
        await using TestCohort cohort = await TestCohort.CreateAsync();
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            Reply reply;
            using (var store = new FileRetentionStore(folder, 64 << 20))
                reply = (await cohort.CreateLead(retention: store).RunAsync(cohort.OrderFor(), cohort.Consumer.PublicKey, cohort.Prompt)).Reply;
            using var reopened = new FileRetentionStore(folder, 64 << 20);
            Digest order = reply.Order.Message.Hash();
            int width = cohort.Model.Config.HiddenSize;
            for (int w = 0; w < reply.Segments[1].Windows.Count; w++)
            {
                Assert.That(reopened.TryGet(new RetentionKey(order, RetainedKind.BoundaryWindow, 2, w), out byte[]? bytes));
                Assert.That(Ogong.Commitments.StateHasher.HashBoundary(w, StateBytes.Singles(bytes), width), Is.EqualTo(reply.Segments[0].Windows[w].OutputHash));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public async Task AStoreWithoutRoomRefusesTheJobAtTheStart()
    {
        await using TestCohort cohort = await TestCohort.CreateAsync();
        using var tiny = new MemoryRetentionStore(1000);
        Assert.That(() => cohort.CreateLead(retention: tiny).RunAsync(cohort.OrderFor(), cohort.Consumer.PublicKey, cohort.Prompt), Throws.InstanceOf<CohortException>());
        Assert.That(tiny.Used, Is.Zero);
    }

    [Test]
    public async Task ALeadRefusesAnOrderThatIsNotForItsModelOrPrompt()
    {
        await using TestCohort cohort = await TestCohort.CreateAsync();
        CohortLead lead = cohort.CreateLead();
        Assert.That(() => lead.RunAsync(cohort.OrderFor(), cohort.Lead.PublicKey, cohort.Prompt), Throws.ArgumentException);
        Assert.That(() => lead.RunAsync(cohort.OrderFor(), cohort.Consumer.PublicKey, new[] { 1 }), Throws.ArgumentException);
    }

    internal static void AssertSameBits(Reply actual, Reply expected)
    {
        Assert.That(actual.Tokens, Is.EqualTo(expected.Tokens));
        Assert.That(actual.Record.Message.CommitRoot, Is.EqualTo(expected.Record.Message.CommitRoot));
        for (int s = 0; s < expected.Segments.Count; s++)
        {
            SegmentAttestation a = actual.Segments[s].Attestation.Message, e = expected.Segments[s].Attestation.Message;
            Assert.That((a.InputRoot, a.OutputRoot, a.Rows), Is.EqualTo((e.InputRoot, e.OutputRoot, e.Rows)), $"segment {s}");
        }
    }

    private sealed class AtToken(int index, Action action) : IProgress<GeneratedToken>
    {
        public void Report(GeneratedToken value)
        {
            if (value.Index == index) action();
        }
    }

    /// <summary>Stops a reply at its first token until released.</summary>
    private sealed class Hold : IProgress<GeneratedToken>
    {
        public TaskCompletionSource Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Release { get; } = new();

        public void Report(GeneratedToken value)
        {
            Started.TrySetResult();
            Release.Task.Wait(TimeSpan.FromSeconds(30));
        }
    }
}

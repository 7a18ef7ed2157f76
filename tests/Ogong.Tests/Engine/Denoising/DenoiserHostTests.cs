using NUnit.Framework;
using Ogong.Cohorts;
using Ogong.Diffusion;
using Ogong.Engine;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Tests.Engine;

/// <summary>What a provider says to leads and neighbours that send it something wrong: a typed refusal, before it computes or signs.</summary>
[TestFixture]
internal sealed class DenoiserHostTests
{
    private static readonly TimeSpan Patient = TimeSpan.FromMinutes(10);

    [Test]
    public async Task OpeningsThatDoNotFitAreRefused()
    {
        using DiffusionCohort cohort = await DiffusionCohort.CreateAsync();
        using DenoiserSegment segment = await DenoiserSegment.LoadAsync(cohort.Backend, cohort.Weights, cohort.Ranges[1]);
        using HybridKey key = TestCohort.Key(11);
        using var host = new DenoiserHost(segment, cohort.Root, key);
        DiffusionOpening good = DiffusionCohortTests.OpeningOf(cohort, 1);
        DiffusionOrder order = good.Order.Message;
        SegmentPlace place = good.Place;
        SegmentOpening[] bad =
        [
            new TextOpening { Place = place, ConsumerKey = good.ConsumerKey, Order = null!, PromptLength = 1 },
            good with { ConsumerKey = cohort.Lead.PublicKey.Bytes.ToArray() }, good with { ConsumerKey = new byte[3] },
            good with { Order = (order with { ModelRoot = default }).Sign(cohort.Consumer) },
            good with { Order = (order with { Shape = new LatentShape(2, 8, 8) }).Sign(cohort.Consumer) },
            good with { Conditioning = Conditioning.OfLabel(3) },
            good with { Conditioning = Conditioning.OfLabel(5), Order = (order with { ConditioningHash = Conditioning.OfLabel(5).Hash() }).Sign(cohort.Consumer) },
            good with { Place = place with { FirstLayer = 1 } }, good with { Place = place with { EndLayer = 4 } }, good with { Place = place with { Segment = 0 } },
            good with { Place = place with { Segment = 2 } }, good with { Place = place with { Segments = 0 } }, good with { Place = place with { Attempt = -1 } },
            good with { Place = place with { UpstreamKey = default } },
            good with { EarlierKeys = [new byte[1]] },
        ];
        foreach (SegmentOpening opening in bad) AssertFails(SegmentFailure.Refused, () => host.Open(opening));
        await host.Open(good).DisposeAsync();
    }

    [Test]
    public async Task StepsThatDoNotFitAreRefused()
    {
        using DiffusionCohort cohort = await DiffusionCohort.CreateAsync();
        ISegmentTransport first = cohort.Providers[0].Transport, second = cohort.Providers[1].Transport;
        byte[] noise = StateBytes.LittleEndian(cohort.OrderFor().Message.CreateInitialLatent()).ToArray();
        SegmentStep step = new() { FirstPosition = 0, Rows = 1, Payload = noise };
        await using ISegmentSession producer = await first.OpenAsync(DiffusionCohortTests.OpeningOf(cohort, 0), Patient);
        SegmentStepResult result = await producer.StepAsync(step, Patient);
        SegmentStep good = new() { FirstPosition = 0, Rows = 1, Payload = result.Payload, Upstream = result.Statements };
        await AssertRefusedAsync(second, cohort, 1, good with { FirstPosition = 1 });
        await AssertRefusedAsync(second, cohort, 1, good with { Rows = 2 });
        await AssertRefusedAsync(second, cohort, 1, good with { Payload = good.Payload[4..] });
        await AssertRefusedAsync(second, cohort, 1, good with { Upstream = [] });
        await AssertRefusedAsync(second, cohort, 1, good with { UpstreamKey = new byte[2] });
        await AssertRefusedAsync(second, cohort, 1, good with { UpstreamKey = cohort.Lead.PublicKey.Bytes.ToArray() });
        await AssertRefusedAsync(first, cohort, 0, step with { Payload = new byte[noise.Length] });

        await using ISegmentSession session = await second.OpenAsync(DiffusionCohortTests.OpeningOf(cohort, 1), Patient);
        await session.StepAsync(good, Patient);
        // Not over yet; and a broken session stays broken.
        AssertFails(SegmentFailure.Refused, () => session.FinishAsync(new SegmentFinish(), Patient).AsTask().GetAwaiter().GetResult());
        AssertFails(SegmentFailure.Refused, () => session.StepAsync(good, Patient).AsTask().GetAwaiter().GetResult());
    }

    [TestCase(float.NaN), TestCase(float.NegativeInfinity)]
    public async Task ValuesThatAreNotFiniteAreTheFaultOfWhoeverSignedThem(float value)
    {
        using DiffusionCohort cohort = await DiffusionCohort.CreateAsync();
        using DenoiserSegment honest = await DenoiserSegment.LoadAsync(cohort.Backend, cohort.Weights, cohort.Ranges[0]);
        using HybridKey key = TestCohort.Key(10);
        var cheat = new ScriptedProvider(key, cohort.Root, cohort.Ranges[0], _ => honest) { PutsOut = (_, output) => [value, .. output.AsSpan(1)] };
        byte[] noise = StateBytes.LittleEndian(cohort.OrderFor().Message.CreateInitialLatent()).ToArray();
        ISegmentSession session = await cheat.OpenAsync(DiffusionCohortTests.OpeningOf(cohort, 0), Patient);
        SegmentStepResult result = await session.StepAsync(new SegmentStep { FirstPosition = 0, Rows = 1, Payload = noise }, Patient);
        await AssertRefusedAsync(cohort.Providers[1].Transport, cohort, 1, new SegmentStep { FirstPosition = 0, Rows = 1, Payload = result.Payload, Upstream = result.Statements });

        cohort.Replace(0, _ => cheat);
        Assert.That(() => cohort.RunAsync(), Throws.InstanceOf<CohortException>().With.InnerException.Property("Failure").EqualTo(SegmentFailure.Misbehaved));
    }

    [Test]
    public async Task OnlyWhatOthersSignedIsTakenOver()
    {
        using DiffusionCohort cohort = await DiffusionCohort.CreateAsync();
        TrajectoryReply reply = (await cohort.RunAsync(cohort.OrderFor(stride: 1))).Reply;
        await cohort.AddAsync(20, cohort.Ranges[2], price: 5);
        ISegmentTransport reserve = cohort.Providers[3].Transport;
        DiffusionOpening good = DiffusionCohortTests.OpeningOf(cohort, 2, reply.Order) with
        {
            Earlier = [.. reply.Segments[2].Steps.Take(3).Select(s => s.Statement!)],
            EarlierKeys = [reply.Segments[2].PublicKey],
            Latent = StateBytes.LittleEndian(reply.Latents[3].Latent.Span).ToArray(),
        };
        DiffusionOpening[] bad =
        [
            good with { EarlierKeys = [] }, good with { EarlierKeys = [cohort.Lead.PublicKey.Bytes.ToArray()] }, good with { Latent = default },
            good with { Latent = StateBytes.LittleEndian(reply.Latents[2].Latent.Span).ToArray() }, good with { Earlier = [.. good.Earlier.Skip(1)] },
            good with { Earlier = [.. good.Earlier.Take(2), reply.Segments[1].Steps[2].Statement!], EarlierKeys = [.. good.EarlierKeys, reply.Segments[1].PublicKey] },
            good with { Earlier = [.. reply.Segments[2].Steps.Select(s => s.Statement!)], Latent = StateBytes.LittleEndian(reply.FinalLatent.Span).ToArray() },
        ];
        foreach (DiffusionOpening opening in bad) AssertFails(SegmentFailure.Refused, () => reserve.OpenAsync(opening, Patient).AsTask().GetAwaiter().GetResult());

        // From there it goes on as the other one did.
        await using ISegmentSession session = await reserve.OpenAsync(good, Patient);
        StepBoundary next = reply.Segments[2].Steps[3];
        SegmentStepResult result = await session.StepAsync(
            new SegmentStep { FirstPosition = 3, Rows = 1, Payload = StateBytes.LittleEndian(next.OpenedInput.Span).ToArray(), Upstream = [reply.Segments[1].Steps[3].Statement!] }, Patient);
        Assert.That(result.Statements.Single().Message.OutputHash, Is.EqualTo(next.OutputHash));
    }

    [Test]
    public async Task AStepThatComesOutDifferentlyIsAFault([Values] bool flip)
    {
        float[] values = [1, 2, 3];
        int runs = 0;
        ValueTask<float[]> Run() => ValueTask.FromResult(++runs == 2 && flip ? [1, MathF.BitIncrement(2f), 3] : values);
        Assert.That(await RepeatedStep.RunAsync(Run), flip ? Is.Null : Is.SameAs(values));
        Assert.That(runs, Is.EqualTo(2));
    }

    private static async Task AssertRefusedAsync(ISegmentTransport transport, DiffusionCohort cohort, int segment, SegmentStep step)
    {
        await using ISegmentSession session = await transport.OpenAsync(DiffusionCohortTests.OpeningOf(cohort, segment), Patient);
        AssertFails(SegmentFailure.Refused, () => session.StepAsync(step, Patient).AsTask().GetAwaiter().GetResult());
    }

    private static void AssertFails(SegmentFailure failure, Action action) =>
        Assert.That(() => action(), Throws.InstanceOf<SegmentException>().With.Property("Failure").EqualTo(failure));
}

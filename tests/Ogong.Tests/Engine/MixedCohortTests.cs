using NUnit.Framework;
using Ogong.Audit;
using Ogong.Records;

namespace Ogong.Tests.Engine;

/// <summary>Cohorts whose segments run on different kinds of device: the bytes of any single one.</summary>
[TestFixture]
internal sealed class MixedCohortTests
{
    [Test]
    public async Task ACohortOfThreeKindsOfDeviceGivesTheRecordOfOne()
    {
        await using TestCohort single = await TestCohort.CreateAsync(TestBackends.Create("cpu"), verifier: null);
        await using TestCohort mixed = await TestCohort.CreateMixedAsync(TestBackends.Create("opencl"), TestBackends.Create("cuda"), TestBackends.Create("cpu"));
        Reply one = await single.ReplyAsync(single.OrderFor(maxTokens: 12)), other = await mixed.ReplyAsync(mixed.OrderFor(maxTokens: 12));

        Assert.That(Untimed(other).Hash(), Is.EqualTo(Untimed(one).Hash()));
        Verdict verdict = await single.AuditAsync(other);
        Assert.That(verdict.Outcome, Is.EqualTo(AuditOutcome.Accept), verdict.Explanation);

        static ReplyRecord Untimed(Reply reply) => reply.Record.Message with { Started = 0, Finished = 0 };
    }
}

using System.Globalization;
using NUnit.Framework;
using Ogong.Settlement;
using Ogong.Simulation;

namespace Ogong.Tests.Simulation;

/// <summary>Runs of the whole economy.</summary>
public sealed class NetworkSimulationTests
{
    private static readonly SimulationParameters Small = new() { Providers = 300, Replies = 40_000, CoveragePerMillion = 300_000, Stampers = 0.05 };

    [Test]
    public void Cheaters_are_ejected_honest_providers_are_not_and_no_money_is_lost()
    {
        SimulationReport report = new NetworkSimulation(Small).Run();
        Assert.That(report.Replies + report.Unserved, Is.EqualTo(Small.Replies));
        Assert.That(report.HonestEjected, Is.LessThanOrEqualTo(2), "β = 0.001 of 270 honest providers");
        Assert.That(report.CheatersEjected, Is.GreaterThan(report.Cheaters * 0.6), "those that get work");
        Assert.That(report.Audits, Is.EqualTo(0.3 * report.Replies).Within(5 * Math.Sqrt(0.21 * report.Replies)));
        Assert.That(report.CaughtSlices, Is.GreaterThan(0).And.LessThanOrEqualTo(report.CheatedSlices));
        Assert.That(report.HonestExposed, Is.Zero);
        Assert.That(report.StampersExposed, Is.GreaterThan(0));
        Assert.That(report.Refunds, Is.GreaterThan((UInt128)0).And.LessThan(report.Fees));
        Assert.That(report.ConservationChecks, Is.EqualTo(report.Events));
        Assert.That(report.Moments, Has.Count.InRange(90, 101));
        Assert.That(report.Moments[^1].WrongShare, Is.LessThan(report.Moments[0].WrongShare / 3));
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report}"));
    }

    [Test]
    public void The_same_parameters_give_the_same_run_and_another_seed_another()
    {
        SimulationParameters tiny = Small with { Replies = 5000 };
        SimulationReport a = new NetworkSimulation(tiny).Run(), b = new NetworkSimulation(tiny).Run(), c = new NetworkSimulation(tiny with { Seed = 2 }).Run();
        Assert.That((a.Moments, a.Fees, a.Refunds, a.VerifierPay), Is.EqualTo((b.Moments, b.Fees, b.Refunds, b.VerifierPay)));
        Assert.That(a.Fees, Is.Not.EqualTo(c.Fees));
    }

    [Test]
    public void Without_audits_nobody_is_caught_and_under_withholding_a_caught_reply_is_refunded_whole()
    {
        SimulationReport blind = new NetworkSimulation(Small with { Replies = 5000, CoveragePerMillion = 0 }).Run();
        Assert.That((blind.Audits, blind.CheatersEjected, blind.Refunds), Is.EqualTo((0L, 0, (UInt128)0)));
        var withhold = new SettlementTerms(SettlementPolicy.WithholdRequest, 150_000, 10_000);
        SimulationReport forfeit = new NetworkSimulation(Small with { Replies = 5000 }).Run(), whole = new NetworkSimulation(Small with { Replies = 5000, Terms = withhold }).Run();
        Assert.That(whole.Refunds, Is.GreaterThan(forfeit.Refunds));
    }

    [Test]
    public void A_network_of_the_honest_ejects_nobody()
    {
        SimulationReport report = new NetworkSimulation(Small with { Cheaters = 0, Stampers = 0, Replies = 20_000 }).Run();
        Assert.That((report.CheatedSlices, report.HonestEjected, report.StampersExposed), Is.EqualTo((0L, 0, 0)));
    }
}

using NUnit.Framework;
using Ogong.Economics;

namespace Ogong.Tests.Economics;

public sealed class DeterrenceTests
{
    [Test]
    public void Honesty_is_a_best_response_exactly_where_cheating_gains_nothing()
    {
        var random = new Random(1);
        for (int i = 0; i < 10_000; i++)
        {
            var d = new Deterrence(random.NextDouble() + 0.01, random.NextDouble(), random.NextDouble() * 5, random.NextDouble());
            double q = random.NextDouble();
            // Income by hand: honest work against a cheat that is caught with probability q.
            double cost = d.Saving, honest = d.Fee - cost, cheat = (1 - q) * d.Fee - (cost - d.Saving) - q * (d.Franchise + d.Bond);
            Assert.That(d.CheatGain(q), Is.EqualTo(cheat - honest).Within(1e-12));
            if (Math.Abs(q - d.RequiredDetection) > 1e-9) Assert.That(d.IsHonest(q), Is.EqualTo(cheat <= honest));
        }
    }

    [Test]
    public void A_bond_is_redundant_under_full_coverage_and_worthwhile_work()
    {
        Assert.That(new Deterrence(1, 1, 0).IsBondRedundant(1));
        Assert.That(new Deterrence(1, 1.1, 0).IsBondRedundant(1), Is.False, "a saving above the fee");
        Assert.That(new Deterrence(1, 1, 0).IsBondRedundant(0.99), Is.False, "less than full coverage");
        Assert.That(new Deterrence(1, 0.9, 0).RequiredBond(0.25), Is.EqualTo(2.6).Within(1e-12));
        Assert.That(new Deterrence(1, 0.9, 0, 2.6).IsHonest(0.25 + 1e-12));
        Assert.That(new Deterrence(1, 0.9, 3).RequiredBond(0.25), Is.Zero);
        Assert.That(new Deterrence(1, 0.9, 0).RequiredBond(0), Is.EqualTo(double.PositiveInfinity));
    }

    [Test]
    public void No_slice_needs_more_detection_than_the_whole()
    {
        var random = new Random(2);
        for (int i = 0; i < 10_000; i++)
        {
            var d = new Deterrence(random.NextDouble() + 0.01, random.NextDouble(), random.NextDouble() * 5);
            double large = 0.01 + 0.99 * random.NextDouble(), small = large * (0.01 + 0.99 * random.NextDouble());
            Assert.That(d.Slice(small).RequiredDetection, Is.LessThanOrEqualTo(d.Slice(large).RequiredDetection + 1e-15));
            Assert.That(d.Slice(large).RequiredDetection, Is.LessThanOrEqualTo(d.RequiredDetection + 1e-15));
        }
    }

    [Test]
    public void The_franchise_is_the_worth_of_the_future() => Assert.That(Deterrence.FranchiseOf(2, 0.9), Is.EqualTo(18).Within(1e-12));

    [TestCase(0.0, 1.0, 1.0)]
    [TestCase(1.0, -1.0, 1.0)]
    [TestCase(1.0, 1.0, double.NaN)]
    [TestCase(double.PositiveInfinity, 1.0, 1.0)]
    public void Amounts_that_are_none_are_refused(double fee, double saving, double franchise) =>
        Assert.That(() => new Deterrence(fee, saving, franchise), Throws.InstanceOf<ArgumentOutOfRangeException>());
}

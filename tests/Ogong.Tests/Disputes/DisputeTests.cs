using NUnit.Framework;
using Ogong.Bytes;
using Ogong.Disputes;
using Ogong.Merkle;

namespace Ogong.Tests.Disputes;

/// <summary>Claims, challenges and majorities.</summary>
public sealed class DisputeTests
{
    private static readonly HashTag Tag = new("ogong/test-dispute/1");

    [Test]
    public void Bisection_finds_the_first_window_that_differs()
    {
        var random = new Random(1);
        for (int windows = 1; windows < 70; windows++)
        {
            int first = random.Next(windows);
            Digest[] claimed = Leaves(windows, i => 0), contested = Leaves(windows, i => i == first || (i > first && random.Next(2) == 0) ? 1 : 0);
            var bisection = new Bisection(windows, MerkleTree.Root(claimed), MerkleTree.Root(contested));
            int steps = 0;
            for (; !bisection.IsFound; steps++)
                Assert.That(bisection.TryDescend(NodeOpening.Of(claimed, bisection.First, bisection.Count), NodeOpening.Of(contested, bisection.First, bisection.Count), out _, out _));
            Assert.That(bisection.First, Is.EqualTo(first));
            Assert.That((bisection.Claimed, bisection.Contested), Is.EqualTo((claimed[first], contested[first])));
            Assert.That(steps, Is.LessThanOrEqualTo(Math.Ceiling(Math.Log2(windows))));
        }
        Assert.That(() => new Bisection(4, default, default), Throws.ArgumentException);
    }

    [Test]
    public void An_opening_that_does_not_hash_to_the_node_changes_nothing()
    {
        Digest[] a = Leaves(8, _ => 0), b = Leaves(8, _ => 1);
        var bisection = new Bisection(8, MerkleTree.Root(a), MerkleTree.Root(b));
        Assert.That(bisection.TryDescend(NodeOpening.Of(b, 0, 8), NodeOpening.Of(b, 0, 8), out bool claimed, out bool contested), Is.False);
        Assert.That((claimed, contested, bisection.Count), Is.EqualTo((false, true, 8)));
    }

    [Test]
    public void An_unchallenged_claim_stands_at_its_deadline()
    {
        var clock = new Clock();
        OptimisticClaim claim = Claim(Leaves(8, _ => 0), clock);
        Assert.That(claim.State, Is.EqualTo(ClaimState.Open));
        Assert.That(claim.TryChallenge(claim.Root), Is.False, "no other root");
        clock.Now += TimeSpan.FromMinutes(10);
        Assert.That(claim.State, Is.EqualTo(ClaimState.Stands));
        Assert.That(claim.TryChallenge(Tag.Hash([])), Is.False, "too late");
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Re_execution_of_the_window_decides_who_was_right(bool providerIsRight)
    {
        Digest[] truth = Leaves(13, _ => 0), wrong = Leaves(13, i => i >= 9 ? 1 : 0), claimed = providerIsRight ? truth : wrong, contested = providerIsRight ? wrong : truth;
        OptimisticClaim claim = Claim(claimed, new Clock());
        Assert.That(claim.TryChallenge(MerkleTree.Root(contested)));
        Play(claim, claimed, contested);
        Assert.That(claim.Disputed, Is.EqualTo((9, 1)));
        Assert.That(claim.Resolve(truth[9]), Is.EqualTo(providerIsRight ? ClaimState.Stands : ClaimState.Falls));
        Assert.That(() => claim.Resolve(truth[9]), Throws.InvalidOperationException);
    }

    [Test]
    public void Where_both_are_wrong_the_claim_falls_and_nobody_wins()
    {
        Digest[] claimed = Leaves(4, _ => 1), contested = Leaves(4, _ => 2);
        OptimisticClaim claim = Claim(claimed, new Clock());
        claim.TryChallenge(MerkleTree.Root(contested));
        Play(claim, claimed, contested);
        Assert.That(claim.Resolve(Leaves(4, _ => 0)[0]), Is.EqualTo(ClaimState.BothWrong));
    }

    [TestCase(true, true, ClaimState.Stands)]
    [TestCase(true, false, ClaimState.Stands)]
    [TestCase(false, true, ClaimState.Falls)]
    [TestCase(false, false, ClaimState.Stands)]
    public void Who_is_silent_loses(bool providerOpens, bool challengerOpens, ClaimState expected)
    {
        var clock = new Clock();
        Digest[] claimed = Leaves(8, _ => 0), contested = Leaves(8, _ => 1);
        OptimisticClaim claim = Claim(claimed, clock);
        claim.TryChallenge(MerkleTree.Root(contested));
        if (providerOpens) claim.TryOpen(DisputeParty.Provider, NodeOpening.Of(claimed, 0, 8));
        if (challengerOpens) claim.TryOpen(DisputeParty.Challenger, NodeOpening.Of(contested, 0, 8));
        clock.Now += TimeSpan.FromMinutes(1);
        if (providerOpens && challengerOpens) Assert.That(claim.Disputed, Is.EqualTo((0, 4)), "the first step was made");
        Assert.That(claim.State, Is.EqualTo(expected));
        Assert.That(claim.TryOpen(DisputeParty.Provider, NodeOpening.Of(claimed, 0, 4)), Is.False);
    }

    [Test]
    public void Who_opens_falsely_loses_and_nobody_opens_twice()
    {
        Digest[] claimed = Leaves(8, _ => 0), contested = Leaves(8, _ => 1);
        OptimisticClaim claim = Claim(claimed, new Clock());
        claim.TryChallenge(MerkleTree.Root(contested));
        Assert.That(claim.TryOpen(DisputeParty.Provider, NodeOpening.Of(claimed, 0, 8)));
        Assert.That(claim.TryOpen(DisputeParty.Provider, NodeOpening.Of(claimed, 0, 8)), Is.False);
        Assert.That(claim.TryOpen(DisputeParty.Challenger, NodeOpening.Of(claimed, 0, 8)));
        Assert.That(claim.State, Is.EqualTo(ClaimState.Stands));
    }

    [Test]
    public void The_outlier_is_named_with_the_window_it_left_the_majority_on()
    {
        Consensus consensus = Aggregation.Compare([Ballot(1, 1, 5, 5, 5), Ballot(2, 1, 5, 7, 5), Ballot(3, 1, 5, 5, 5)], (a, b) => a == b);
        Assert.That((consensus.Agreed, consensus.Winner), Is.EqualTo((3, (int?)0)));
        Assert.That(consensus.Outliers, Is.EqualTo(new[] { new Outlier(Tag.Hash([2]), 1) }));
    }

    [Test]
    public void Weight_decides_and_half_of_it_is_no_majority()
    {
        Consensus heavy = Aggregation.Compare([Ballot(1, 1, 5), Ballot(2, 1, 5), Ballot(3, 5, 6)], (a, b) => a == b);
        Assert.That(heavy.Outliers.Select(o => o.Provider), Is.EqualTo(new[] { Tag.Hash([1]), Tag.Hash([2]) }));
        Consensus split = Aggregation.Compare([Ballot(1, 2, 5, 5), Ballot(2, 2, 5, 6)], (a, b) => a == b);
        Assert.That((split.Agreed, split.Outliers.Length), Is.EqualTo((1, 0)), "nobody is accused without a majority");
        Assert.That(() => Aggregation.Compare([Ballot(1, 0, 5)], (a, b) => a == b), Throws.ArgumentException);
    }

    [Test]
    public void A_reply_that_is_longer_or_shorter_than_the_majoritys_is_an_outlier()
    {
        Consensus consensus = Aggregation.Compare([Ballot(1, 1, 5, 5), Ballot(2, 1, 5), Ballot(3, 1, 5, 5, 5), Ballot(4, 1, 5, 5), Ballot(5, 1, 5, 5)], (a, b) => a == b);
        Assert.That(consensus.Agreed, Is.EqualTo(2));
        Assert.That(consensus.Outliers, Is.EqualTo(new[] { new Outlier(Tag.Hash([2]), 1), new Outlier(Tag.Hash([3]), 2) }));
    }

    [Test]
    public void Agreement_within_a_tolerance_finds_the_center()
    {
        Consensus consensus = Aggregation.Compare([Ballot(1, 1, 10), Ballot(2, 1, 11), Ballot(3, 1, 12), Ballot(4, 1, 30)], (a, b) => Math.Abs(a - b) <= 1);
        Assert.That(consensus.Outliers, Is.EqualTo(new[] { new Outlier(Tag.Hash([4]), 0) }));
    }

    private static void Play(OptimisticClaim claim, Digest[] claimed, Digest[] contested)
    {
        while (claim.State == ClaimState.Bisecting)
        {
            (int first, int count) = claim.Disputed!.Value;
            claim.TryOpen(DisputeParty.Challenger, NodeOpening.Of(contested, first, count));
            claim.TryOpen(DisputeParty.Provider, NodeOpening.Of(claimed, first, count));
        }
        Assert.That(claim.State, Is.EqualTo(ClaimState.Found));
    }

    private static OptimisticClaim Claim(Digest[] leaves, TimeProvider clock) => new(MerkleTree.Root(leaves), leaves.Length, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(1), clock);

    private static Digest[] Leaves(int count, Func<int, int> version) => [.. Enumerable.Range(0, count).Select(i => MerkleTree.HashLeaf(Tag.Hash([(byte)i, (byte)version(i)]).Span))];

    private static Ballot<int> Ballot(byte provider, uint weight, params int[] windows) => new(Tag.Hash([provider]), weight, windows);

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = DateTimeOffset.UnixEpoch;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}

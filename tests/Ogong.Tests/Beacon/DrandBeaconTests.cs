using NUnit.Framework;
using Ogong.Beacon;
using Ogong.Beacon.Bls12381;
using Ogong.Bytes;

namespace Ogong.Tests.Beacon;

/// <summary>Rounds that drand published, and every way to get one wrong.</summary>
public sealed class DrandBeaconTests
{
    private const string Round1000 = "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39";

    private static readonly DrandBeacon Quicknet = new(DrandChain.Quicknet), Default = new(DrandChain.Default);

    [Test]
    public void Chain_hashes_are_the_published_ones()
    {
        Assert.That(Quicknet.Chain.ToString(), Is.EqualTo("52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"));
        Assert.That(Default.Chain.ToString(), Is.EqualTo("8990e7a9aaed2ffed73dbd7092123d6f289930540d7651336225dc172e51b2ce"));
    }

    [TestCase(1000UL, Round1000, "fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd")]
    [TestCase(657413UL, "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b",
        "fc1873a13f3545aeade8401532ef5519920652eee6b0d2b19ca12643b87b3587")]
    public void A_round_of_quicknet_verifies(ulong round, string signature, string randomness)
    {
        BeaconRound? verified = Quicknet.Verify(Signed(round, signature), out BeaconFailure failure);
        Assert.That(failure, Is.EqualTo(BeaconFailure.None));
        Assert.That(verified, Is.EqualTo(new BeaconRound(Quicknet.Chain, round, Digest.Parse(randomness))));
    }

    [TestCase(1UL,
        "8d61d9100567de44682506aea1a7a6fa6e5491cd27a0a0ed349ef6910ac5ac20ff7bc3e09d7c046566c9f7f3c6f3b10104990e7cb424998203d8f7de586fb7fa5f60045417a432684f85093b06ca91c769f0e7ca19268375e659c2a2352b4655",
        "176f93498eac9ca337150b46d21dd58673ea4e3581185f869672e59fa4cb390a",
        "101297f1ca7dc44ef6088d94ad5fb7ba03455dc33d53ddb412bbc4564ed986ec")]
    [TestCase(3311596UL,
        "a696b9409ababce45749c3a4ec369074453dd4a79967734e1390d969c8ad8d98897d217b9121e92c8ddebbddda8d92f900e3bd6bf9deb166863b1a19390d743f82774001487594c5c09e581db7365f02b70a2c8cc41ce32446ef08e4890c4754",
        "8ed588f2a7716fb1349e2d9803da5db0005e98a83783c353d4a08f183236a9ad91d70ddb01266f4b7c576983db464b430e65680b9e0098552758afd6c1e6afcb77e3f62fe1b93d42d1cb63abbb2205512fe12fbf74ea9c5ac3b8f5c1e283a1d8",
        "647c07b2abbf7ff2afb4d670214f565e5cd9f9c91bfdcecb59a21f3c78d73920")]
    public void A_round_of_the_first_network_verifies(ulong round, string signature, string previous, string randomness)
    {
        BeaconRound? verified = Default.Verify(Signed(round, signature, previous), out BeaconFailure failure);
        Assert.That(failure, Is.EqualTo(BeaconFailure.None));
        Assert.That(verified, Is.EqualTo(new BeaconRound(Default.Chain, round, Digest.Parse(randomness))));

        Assert.That(Default.Verify(Signed(round + 1, signature, previous), out failure), Is.Null);
        Assert.That(failure, Is.EqualTo(round == 1 ? BeaconFailure.WrongPreviousSignature : BeaconFailure.WrongSignature));
        Assert.That(Default.Verify(Signed(round, signature), out failure), Is.Null);
        Assert.That(failure, Is.EqualTo(BeaconFailure.WrongPreviousSignature));
    }

    [Test]
    public void A_signature_of_another_round_or_key_is_refused()
    {
        Refuse(Signed(1001, Round1000), BeaconFailure.WrongSignature);
        Refuse(Signed(0, Round1000), BeaconFailure.NoSuchRound);
        Refuse(Signed(1000, Round1000, new string('0', 64)), BeaconFailure.WrongPreviousSignature);
        var other = new DrandBeacon(DrandChain.Quicknet with { PublicKey = [.. PointEncoding.Encode(CurvePoint<G2, Fp2>.Generator)] });
        Assert.That(other.Verify(Signed(1000, Round1000), out BeaconFailure failure), Is.Null);
        Assert.That(failure, Is.EqualTo(BeaconFailure.WrongSignature));
    }

    [Test]
    public void A_signature_with_any_bit_flipped_is_refused()
    {
        byte[] good = Convert.FromHexString(Round1000);
        for (int bit = 0; bit < 8 * good.Length; bit += 5)
        {
            byte[] bad = [.. good];
            bad[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.That(Quicknet.Verify(new SignedRound(1000, bad), out _), Is.Null, $"bit {bit}");
        }
        // The negated point is well formed and in the subgroup.
        byte[] negated = [.. good];
        negated[0] ^= 0x20;
        Refuse(new SignedRound(1000, negated), BeaconFailure.WrongSignature);
    }

    [Test]
    public void A_key_that_is_no_point_is_misuse() =>
        Assert.That(() => new DrandBeacon(DrandChain.Quicknet with { PublicKey = DrandChain.Default.PublicKey }), Throws.ArgumentException.With.Message.Contains("WrongLength"));

    [TestCase(1692803366999, 1UL)]
    [TestCase(1692803367000, 2UL)]
    [TestCase(1692803369999, 2UL)]
    [TestCase(1692803370000, 3UL)]
    [TestCase(long.MinValue, 1UL)]
    public void The_first_round_after_a_moment_is_published_strictly_after_it(long milliseconds, ulong round) =>
        Assert.That(Quicknet.FirstRoundAfter(milliseconds), Is.EqualTo(round));

    [Test]
    public void The_local_beacon_verifies_what_it_publishes_and_nothing_else()
    {
        var beacon = new LocalBeacon(default);
        Assert.That(beacon.Verify(beacon.Publish(7), out BeaconFailure failure), Is.EqualTo(beacon.Round(7)));
        Assert.That(failure, Is.EqualTo(BeaconFailure.None));
        Assert.That(beacon.Verify(beacon.Publish(7) with { Round = 8 }, out failure), Is.Null);
        Assert.That(failure, Is.EqualTo(BeaconFailure.WrongSignature));
        Assert.That(beacon.Verify(new SignedRound(7, new byte[31]), out failure), Is.Null);
        Assert.That(failure, Is.EqualTo(BeaconFailure.MalformedSignature));
        Assert.That(beacon.Round(7).Value, Is.Not.EqualTo(beacon.Round(8).Value));
        Assert.That(new LocalBeacon(default, 1).Round(7).Value, Is.Not.EqualTo(beacon.Round(7).Value));
        Assert.That(beacon.FirstRoundAfter(3000), Is.EqualTo(3UL));
    }

    private static void Refuse(SignedRound signed, BeaconFailure expected)
    {
        Assert.That(Quicknet.Verify(signed, out BeaconFailure failure), Is.Null);
        Assert.That(failure, Is.EqualTo(expected));
    }

    private static SignedRound Signed(ulong round, string signature, string previous = "") =>
        new(round, Convert.FromHexString(signature), Convert.FromHexString(previous));
}

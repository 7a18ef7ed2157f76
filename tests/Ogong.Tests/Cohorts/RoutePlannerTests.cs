using NUnit.Framework;
using Ogong.Bytes;
using Ogong.Cohorts;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Tests.Cohorts;

/// <summary>Advertisements become offers, and routes survive what happens to their providers.</summary>
public sealed class RoutePlannerTests
{
    private static readonly HashTag Tag = new("ogong/test-route/1");
    private static readonly RouteRequest Request = new(4);

    [Test]
    public void A_provider_that_drops_out_is_replaced_at_once()
    {
        RouteOffer[] offers = [Offer(1, 0, 2, 10), Offer(2, 2, 4, 10), Offer(3, 2, 4, 30), Offer(4, 0, 4, 50)];
        RoutePlanner planner = Start(offers);
        Assert.That(planner.TryReplan(offers, out _), Is.False);
        planner.Drop(Key(2));
        Assert.That(planner.TryReplan(offers, out string? failure));
        Assert.That((failure, planner.Changes), Is.EqualTo(((string?)null, 1)));
        Assert.That(planner.Route.Segments, Is.EqualTo(new[] { offers[0], offers[2] }));
        planner.Drop(Key(1));
        Assert.That(planner.TryReplan(offers, out _));
        Assert.That(planner.Route.Segments, Is.EqualTo(new[] { offers[3] }));
        planner.Drop(Key(4));
        Assert.That(planner.TryReplan(offers, out failure), Is.False);
        Assert.That(failure, Does.Contain("up to layer 0"));
        planner.Restore(Key(1));
        Assert.That(planner.TryReplan(offers, out _));
    }

    [Test]
    public void A_provider_that_stays_slow_is_replaced_after_some_patience()
    {
        RouteOffer[] offers = [Offer(1, 0, 4, 10, latency: 100), Offer(2, 0, 4, 20, latency: 110)];
        RoutePlanner planner = Start(offers);
        for (int i = 0; i < 2; i++) planner.Observe(0, 400);
        Assert.That(planner.TryReplan(offers, out _), Is.False, "two slow steps are no reason");
        planner.Observe(0, 90);
        for (int i = 0; i < 2; i++) planner.Observe(0, 400);
        Assert.That(planner.TryReplan(offers, out _), Is.False, "nor are they after a fast one");
        planner.Observe(0, 400);
        Assert.That(planner.TryReplan(offers, out _));
        Assert.That(planner.Route.Segments[0].Provider, Is.EqualTo(Key(2)));
    }

    [Test]
    public void Routes_that_are_alike_do_not_take_turns()
    {
        RouteOffer[] offers = [Offer(1, 0, 4, 10, latency: 100), Offer(2, 0, 4, 20, latency: 100)];
        RoutePlanner planner = Start(offers);
        var random = new Random(1);
        // Both take 180 to 240 ms whoever is used: one change at most, when the first turns out slow.
        for (int step = 0; step < 500; step++)
        {
            planner.Observe(0, random.Next(180, 240));
            planner.TryReplan(offers, out _);
        }
        Assert.That(planner.Changes, Is.LessThanOrEqualTo(1));
    }

    [Test]
    public void Advertisements_are_taken_for_what_they_are()
    {
        using HybridKey key = Seeded(1), other = Seeded(2);
        Advertisement ad = Ad(key);
        var book = new AdvertisementBook("test", capacity: 2);
        Assert.That(book.TryAdd(ad.Sign(key), other.PublicKey, 0), Is.EqualTo(AdvertisementFailure.WrongSignature));
        Assert.That(book.TryAdd(ad.Sign(key), key.PublicKey, 1000), Is.EqualTo(AdvertisementFailure.Expired));
        Assert.That(new AdvertisementBook("main").TryAdd(ad.Sign(key), key.PublicKey, 0), Is.EqualTo(AdvertisementFailure.OtherNetwork));
        Assert.That(book.TryAdd(ad.Sign(key), key.PublicKey, 0), Is.EqualTo(AdvertisementFailure.None));
        Assert.That(book.TryAdd(ad.Sign(key), key.PublicKey, 0), Is.EqualTo(AdvertisementFailure.Superseded));
        Assert.That(book.TryAdd(Ad(key, expiry: 2000, price: 5).Sign(key), key.PublicKey, 0), Is.EqualTo(AdvertisementFailure.None));
        Assert.That(book.TryAdd(Ad(other).Sign(other), other.PublicKey, 0), Is.EqualTo(AdvertisementFailure.None));
        Assert.That(book.TryAdd(Ad(other, first: 1).Sign(other), other.PublicKey, 0), Is.EqualTo(AdvertisementFailure.Full));
        Assert.That(book.Offers(Job(), 0, _ => 7).Select(offer => offer.Price), Is.EquivalentTo(new UInt128[] { 5 * 400, 3 * 400 }));
        book.RemoveExpired(1500);
        Assert.That(book.Count, Is.EqualTo(1));
    }

    [Test]
    public void Offers_meet_every_constraint_of_the_job()
    {
        using HybridKey key = Seeded(1);
        var book = new AdvertisementBook("test");
        book.TryAdd(Ad(key).Sign(key), key.PublicKey, 0);
        Assert.That(Offered(Job()), Is.True);
        Assert.That(Offered(Job() with { ModelRoot = Key(9) }), Is.False);
        Assert.That(Offered(Job() with { Profile = NumericProfile.Fast1 }), Is.False);
        Assert.That(Offered(Job() with { MinVersion = 2, MaxVersion = 3 }), Is.False);
        Assert.That(Offered(Job() with { MaxPricePerUnit = 2 }), Is.False);
        Assert.That(Offered(Job() with { Sequences = 5 }), Is.False);
        Assert.That(Offered(Job() with { Sequences = 4 }), Is.True);
        Assert.That(Offered(Job() with { Sequences = 4 }, busy: 1), Is.False);
        Assert.That(Offered(Job() with { MinReputation = 500_000 }, reputation: 499_999), Is.False);
        Assert.That(Offered(Job() with { MinReputation = 500_000 }, reputation: 500_000), Is.True);
        Assert.That(book.Offers(Job(), 1000, _ => 1), Is.Empty, "expired");
        Assert.That(AdvertisementBook.Negotiate(Ad(key), Job() with { MaxVersion = 9 }), Is.EqualTo(1));

        bool Offered(JobTerms job, int busy = 0, int reputation = 1_000_000) => book.Offers(job, 0, _ => 1, _ => busy, _ => reputation).Any();
    }

    private static RoutePlanner Start(RouteOffer[] offers) =>
        RoutePlanner.TryStart(Request, offers, new ReplanPolicy(), out RoutePlanner? planner, out string? failure) ? planner : throw new AssertionException(failure);

    private static RouteOffer Offer(int provider, int first, int end, int price, int latency = 1) => new(Key(provider), first, end, (UInt128)price, latency);

    private static JobTerms Job() => new(Key(7), NumericProfile.Exact1, 1, 1, (first, end) => (ulong)(100 * (end - first)));

    private static Advertisement Ad(HybridKey key, long expiry = 1000, int price = 3, int first = 0) => new()
    {
        Network = "test",
        ProviderKeyId = new Digest(key.PublicKey.KeyId),
        ModelRoot = Key(7),
        FirstLayer = first,
        EndLayer = 4,
        Layers = 4,
        PricePerUnit = (UInt128)price,
        Capacity = 4,
        Profiles = [NumericProfile.Exact1],
        Expiry = expiry,
    };

    private static Digest Key(int i) => Tag.Hash([(byte)i]);

    private static HybridKey Seeded(byte i) => HybridKey.FromSeeds(Tag.Hash([i, 1]).Span, Tag.Hash([i, 2]).Span);
}

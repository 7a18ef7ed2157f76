using Ogong.Bytes;
using Ogong.Cohorts;
using Ogong.Records;

namespace Ogong.Engine;

/// <summary>A provider as a lead knows it.</summary>
/// <param name="Advertisement">What it signed that it offers.</param>
/// <param name="Transport">The way to it.</param>
/// <param name="LatencyMilliseconds">Time one step takes there, link included, as the lead measured it.</param>
public sealed record CohortProvider(Signed<Advertisement> Advertisement, ISegmentTransport Transport, int LatencyMilliseconds = 0)
{
    /// <summary>Id of its key.</summary>
    public Digest KeyId => Advertisement.Message.ProviderKeyId;

    /// <summary>Its price for a job; null if what it advertises does not fit the job, has expired, or is not validly signed.</summary>
    internal RouteOffer? OfferFor(CohortJob job, long now)
    {
        Advertisement ad = Advertisement.Message;
        if (ad.Network != job.Network || ad.ModelRoot != job.Terms.ModelRoot || ad.Layers != job.Layers || ad.Expiry <= now
            || !ad.Profiles.Contains(job.Terms.Profile) || AdvertisementBook.Negotiate(ad, job.Terms) is null
            || !Advertisement.IsValid(Transport.ProviderKey))
            return null;
        return new RouteOffer(KeyId, ad.FirstLayer, ad.EndLayer, AdvertisementBook.Price(ad, job.Terms), LatencyMilliseconds);
    }
}

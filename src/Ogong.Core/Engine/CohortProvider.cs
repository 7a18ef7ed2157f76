using Ogong.Bytes;
using Ogong.Cohorts;
using Ogong.Models;
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

    /// <summary>Its price for an order of so many tokens; null if what it advertises does not fit the order, has expired, or is not validly signed.</summary>
    internal RouteOffer? OfferFor(Order order, int promptLength, ModelConfig config, long now)
    {
        Advertisement ad = Advertisement.Message;
        if (ad.Network != order.Network || ad.ModelRoot != order.ModelRoot || ad.Layers != config.Layers || ad.Expiry <= now
            || !ad.Profiles.Contains(order.Profile.Profile) || ad.MinVersion > Protocol.Version || ad.MaxVersion < Protocol.Version
            || !Advertisement.IsValid(Transport.ProviderKey))
            return null;
        ulong units = ReplyWork.UnitsOf(config, new LayerRange(ad.FirstLayer, ad.EndLayer), promptLength, order.MaxTokens);
        UInt128 price = ad.PricePerUnit > UInt128.MaxValue / units ? UInt128.MaxValue : ad.PricePerUnit * units;
        return new RouteOffer(KeyId, ad.FirstLayer, ad.EndLayer, price, LatencyMilliseconds);
    }
}

using Ogong.Bytes;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Cohorts;

/// <summary>Why an advertisement was not taken.</summary>
public enum AdvertisementFailure : byte
{
    /// <summary>It was.</summary>
    None = 0,

    /// <summary>It is for another network.</summary>
    OtherNetwork,

    /// <summary>It has expired.</summary>
    Expired,

    /// <summary>The signature is not the named provider's.</summary>
    WrongSignature,

    /// <summary>The book holds a later one of this provider for these layers.</summary>
    Superseded,

    /// <summary>The book is full.</summary>
    Full,
}

/// <summary>What a job asks of providers.</summary>
/// <param name="ModelRoot">Model to run.</param>
/// <param name="Profile">Numeric profile.</param>
/// <param name="MinVersion">Lowest protocol version the consumer speaks.</param>
/// <param name="MaxVersion">Highest protocol version the consumer speaks.</param>
/// <param name="WorkUnits">Work units of the layers [first, end) for this job, by the model's manifest.</param>
public sealed record JobTerms(Digest ModelRoot, NumericProfile Profile, int MinVersion, int MaxVersion, Func<int, int, ulong> WorkUnits)
{
    /// <summary>Most base units a work unit may cost; null for any.</summary>
    public UInt128? MaxPricePerUnit { get; init; }

    /// <summary>Sequences that must be free at a provider.</summary>
    public int Sequences { get; init; } = 1;

    /// <summary>Least reputation, in millionths, that <see cref="AdvertisementBook.Offers"/> asks for.</summary>
    public int MinReputation { get; init; }
}

/// <summary>
/// The advertisements of a network: checked once when they come, turned into offers for a job when one is routed. A later advertisement (by expiry) of the same provider for the same layers of the
/// same model replaces an earlier one. Not thread-safe.
/// </summary>
/// <param name="network">Network the advertisements are for.</param>
/// <param name="capacity">Most advertisements held.</param>
public sealed class AdvertisementBook(string network, int capacity = 1 << 20)
{
    private readonly Dictionary<(Digest Provider, Digest Model, int First, int End), Advertisement> book = [];

    /// <summary>Advertisements held, expired ones included until <see cref="RemoveExpired"/>.</summary>
    public int Count => book.Count;

    /// <summary>Takes an advertisement.</summary>
    /// <param name="signed">The advertisement, from anybody.</param>
    /// <param name="key">The key of the provider it names.</param>
    /// <param name="now">Milliseconds since 1970-01-01 UTC.</param>
    public AdvertisementFailure TryAdd(Signed<Advertisement> signed, HybridPublicKey key, long now)
    {
        ArgumentNullException.ThrowIfNull(signed);
        ArgumentNullException.ThrowIfNull(key);
        Advertisement ad = signed.Message;
        if (ad.Network != network) return AdvertisementFailure.OtherNetwork;
        if (ad.Expiry <= now) return AdvertisementFailure.Expired;
        var slot = (ad.ProviderKeyId, ad.ModelRoot, ad.FirstLayer, ad.EndLayer);
        bool known = book.TryGetValue(slot, out Advertisement? held);
        if (known && held!.Expiry >= ad.Expiry) return AdvertisementFailure.Superseded;
        if (!known && book.Count >= capacity) return AdvertisementFailure.Full;
        if (!signed.IsValid(key)) return AdvertisementFailure.WrongSignature;
        book[slot] = ad;
        return AdvertisementFailure.None;
    }

    /// <summary>Forgets what has expired.</summary>
    public void RemoveExpired(long now)
    {
        foreach (var slot in book.Where(entry => entry.Value.Expiry <= now).Select(entry => entry.Key).ToList()) book.Remove(slot);
    }

    /// <summary>The offers of the providers that can take a job: of its model and profile, speaking a version in common, not expired, not too dear, with room, and of good enough name.</summary>
    /// <param name="job">What the job asks.</param>
    /// <param name="now">Milliseconds since 1970-01-01 UTC.</param>
    /// <param name="latency">Milliseconds a step takes at a provider, link included, as measured or assumed.</param>
    /// <param name="busy">Sequences a provider serves now; null for none.</param>
    /// <param name="reputation">A provider's reputation in millionths; null for all the same.</param>
    public IEnumerable<RouteOffer> Offers(JobTerms job, long now, Func<Digest, int> latency, Func<Digest, int>? busy = null, Func<Digest, int>? reputation = null)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(latency);
        foreach (Advertisement ad in book.Values)
        {
            if (ad.ModelRoot != job.ModelRoot || ad.Expiry <= now || !ad.Profiles.Contains(job.Profile) || Negotiate(ad, job) is null) continue;
            if (ad.PricePerUnit > (job.MaxPricePerUnit ?? UInt128.MaxValue)) continue;
            if (ad.Capacity - (busy?.Invoke(ad.ProviderKeyId) ?? 0) < job.Sequences) continue;
            if ((reputation?.Invoke(ad.ProviderKeyId) ?? int.MaxValue) < job.MinReputation) continue;
            yield return new RouteOffer(ad.ProviderKeyId, ad.FirstLayer, ad.EndLayer, Price(ad, job), latency(ad.ProviderKeyId));
        }
    }

    /// <summary>The protocol version a provider and a consumer use: the highest both speak; null if there is none.</summary>
    public static int? Negotiate(Advertisement ad, JobTerms job)
    {
        ArgumentNullException.ThrowIfNull(ad);
        ArgumentNullException.ThrowIfNull(job);
        int version = Math.Min(ad.MaxVersion, job.MaxVersion);
        return version >= Math.Max(ad.MinVersion, job.MinVersion) ? version : null;
    }

    /// <summary>What a provider asks for its layers of a job. A price past 128 bits can never be paid: it saturates, and the router puts it last.</summary>
    internal static UInt128 Price(Advertisement ad, JobTerms job)
    {
        UInt128 units = job.WorkUnits(ad.FirstLayer, ad.EndLayer);
        return units != 0 && ad.PricePerUnit > UInt128.MaxValue / units ? UInt128.MaxValue : ad.PricePerUnit * units;
    }
}

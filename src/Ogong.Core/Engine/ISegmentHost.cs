using Ogong.Bytes;
using Ogong.Cohorts;
using Ogong.Signatures;

namespace Ogong.Engine;

/// <summary>A provider as a transport sees it: it serves one segment of one model, of text or of images. Thread-safe.</summary>
public interface ISegmentHost
{
    /// <summary>The key it signs with.</summary>
    HybridPublicKey PublicKey { get; }

    /// <summary>Id of that key.</summary>
    Digest KeyId { get; }

    /// <summary>Agrees to run an order, or says why not.</summary>
    /// <exception cref="SegmentException">The order is not signed, not of this kind, not for this model or these layers, too long, or there is no room.</exception>
    ISegmentSession Open(SegmentOpening opening);
}

using Ogong.Bytes;
using Ogong.Diffusion;
using Ogong.Models;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Engine;

/// <summary>What a provider that goes on where a session failed takes over: hashes that others signed, and the latent before the next step.</summary>
/// <param name="Inputs">Hash of what each earlier step consumed.</param>
/// <param name="Outputs">Hash of what each earlier step produced.</param>
/// <param name="Foreign">How many of them others ran; those after are the provider's own.</param>
/// <param name="Latent">For the last segment, the latent before the next step.</param>
internal sealed record EarlierSteps(IReadOnlyList<Digest> Inputs, IReadOnlyList<Digest> Outputs, int Foreign, float[] Latent)
{
    /// <summary>Checks everything an opening says about steps before its first: a provider attests to nothing that nobody signed.</summary>
    /// <exception cref="Cohorts.SegmentException">It does not fit together.</exception>
    public static EarlierSteps Read(DiffusionOpening opening, HostDesk desk, DenoiserSegment segment, Schedule schedule)
    {
        DiffusionOrder order = opening.Order.Message;
        if (opening.Earlier.Count >= order.Steps) throw desk.Refuse($"There is no step after {opening.Earlier.Count} of {order.Steps}.");
        if (opening.EarlierKeys.Count > opening.Earlier.Count) throw desk.Refuse("There are more keys than statements.");
        var keys = new Dictionary<Digest, HybridPublicKey>();
        foreach (ReadOnlyMemory<byte> encoded in opening.EarlierKeys)
        {
            if (!HybridPublicKey.TryDecode(encoded.Span, out HybridPublicKey? key)) throw desk.Refuse("The key of an earlier provider is not a key.");
            keys[new Digest(key.KeyId)] = key;
        }
        Digest orderHash = order.Hash();
        int foreign = 0;
        for (int step = 0; step < opening.Earlier.Count; step++)
        {
            Signed<BoundaryStatement> signed = opening.Earlier[step];
            BoundaryStatement statement = signed.Message;
            bool fits = statement.OrderHash == orderHash && statement.Segment == opening.Place.Segment && statement.Window == step && statement.Rows == 1
                && keys.TryGetValue(statement.ProviderKeyId, out HybridPublicKey? key) && signed.IsValid(key);
            if (!fits) throw desk.Refuse($"Nobody signed for step {step} of this place.");
            if (statement.ProviderKeyId != desk.KeyId) foreign = step + 1;
        }
        return new EarlierSteps(
            [.. opening.Earlier.Select(s => s.Message.InputHash)], [.. opening.Earlier.Select(s => s.Message.OutputHash)], foreign, LatentOf(opening, desk, segment, schedule));
    }

    private static float[] LatentOf(DiffusionOpening opening, HostDesk desk, DenoiserSegment segment, Schedule schedule)
    {
        if (!segment.IsLast) return [];
        if (opening.Earlier.Count == 0) return opening.Order.Message.CreateInitialLatent(schedule);
        DenoiserConfig config = segment.Config;
        if (opening.Latent.Length != (long)config.Shape.Count * sizeof(float)) throw desk.Refuse("The latent to go on from has another size than the model's.");
        float[] latent = StateBytes.Singles(opening.Latent.Span).ToArray();
        return TrajectoryHash.OfLatent(config.Shape, latent) == opening.Earlier[^1].Message.OutputHash ? latent : throw desk.Refuse("The latent to go on from is not the one signed.");
    }
}

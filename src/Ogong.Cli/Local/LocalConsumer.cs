using System.Security.Cryptography;
using Ogong.Bytes;
using Ogong.Cli.Diffusion;
using Ogong.Compute;
using Ogong.Diffusion;
using Ogong.Engine;
using Ogong.Models;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Cli.Local;

/// <summary>A consumer in this process: signs orders with a key made for the occasion.</summary>
internal sealed class LocalConsumer : IDisposable
{
    private readonly HybridKey _key = HybridKey.Generate();

    public HybridPublicKey PublicKey => _key.PublicKey;

    public Digest KeyId => new(_key.PublicKey.KeyId);

    /// <summary>Signs an order. Its salt is fresh, so that no two orders are the same.</summary>
    public Signed<Order> Order(
        ModelConfig config, Digest modelRoot, ReadOnlySpan<int> prompt, ProfileParameters profile, SamplingParameters sampling, StopRule stop, UInt128? fee = null) =>
        new Order
        {
            Network = LocalProvider.Network,
            Salt = FreshDigest(),
            ConsumerKeyId = KeyId,
            ModelRoot = modelRoot,
            RequestHash = Protocol.RequestHash(prompt),
            Profile = profile,
            Sampling = sampling,
            MaxTokens = stop.MaxTokens,
            EndTokens = [.. stop.EndTokens],
            StopSequences = [.. stop.StopSequences],
            // At the local price of one base unit per work unit.
            Fee = fee ?? ReplyWork.UnitsOf(config, new LayerRange(0, config.Layers), prompt.Length, stop.MaxTokens),
            Deadline = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeMilliseconds(),
        }.Sign(_key);

    /// <summary>Signs an order of a diffusion model. Its salt is fresh, so that no two orders are the same.</summary>
    /// <param name="config">The model.</param>
    /// <param name="modelRoot">Its root.</param>
    /// <param name="conditioning">What to draw.</param>
    /// <param name="request">How.</param>
    public Signed<DiffusionOrder> Order(DenoiserConfig config, Digest modelRoot, Conditioning conditioning, DiffusionRequest request)
    {
        int branches = request.Guidance == 1 ? 1 : 2;
        return new DiffusionOrder
        {
            Network = LocalProvider.Network,
            Salt = FreshDigest(),
            ConsumerKeyId = KeyId,
            ModelRoot = modelRoot,
            ConditioningHash = conditioning.Hash(),
            Profile = request.Mode == NumericMode.Exact ? LatentProfile.Exact : LatentProfile.Fast(),
            Schedule = request.Schedule,
            Shape = config.Shape,
            Seed = request.Seed,
            Guidance = request.Guidance,
            Stride = request.Stride,
            // At the local price of one base unit per work unit.
            Fee = DenoiserUnits.Of(config).Segment(config.Layers, isFirst: true, isLast: true, (long)request.Schedule.Steps * branches),
            Deadline = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeMilliseconds(),
        }.Sign(_key);
    }

    /// <summary>32 random bytes: a salt, or the randomness of a beacon in this process.</summary>
    public static Digest FreshDigest()
    {
        Span<byte> random = stackalloc byte[Digest.Size];
        RandomNumberGenerator.Fill(random);
        return new Digest(random);
    }

    public void Dispose() => _key.Dispose();
}

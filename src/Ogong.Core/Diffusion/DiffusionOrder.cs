using System.Diagnostics.CodeAnalysis;
using Ogong.Bytes;
using Ogong.Records;

namespace Ogong.Diffusion;

/// <summary>
/// What a consumer of a diffusion model orders and signs before anything runs: the model, the conditioning, the noise seed, the schedule and the fee. Everything an auditor later holds the
/// trajectory against. Immutable; two orders are the same iff their hashes are.
/// </summary>
public sealed record DiffusionOrder : ISignable<DiffusionOrder>
{
    /// <inheritdoc/>
    public static HashTag Tag { get; } = new("ogong/diffusion-order/1");

    /// <summary>Network the order is for: printable ASCII.</summary>
    public required string Network { get; init; }

    /// <summary>Makes two orders of the same request differ; chosen at random by the consumer.</summary>
    public required Digest Salt { get; init; }

    /// <summary>Id of the consumer's key.</summary>
    public required Digest ConsumerKeyId { get; init; }

    /// <summary>Root of the model to run.</summary>
    public required Digest ModelRoot { get; init; }

    /// <summary><see cref="Conditioning.Hash"/> of the conditioning.</summary>
    public required Digest ConditioningHash { get; init; }

    /// <summary>Numeric profile, with the bands of the tolerance tier.</summary>
    public required LatentProfile Profile { get; init; }

    /// <summary>The scheduler and its number of steps, N.</summary>
    public required ScheduleParameters Schedule { get; init; }

    /// <summary>Shape of the latents.</summary>
    public required LatentShape Shape { get; init; }

    /// <summary>Key of the initial noise and of the noise of every step.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Scale of classifier-free guidance, finite and not negative; 1 asks for none, and the unconditional branch does not run.</summary>
    public required float Guidance { get; init; }

    /// <summary>Steps between committed latents, 1 to N. The last latent is committed whatever the stride.</summary>
    public required int Stride { get; init; }

    /// <summary>What the consumer pays, in base units.</summary>
    public required UInt128 Fee { get; init; }

    /// <summary>When the reply is due, in milliseconds since 1970-01-01 UTC.</summary>
    public required long Deadline { get; init; }

    /// <inheritdoc/>
    public Digest SignerKeyId => ConsumerKeyId;

    /// <summary>Denoising steps, N.</summary>
    public int Steps => Schedule.Steps;

    /// <summary>Whether both branches run.</summary>
    public bool IsGuided => Guidance != 1;

    /// <summary>Branches that run: 2 with guidance (conditional first), else 1.</summary>
    public int Branches => IsGuided ? 2 : 1;

    /// <summary>x_0, made from the seed (<see cref="Diffusion.Schedule.FillInitialLatent"/>).</summary>
    public float[] CreateInitialLatent() => CreateInitialLatent(Diffusion.Schedule.Create(Schedule));

    /// <summary>The same with the order's schedule at hand, which takes up to a second to compute.</summary>
    internal float[] CreateInitialLatent(Schedule schedule)
    {
        var latent = new float[Shape.Count];
        schedule.FillInitialLatent(Seed, latent);
        return latent;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">A field is out of its range.</exception>
    public void Write(ByteWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (!IsValid()) throw new InvalidOperationException("A field of the order is out of its range.");
        writer.UInt16(Protocol.Version);
        writer.Name(Network);
        writer.Digest(Salt);
        writer.Digest(ConsumerKeyId);
        writer.Digest(ModelRoot);
        writer.Digest(ConditioningHash);
        Profile.Write(writer);
        Schedule.Write(writer);
        Shape.Write(writer);
        writer.UInt64(Seed);
        writer.Single(Guidance);
        writer.Count(Stride);
        writer.UInt128(Fee);
        writer.Int64(Deadline);
    }

    /// <inheritdoc/>
    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out DiffusionOrder? value)
    {
        value = null;
        int start = reader.Offset;
        if (!Protocol.TryReadVersion(ref reader)
            || !reader.TryName(out string network, "network")
            || !reader.TryDigest(out Digest salt, "salt")
            || !reader.TryDigest(out Digest consumer, "consumer key id")
            || !reader.TryDigest(out Digest model, "model root")
            || !reader.TryDigest(out Digest conditioning, "conditioning hash")
            || !LatentProfile.TryRead(ref reader, out LatentProfile? profile)
            || !ScheduleParameters.TryRead(ref reader, out ScheduleParameters? schedule)
            || !LatentShape.TryRead(ref reader, out LatentShape? shape)
            || !reader.TryUInt64(out ulong seed, "seed")
            || !reader.TrySingle(out float guidance, "guidance")
            || !reader.TryCount(1, int.MaxValue, out int stride, "stride")
            || !reader.TryUInt128(out UInt128 fee, "fee")
            || !reader.TryInt64(out long deadline, "deadline"))
            return false;
        var read = new DiffusionOrder
        {
            Network = network,
            Salt = salt,
            ConsumerKeyId = consumer,
            ModelRoot = model,
            ConditioningHash = conditioning,
            Profile = profile,
            Schedule = schedule,
            Shape = shape,
            Seed = seed,
            Guidance = guidance,
            Stride = stride,
            Fee = fee,
            Deadline = deadline,
        };
        if (!read.IsValid()) return reader.FailAt(DecodeError.OutOfRange, start, "order");
        value = read;
        return true;
    }

    // −0 would be a second encoding of a guidance of 0.
    private bool IsValid() => ByteWriter.IsName(Network) && float.IsFinite(Guidance) && !float.IsNegative(Guidance) && Stride >= 1 && Stride <= Steps;
}

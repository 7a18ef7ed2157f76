using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Ogong.Bytes;

namespace Ogong.Records;

/// <summary>
/// What a consumer orders and signs before anything runs: the model, the numbers, the sampling seed, the limits and the fee. Everything an auditor later holds the reply against.
/// Immutable; two orders are the same iff their hashes are.
/// </summary>
public sealed class Order : ISignable<Order>
{
    /// <summary>Most end tokens.</summary>
    public const int MaxEndTokens = 64;

    /// <summary>Most stop sequences, and most tokens in one.</summary>
    public const int MaxStopSequences = 64;

    /// <inheritdoc/>
    public static HashTag Tag { get; } = new("ogong/order/1");

    /// <summary>Network the order is for: printable ASCII.</summary>
    public required string Network { get; init; }

    /// <summary>Makes two orders of the same request differ; chosen at random by the consumer.</summary>
    public required Digest Salt { get; init; }

    /// <summary>Id of the consumer's key.</summary>
    public required Digest ConsumerKeyId { get; init; }

    /// <summary>Root of the model to run.</summary>
    public required Digest ModelRoot { get; init; }

    /// <summary><see cref="Protocol.RequestHash"/> of the prompt.</summary>
    public required Digest RequestHash { get; init; }

    /// <summary>Numeric profile and its parameters.</summary>
    public required ProfileParameters Profile { get; init; }

    /// <summary>Sampling rule and seed.</summary>
    public required SamplingParameters Sampling { get; init; }

    /// <summary>Most tokens to generate, 1 to <see cref="Protocol.MaxTokens"/>.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>Tokens that end the reply, strictly ascending.</summary>
    public ImmutableArray<int> EndTokens { get; init; } = [];

    /// <summary>Token sequences that end the reply, none empty.</summary>
    public ImmutableArray<ImmutableArray<int>> StopSequences { get; init; } = [];

    /// <summary>What the consumer pays, in base units.</summary>
    public required UInt128 Fee { get; init; }

    /// <summary>When the reply is due, in milliseconds since 1970-01-01 UTC.</summary>
    public required long Deadline { get; init; }

    /// <inheritdoc/>
    public Digest SignerKeyId => ConsumerKeyId;

    /// <summary>When a reply to this order is over.</summary>
    public StopRule StopRule => new(EndTokens, StopSequences, MaxTokens);

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
        writer.Digest(RequestHash);
        Profile.Write(writer);
        Sampling.Write(writer);
        writer.Count(MaxTokens);
        writer.Tokens(EndTokens.AsSpan());
        writer.Count(StopSequences.Length);
        foreach (ImmutableArray<int> sequence in StopSequences) writer.Tokens(sequence.AsSpan());
        writer.UInt128(Fee);
        writer.Int64(Deadline);
    }

    /// <inheritdoc/>
    public static bool TryRead(ref ByteReader reader, [NotNullWhen(true)] out Order? value)
    {
        value = null;
        int start = reader.Offset;
        if (!Protocol.TryReadVersion(ref reader)
            || !reader.TryName(out string network, "network")
            || !reader.TryDigest(out Digest salt, "salt")
            || !reader.TryDigest(out Digest consumer, "consumer key id")
            || !reader.TryDigest(out Digest model, "model root")
            || !reader.TryDigest(out Digest request, "request hash")
            || !ProfileParameters.TryRead(ref reader, out ProfileParameters? profile)
            || !SamplingParameters.TryRead(ref reader, out SamplingParameters? sampling)
            || !reader.TryCount(1, Protocol.MaxTokens, out int maxTokens, "max tokens")
            || !reader.TryTokens(0, MaxEndTokens, out int[] endTokens, "end tokens")
            || !reader.TryCount(0, MaxStopSequences, out int sequences, "stop sequences"))
            return false;
        var stop = ImmutableArray.CreateBuilder<ImmutableArray<int>>(sequences);
        for (int i = 0; i < sequences; i++)
        {
            if (!reader.TryTokens(1, MaxStopSequences, out int[] sequence, "stop sequence")) return false;
            stop.Add(ImmutableCollectionsMarshal.AsImmutableArray(sequence));
        }
        if (!reader.TryUInt128(out UInt128 fee, "fee") || !reader.TryInt64(out long deadline, "deadline")) return false;
        var read = new Order
        {
            Network = network,
            Salt = salt,
            ConsumerKeyId = consumer,
            ModelRoot = model,
            RequestHash = request,
            Profile = profile,
            Sampling = sampling,
            MaxTokens = maxTokens,
            EndTokens = ImmutableCollectionsMarshal.AsImmutableArray(endTokens),
            StopSequences = stop.MoveToImmutable(),
            Fee = fee,
            Deadline = deadline,
        };
        if (!read.IsValid()) return reader.FailAt(DecodeError.NotCanonical, start, "order");
        value = read;
        return true;
    }

    private bool IsValid() =>
        ByteWriter.IsName(Network)
        && MaxTokens is >= 1 and <= Protocol.MaxTokens
        && EndTokens.Length <= MaxEndTokens
        && IsAscending(EndTokens.AsSpan())
        && StopSequences.Length <= MaxStopSequences
        && StopSequences.All(s => s.Length is >= 1 and <= MaxStopSequences && s.All(t => t >= 0));

    private static bool IsAscending(ReadOnlySpan<int> ids)
    {
        for (int i = 0; i < ids.Length; i++)
            if (ids[i] < 0 || (i > 0 && ids[i] <= ids[i - 1])) return false;
        return true;
    }
}

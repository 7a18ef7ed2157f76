using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Ogong.Bytes;

namespace Ogong.Beacon;

/// <summary>How a drand network signs its rounds.</summary>
public enum DrandScheme : byte
{
    /// <summary><c>pedersen-bls-chained</c>: keys on G1, signatures on G2 over SHA-256(previous signature ‖ round).</summary>
    PedersenBlsChained = 1,

    /// <summary><c>bls-unchained-g1-rfc9380</c>: keys on G2, signatures on G1 over SHA-256(round).</summary>
    BlsUnchainedG1 = 2,
}

/// <summary>The public parameters of a drand network.</summary>
public sealed record DrandChain
{
    /// <summary>How rounds are signed.</summary>
    public required DrandScheme Scheme { get; init; }

    /// <summary>The group's public key, a compressed point: 48 bytes on G1, 96 on G2.</summary>
    public required ImmutableArray<byte> PublicKey { get; init; }

    /// <summary>Seconds from one round to the next.</summary>
    public required uint PeriodSeconds { get; init; }

    /// <summary>Time of round 1, in seconds since 1970-01-01 UTC.</summary>
    public required long GenesisSeconds { get; init; }

    /// <summary>Hash of the group that started the network; the previous signature of round 1 in the chained scheme.</summary>
    public required Digest GenesisSeed { get; init; }

    /// <summary>The network's name; <c>default</c> for the first one.</summary>
    public required string Name { get; init; }

    /// <summary>The League of Entropy's first network: chained, every 30 seconds.</summary>
    public static DrandChain Default { get; } = new()
    {
        Scheme = DrandScheme.PedersenBlsChained,
        PublicKey = [.. Convert.FromHexString("868f005eb8e6e4ca0a47c8a77ceaa5309a47978a7c71bc5cce96366b5d7a569937c529eeda66c7293784a9402801af31")],
        PeriodSeconds = 30,
        GenesisSeconds = 1595431050,
        GenesisSeed = Digest.Parse("176f93498eac9ca337150b46d21dd58673ea4e3581185f869672e59fa4cb390a"),
        Name = "default",
    };

    /// <summary>The League of Entropy's quicknet: unchained, every 3 seconds.</summary>
    public static DrandChain Quicknet { get; } = new()
    {
        Scheme = DrandScheme.BlsUnchainedG1,
        PublicKey =
        [
            .. Convert.FromHexString(
                "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451"
                + "0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"),
        ],
        PeriodSeconds = 3,
        GenesisSeconds = 1692803367,
        GenesisSeed = Digest.Parse("f477d5c89f21a17c863a7f937c6a6d15859414d2be09cd448d4279af331c5d3e"),
        Name = "quicknet",
    };

    /// <summary>
    /// The chain hash that drand publishes: <c>SHA-256(u32 period ‖ i64 genesis ‖ key ‖ seed ‖ name unless it is "default")</c>, integers big-endian.
    /// </summary>
    public Digest Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> times = stackalloc byte[12];
        BinaryPrimitives.WriteUInt32BigEndian(times, PeriodSeconds);
        BinaryPrimitives.WriteInt64BigEndian(times[4..], GenesisSeconds);
        hash.AppendData(times);
        hash.AppendData(PublicKey.AsSpan());
        hash.AppendData(GenesisSeed.Span);
        if (Name != "default") hash.AppendData(Encoding.UTF8.GetBytes(Name));
        Span<byte> result = stackalloc byte[Digest.Size];
        hash.GetHashAndReset(result);
        return new Digest(result);
    }
}

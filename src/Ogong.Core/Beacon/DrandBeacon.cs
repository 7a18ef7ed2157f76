using System.Buffers.Binary;
using System.Security.Cryptography;
using Ogong.Beacon.Bls12381;
using Ogong.Bytes;

namespace Ogong.Beacon;

/// <summary>
/// Verifies the rounds of a drand network: threshold BLS signatures over BLS12-381, unique per round, so that no member of the network chooses the randomness
/// SHA-256(signature). Immutable and safe for concurrent use; one round takes a few milliseconds.
/// </summary>
public sealed class DrandBeacon : IRandomnessBeacon
{
    private readonly DrandChain chain;
    private readonly CurvePoint<G1, Fp> keyOnG1;
    private readonly CurvePoint<G2, Fp2> keyOnG2;

    /// <summary>Prepares the public key.</summary>
    /// <exception cref="ArgumentException">The key is no point of its group, or the period is zero.</exception>
    public DrandBeacon(DrandChain chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        PointFailure failure = chain.Scheme switch
        {
            DrandScheme.PedersenBlsChained => PointEncoding.DecodeG1(chain.PublicKey.AsSpan(), out keyOnG1),
            DrandScheme.BlsUnchainedG1 => PointEncoding.DecodeG2(chain.PublicKey.AsSpan(), out keyOnG2),
            _ => throw new ArgumentException($"There is no scheme {chain.Scheme}.", nameof(chain)),
        };
        if (failure != PointFailure.None) throw new ArgumentException($"The public key is refused: {failure}.", nameof(chain));
        if (chain.PeriodSeconds == 0) throw new ArgumentException("A period is at least a second.", nameof(chain));
        this.chain = chain;
        Chain = chain.Hash();
    }

    /// <inheritdoc/>
    public Digest Chain { get; }

    private static ReadOnlySpan<byte> TagOnG1 => "BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"u8;

    private static ReadOnlySpan<byte> TagOnG2 => "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_NUL_"u8;

    /// <summary>Why a signature is no point of the scheme's group; <see cref="PointFailure.None"/> if it is one.</summary>
    public PointFailure ExplainSignature(ReadOnlySpan<byte> signature) =>
        chain.Scheme == DrandScheme.BlsUnchainedG1 ? PointEncoding.DecodeG1(signature, out _) : PointEncoding.DecodeG2(signature, out _);

    /// <inheritdoc/>
    public BeaconRound? Verify(SignedRound signed, out BeaconFailure failure)
    {
        ArgumentNullException.ThrowIfNull(signed);
        failure = Check(signed);
        return failure == BeaconFailure.None ? new BeaconRound(Chain, signed.Round, new Digest(SHA256.HashData(signed.Signature.Span))) : null;
    }

    /// <inheritdoc/>
    public ulong FirstRoundAfter(long milliseconds)
    {
        // Round n is published at genesis + (n − 1)·period.
        Int128 since = (Int128)milliseconds - (Int128)chain.GenesisSeconds * 1000;
        return since < 0 ? 1 : (ulong)(since / ((Int128)chain.PeriodSeconds * 1000)) + 2;
    }

    private BeaconFailure Check(SignedRound signed)
    {
        if (signed.Round == 0) return BeaconFailure.NoSuchRound;
        bool chained = chain.Scheme == DrandScheme.PedersenBlsChained;
        // The first round follows the group's hash, every other a signature on G2.
        int previousLength = !chained ? 0 : signed.Round == 1 ? Digest.Size : G2.CompressedSize;
        ReadOnlySpan<byte> previous = signed.PreviousSignature.Span;
        if (previous.Length != previousLength) return BeaconFailure.WrongPreviousSignature;
        if (chained && signed.Round == 1 && !previous.SequenceEqual(chain.GenesisSeed.Span)) return BeaconFailure.WrongPreviousSignature;

        Span<byte> message = stackalloc byte[SHA256.HashSizeInBytes];
        HashMessage(previous, signed.Round, message);
        return chained ? CheckOnG2(message, signed.Signature.Span) : CheckOnG1(message, signed.Signature.Span);
    }

    // e(signature, g2) = e(H(message), key)
    private BeaconFailure CheckOnG1(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (PointEncoding.DecodeG1(signature, out CurvePoint<G1, Fp> point) != PointFailure.None) return BeaconFailure.MalformedSignature;
        CurvePoint<G1, Fp> hash = HashToCurve.ToG1(message, TagOnG1);
        return !hash.IsInfinity && Pairing.IsProductOne(point, -CurvePoint<G2, Fp2>.Generator, hash, keyOnG2) ? BeaconFailure.None : BeaconFailure.WrongSignature;
    }

    // e(g1, signature) = e(key, H(message))
    private BeaconFailure CheckOnG2(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (PointEncoding.DecodeG2(signature, out CurvePoint<G2, Fp2> point) != PointFailure.None) return BeaconFailure.MalformedSignature;
        CurvePoint<G2, Fp2> hash = HashToCurve.ToG2(message, TagOnG2);
        return !hash.IsInfinity && Pairing.IsProductOne(-CurvePoint<G1, Fp>.Generator, point, keyOnG1, hash) ? BeaconFailure.None : BeaconFailure.WrongSignature;
    }

    private static void HashMessage(ReadOnlySpan<byte> previous, ulong round, Span<byte> result)
    {
        Span<byte> message = stackalloc byte[G2.CompressedSize + sizeof(ulong)];
        previous.CopyTo(message);
        BinaryPrimitives.WriteUInt64BigEndian(message[previous.Length..], round);
        SHA256.HashData(message[..(previous.Length + sizeof(ulong))], result);
    }
}

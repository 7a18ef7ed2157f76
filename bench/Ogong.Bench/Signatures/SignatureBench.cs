using BenchmarkDotNet.Attributes;
using Ogong.Signatures;

namespace Ogong.Bench.Signatures;

/// <summary>Key generation, signing and verification of a record-sized message, for each scheme and for both.</summary>
/// <remarks>"Cold" decodes the public key first, which prepares its tables; the others verify with a key already decoded.
/// ML-DSA signing repeats until a candidate is accepted: its time varies from one signature to the next, so read the median.</remarks>
[MemoryDiagnoser]
[MinColumn, MedianColumn]
public class SignatureBench
{
    private readonly byte[] message = new byte[400];
    private readonly byte[] context = "record"u8.ToArray();
    private readonly byte[] hybrid = new byte[HybridSignature.Size];
    private readonly byte[] ed25519 = new byte[Ed25519.SignatureSize];
    private readonly byte[] mlDsa44 = new byte[MLDsa44.SignatureSize];
    private HybridKey key = null!;
    private byte[] encoded = [];

    [GlobalSetup]
    public void Setup()
    {
        key = HybridKey.Generate();
        encoded = key.PublicKey.Bytes.ToArray();
        key.Sign(context, message, hybrid);
        key.Ed25519Key.Sign(message, ed25519);
        key.MLDsa44Key.Sign(context, message, mlDsa44);
    }

    [GlobalCleanup]
    public void Cleanup() => key.Dispose();

    [Benchmark]
    public void Ed25519Generate() => Ed25519PrivateKey.Generate().Dispose();

    [Benchmark]
    public void Ed25519Sign() => key.Ed25519Key.Sign(message, ed25519);

    [Benchmark]
    public bool Ed25519Verify() => key.PublicKey.Ed25519Key.Verify(message, ed25519);

    [Benchmark]
    public bool Ed25519VerifyCold() => Ed25519PublicKey.TryDecode(encoded.AsSpan(0, Ed25519.PublicKeySize), out var publicKey) && publicKey.Verify(message, ed25519);

    [Benchmark]
    public void MLDsa44Generate() => MLDsa44PrivateKey.Generate().Dispose();

    [Benchmark]
    public void MLDsa44Sign() => key.MLDsa44Key.Sign(context, message, mlDsa44);

    [Benchmark]
    public bool MLDsa44Verify() => key.PublicKey.MLDsa44Key.Verify(context, message, mlDsa44);

    [Benchmark]
    public bool MLDsa44VerifyCold() => MLDsa44PublicKey.TryDecode(encoded.AsSpan(Ed25519.PublicKeySize), out var publicKey) && publicKey.Verify(context, message, mlDsa44);

    [Benchmark]
    public void HybridGenerate() => HybridKey.Generate().Dispose();

    [Benchmark]
    public void HybridSign() => key.Sign(context, message, hybrid);

    [Benchmark]
    public bool HybridVerify() => key.PublicKey.Verify(context, message, hybrid);

    [Benchmark]
    public bool HybridVerifyCold() => HybridPublicKey.TryDecode(encoded, out var publicKey) && publicKey.Verify(context, message, hybrid);
}

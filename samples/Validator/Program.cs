// What a validator does with Ogong.Core alone: no GPU, no model, no native code.
using Ogong.Bytes;
using Ogong.Merkle;
using Ogong.Records;
using Ogong.Signatures;

// A provider offers layers 0 to 8 of a model and signs the offer with Ed25519 and ML-DSA-44.
using var provider = HybridKey.Generate();
var offer = new Advertisement
{
    Network = "sample",
    ProviderKeyId = new Digest(provider.PublicKey.KeyId),
    ModelRoot = MerkleTree.HashLeaf("a model"u8),
    FirstLayer = 0,
    EndLayer = 8,
    Layers = 24,
    PricePerUnit = 3,
    Capacity = 4,
    Profiles = [NumericProfile.Exact1],
    Expiry = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeMilliseconds(),
};
byte[] received = offer.Sign(provider).Encode();

// The validator holds bytes from a stranger. Decoding never throws on them: it gives the message or says what is wrong, and where.
Console.WriteLine($"as signed:  {Judge(received, provider.PublicKey)}");
Console.WriteLine($"cut short:  {Judge(received.AsSpan(0, 100), provider.PublicKey)}");
received[^1] ^= 1;
Console.WriteLine($"bit flipped: {Judge(received, provider.PublicKey)}");

// A reply's windows are the leaves of a tree; one root commits to all of them, and a short path opens any one.
Digest[] windows = [.. Enumerable.Range(0, 5).Select(i => MerkleTree.HashLeaf(BitConverter.GetBytes(i)))];
Digest root = MerkleTree.Root(windows);
MerkleProof opening = MerkleTree.Prove(windows, 3);
Console.WriteLine($"window 3 of 5 opens: {opening.Verify(windows[3], 3, 5, root)}");
Console.WriteLine($"window 2 in its place: {opening.Verify(windows[2], 3, 5, root)}");

static string Judge(ReadOnlySpan<byte> bytes, HybridPublicKey key)
{
    var decoded = Canonical.Decode<Signed<Advertisement>>(bytes);
    if (!decoded.TryGet(out var signed))
        return $"refused, {decoded.Failure.Error}";
    return signed.IsValid(key) ? $"valid, layers {signed.Message.FirstLayer} to {signed.Message.EndLayer}" : "refused, signature";
}

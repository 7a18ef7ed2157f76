using System.Diagnostics;
using System.Security.Cryptography;
using NUnit.Framework;
using Ogong.Bytes;
using Ogong.Merkle;
using Ogong.Records;
using Ogong.Signatures;
using Ogong.Tests.Audit;
using Ogong.Tests.Merkle;

namespace Ogong.Tests.Records;

/// <summary>Every decoder under mutation and truncation of valid files: a typed failure or a value whose encoding is exactly the input; nothing thrown, time and memory bounded.</summary>
public class HostileBytesTests
{
    private const int Cases = 100_000;

    [Test]
    public void Orders() => Attack(Samples.ExactReply.Order.Message, 1);

    [Test]
    public void Orders_of_the_tolerance_tier() => Attack(Samples.FastReply.Order.Message, 2);

    [Test]
    public void Reply_records() => Attack(Samples.FastReply.Record.Message, 3);

    [Test]
    public void Segment_attestations() => Attack(Samples.FastReply.Segments[2].Attestation.Message, 4);

    [Test]
    public void Boundary_statements() => Attack(Samples.Statement, 5);

    [Test]
    public void Equivocation_proofs() => Attack(Samples.Equivocation, 6);

    [Test]
    public void Advertisements() => Attack(Samples.Advertisement, 7);

    [Test]
    public void Signed_records() => Attack(Samples.ExactReply.Record, 8);

    [Test]
    public void Merkle_proofs() => Attack(MerkleTree.Prove(MerkleTreeTests.Leaves(13), 7), 9);

    [Test]
    public void Reply_files_of_the_exact_tier() => AttackFile(Samples.SmallExactReply, 10);

    [Test]
    public void Reply_files_of_the_tolerance_tier() => AttackFile(Samples.SmallFastReply, 11);

    [Test]
    public void Every_truncation_of_a_reply_file_is_refused()
    {
        byte[] valid = Samples.Bytes(Samples.SmallFastReply);
        for (int length = 0; length < valid.Length; length += length < 300 ? 1 : 7)
            Assert.That(ReplyReader.Decode(valid[..length]).Failure.Error, Is.EqualTo(DecodeError.Truncated), $"{length} bytes");
        Assert.That(ReplyReader.Decode([.. valid, 0]).Failure.Error, Is.EqualTo(DecodeError.TrailingBytes));
        Assert.That(ReplyReader.Decode(valid).IsOk, Is.True);
    }

    [Test]
    public void A_claimed_length_allocates_nothing_that_is_not_there()
    {
        // The largest frame of each type claimed, and nothing behind it.
        byte[] head = Samples.Bytes(Samples.ExactReply)[..10];
        for (byte type = 0; type < 12; type++)
        {
            byte[] file = [.. head, type, 0x00, 0x00, 0x40, 0x00];
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.That(ReplyReader.Decode(file).IsOk, Is.False);
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1 << 18));
        }
    }

    [Test]
    public void A_file_above_the_limit_is_refused()
    {
        using var stream = new MemoryStream(Samples.Bytes(Samples.ExactReply));
        Assert.That(ReplyReader.Read(stream, maxBytes: 5000).Failure.Error, Is.EqualTo(DecodeError.TooLarge));
    }

    private static void Attack<T>(T sample, int seed) where T : class, ICanonical<T>
    {
        byte[] valid = sample.Encode();
        Assert.That(Canonical.Decode<T>(valid).Value.Encode(), Is.EqualTo(valid));
        int[]? targets = valid.Length < HybridSignature.Size ? null : [.. Enumerable.Range(0, valid.Length % HybridSignature.Size)];
        Drive(new Mutator(valid, seed, targets), valid.Length, bytes =>
        {
            DecodeResult<T> result = Canonical.Decode<T>(bytes);
            return result.IsOk ? result.Value.Encode() : Refused(result.Failure, bytes);
        });
    }

    private static void AttackFile(Reply reply, int seed)
    {
        byte[] valid = Samples.Bytes(reply);
        int[] targets = [.. Enumerable.Range(0, valid.Length).Where(i => !IsSignatureOrKey(valid, i))];
        Assert.That(targets, Has.Length.LessThan(valid.Length / 2));
        Drive(new Mutator(valid, seed, targets), valid.Length, bytes =>
        {
            // With the checksum repaired, what was changed must be refused on its own account or be another valid file.
            if (bytes.Length > 64 && bytes[^1] % 4 != 0) SHA256.HashData(bytes.AsSpan(0, bytes.Length - 37), bytes.AsSpan(bytes.Length - 32));
            DecodeResult<Reply> result = ReplyReader.Decode(bytes);
            return result.IsOk ? Samples.Bytes(result.Value) : Refused(result.Failure, bytes);
        });
    }

    private static void Drive(Mutator mutator, int validLength, Func<byte[], byte[]?> decode)
    {
        int accepted = 0;
        long allocated = 0, slowest = 0;
        for (int i = 0; i < Cases; i++)
        {
            byte[] bytes = mutator.Next();
            (long before, long start) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
            byte[]? again = decode(bytes);
            slowest = Math.Max(slowest, Stopwatch.GetTimestamp() - start);
            allocated = Math.Max(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
            if (again is null) continue;
            accepted++;
            if (!again.AsSpan().SequenceEqual(bytes)) Assert.Fail($"Case {i}: two encodings of one value: {Convert.ToHexString(bytes)}");
        }
        Assert.That(allocated, Is.LessThan((20L * validLength) + (1 << 18)), "bytes allocated in the worst case");
        Assert.That(TimeSpan.FromSeconds(slowest / (double)Stopwatch.Frequency), Is.LessThan(TimeSpan.FromSeconds(2)), "time of the worst case");
        Assert.That(accepted, Is.LessThan(Cases / 2).And.GreaterThan(0), "the mutations reach past the first check, and most are refused");
    }

    private static byte[]? Refused(DecodeFailure failure, byte[] bytes)
    {
        if (failure.Error == DecodeError.None || failure.Offset < 0 || failure.Offset > bytes.Length || failure.Field.Length == 0) Assert.Fail($"A refusal without a place: {failure}");
        return null;
    }

    private static readonly byte[][] opaque =
    [
        .. new[] { Samples.SmallExactReply, Samples.SmallFastReply }.SelectMany(r => new[] { r.Order.Signature.ToArray(), r.Record.Signature.ToArray() }
            .Concat(r.Segments.Select(s => s.Attestation.Signature.ToArray()))
            .Concat(r.Segments.SelectMany(s => s.Windows).Where(w => w.Statement is not null).Select(w => w.Statement!.Signature.ToArray()))),
        .. ToyCohort.Keys.Select(k => k.PublicKey.Bytes.ToArray()),
    ];

    private static byte[]? markedFile;
    private static bool[] marked = [];

    private static bool IsSignatureOrKey(byte[] file, int at)
    {
        if (!ReferenceEquals(markedFile, file))
        {
            (markedFile, marked) = (file, new bool[file.Length]);
            foreach (byte[] run in opaque)
            {
                int from = 0;
                for (int found; (found = file.AsSpan(from).IndexOf(run)) >= 0; from += found + run.Length) marked.AsSpan(from + found, run.Length).Fill(true);
            }
        }
        return marked[at];
    }
}

using NUnit.Framework;
using Ogong.Bytes;
using Ogong.Merkle;
using Ogong.Records;
using Ogong.Tests.Merkle;

namespace Ogong.Tests.Records;

/// <summary>Every decoder under mutation and truncation of valid files: a typed failure or a value whose encoding is exactly the input; nothing thrown, time and memory bounded.</summary>
public class HostileBytesTests
{
    [Test]
    public void Orders() => HostileBytes.Attack(Samples.ExactReply.Order.Message, 1);

    [Test]
    public void Orders_of_the_tolerance_tier() => HostileBytes.Attack(Samples.FastReply.Order.Message, 2);

    [Test]
    public void Reply_records() => HostileBytes.Attack(Samples.FastReply.Record.Message, 3);

    [Test]
    public void Segment_attestations() => HostileBytes.Attack(Samples.FastReply.Segments[2].Attestation.Message, 4);

    [Test]
    public void Boundary_statements() => HostileBytes.Attack(Samples.Statement, 5);

    [Test]
    public void Equivocation_proofs() => HostileBytes.Attack(Samples.Equivocation, 6);

    [Test]
    public void Advertisements() => HostileBytes.Attack(Samples.Advertisement, 7);

    [Test]
    public void Signed_records() => HostileBytes.Attack(Samples.ExactReply.Record, 8);

    [Test]
    public void Merkle_proofs() => HostileBytes.Attack(MerkleTree.Prove(MerkleTreeTests.Leaves(13), 7), 9);

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

    private static void AttackFile(Reply reply, int seed) => HostileBytes.AttackFile(Samples.Bytes(reply), Opaque(reply), seed, bytes =>
    {
        DecodeResult<Reply> result = ReplyReader.Decode(bytes);
        return result.IsOk ? Samples.Bytes(result.Value) : HostileBytes.Refused(result.Failure, bytes);
    });

    private static IEnumerable<byte[]> Opaque(Reply reply) =>
    [
        reply.Order.Signature.ToArray(),
        reply.Record.Signature.ToArray(),
        .. reply.Segments.Select(s => s.Attestation.Signature.ToArray()),
        .. reply.Segments.SelectMany(s => s.Windows).Where(w => w.Statement is not null).Select(w => w.Statement!.Signature.ToArray()),
    ];
}

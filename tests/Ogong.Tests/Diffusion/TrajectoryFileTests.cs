using NUnit.Framework;
using Ogong.Bytes;
using Ogong.Diffusion;
using Ogong.Records;
using Ogong.Tests.Records;

namespace Ogong.Tests.Diffusion;

/// <summary>Messages and files of trajectories under mutation and truncation, as every other decoder; and the files of the first release read for ever.</summary>
internal sealed class TrajectoryFileTests
{
    private const string ExactRecordHash = "695f097bf1ee2314a4929f03651e59527c2b53f76ccbed1b87bdcf02fb579039", FastRecordHash = "d58dbb9ab7e9460a9737d35d11611692b891aecbe4e6c9856192af8309eb70b5";

    private static readonly TrajectoryReply exact = Small(LatentProfile.Exact), fast = Small(LatentProfile.Fast(new LatentBands(0.25f, 0.5f, 0.125f, null)));

    [Test]
    public void Shapes()
    {
        HostileBytes.Attack(new LatentShape(4, 2, 64, 32), 1);
        Assert.That(() => new LatentShape(4096, 1 << 16), Throws.ArgumentException, "2^28 values");
        Assert.That(() => new LatentShape(1), Throws.ArgumentException);
        Assert.That(() => new LatentShape(1, 1, 1, 1, 1), Throws.ArgumentException);
        Assert.That(new LatentShape(4, 2, 64, 32).Count, Is.EqualTo(4 * 2 * 64 * 32));
        var shape = new LatentShape(2, 3);
        Assert.That((shape.Equals(new LatentShape(2, 3)), shape.Equals(new LatentShape(3, 2)), shape.Equals(new LatentShape(2, 3, 1))), Is.EqualTo((true, false, false)));
    }

    [Test]
    public void Conditioning_labels_and_vectors()
    {
        HostileBytes.Attack(Conditioning.OfLabel(5), 2);
        HostileBytes.Attack(Conditioning.OfVectors(3, [1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1]), 3);
        Assert.That(() => Conditioning.OfVectors(3, [1, 2, 3, 4]), Throws.ArgumentException);
        Assert.That(() => Conditioning.OfVectors(2, [1, float.NaN]), Throws.ArgumentException);
        Assert.That(() => Conditioning.OfVectors(2, [1, 2], [1, 2, 3, 4]), Throws.ArgumentException);
        Assert.That(Conditioning.OfVectors(2, [1, 2, 3, 4]).Hash(), Is.Not.EqualTo(Conditioning.OfVectors(4, [1, 2, 3, 4]).Hash()).And.Not.EqualTo(Conditioning.OfVectors(2, [1, 2], [3, 4]).Hash()));
    }

    [Test]
    public void Orders() => HostileBytes.Attack(exact.Order.Message, 4);

    [Test]
    public void Orders_of_the_tolerance_tier() => HostileBytes.Attack(fast.Order.Message, 5);

    [Test]
    public void Records() => HostileBytes.Attack(fast.Record.Message, 6);

    [Test]
    public void Attestations() => HostileBytes.Attack(exact.Segments[^1].Attestation.Message, 7);

    [Test]
    public void Openings()
    {
        TrajectoryReply reply = new TestTrajectory().Produce();
        HostileBytes.Attack(LatentOpening.Create(reply.Order.Message, [.. reply.Latents.Select(l => l.Digest)], 6, reply.Latents[6].Latent.Span), 8);
        Assert.That(() => LatentOpening.Create(reply.Order.Message, [.. reply.Latents.Select(l => l.Digest)], 5, reply.Latents[6].Latent.Span), Throws.ArgumentException);
    }

    [Test]
    public void Files() => HostileBytes.AttackFile(Bytes(Lean(fast)), Signatures(fast), 9, bytes =>
    {
        DecodeResult<TrajectoryReply> result = TrajectoryReader.Decode(bytes);
        return result.IsOk ? Bytes(result.Value) : HostileBytes.Refused(result.Failure, bytes);
    });

    [Test]
    public void Every_truncation_of_a_file_is_refused()
    {
        byte[] valid = Bytes(exact);
        for (int length = 0; length < valid.Length; length += length < 300 ? 1 : 7)
            Assert.That(TrajectoryReader.Decode(valid[..length]).Failure.Error, Is.EqualTo(DecodeError.Truncated), $"{length} bytes");
        Assert.That(TrajectoryReader.Decode([.. valid, 0]).Failure.Error, Is.EqualTo(DecodeError.TrailingBytes));
        using var stream = new MemoryStream(valid);
        Assert.That(TrajectoryReader.Read(stream, maxBytes: 5000).Failure.Error, Is.EqualTo(DecodeError.TooLarge));
    }

    [Test]
    public void A_claimed_length_allocates_nothing_that_is_not_there()
    {
        byte[] valid = Bytes(exact);
        int order = 15 + BitConverter.ToInt32(valid, 11); // The file as far as the order's frame goes, then the largest frames claimed.
        for (byte type = 0; type < 14; type++)
        {
            byte[] file = [.. valid[..order], type, 0x00, 0x00, 0x40, 0x00];
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.That(TrajectoryReader.Decode(file).IsOk, Is.False);
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1 << 18));
        }
    }

    [Test]
    public void A_final_latent_is_never_omitted()
    {
        foreach (int step in new[] { 2, 3 })
        {
            var writer = new ByteWriter();
            TrajectoryFormat.WriteLatent(writer, new CommittedLatent { Step = step, Digest = exact.Latents[0].Digest });
            var reader = new ByteReader(writer.Written);
            Assert.That(TrajectoryFormat.TryReadLatent(ref reader, exact.Order.Message, step, out _), Is.EqualTo(step < exact.Order.Message.Steps));
        }
    }

    [Test]
    public void The_first_frame_tells_text_from_diffusion()
    {
        Assert.That((ReplyKinds.TryDetect(Bytes(exact), out ReplyKind kind), kind), Is.EqualTo((true, ReplyKind.Trajectory)));
        byte[] text = File.ReadAllBytes(Repository.Vector("records", "reply-exact-v1.ogong"));
        Assert.That((ReplyKinds.TryDetect(text, out kind), kind), Is.EqualTo((true, ReplyKind.Text)));
        Assert.That(ReplyKinds.TryDetect(text.AsSpan(0, ReplyKinds.HeadSize - 1), out _), Is.False);
        Assert.That(ReplyKinds.TryDetect([.. text.AsSpan(0, ReplyKinds.HeadSize - 1), 6], out _), Is.False);
        Assert.That(ReplyKinds.TryDetect(new byte[20], out _), Is.False);
        Assert.That(ReplyReader.Decode(Bytes(exact)).Failure.Error, Is.EqualTo(DecodeError.WrongTag));
        Assert.That(TrajectoryReader.Decode(text).Failure.Error, Is.EqualTo(DecodeError.WrongTag));
    }

    [Test]
    public void The_writer_keeps_the_order_of_the_format()
    {
        using var stream = new MemoryStream();
        using var writer = new TrajectoryWriter(stream);
        Assert.That(() => writer.WriteConditioning(exact.Conditioning), Throws.InvalidOperationException);
        writer.WriteOrder(exact.Order, exact.ConsumerKey.Span);
        Assert.That(() => writer.WriteLatent(exact.Latents[0]), Throws.InvalidOperationException);
        writer.WriteConditioning(exact.Conditioning);
        Assert.That(() => writer.WriteLatent(exact.Latents[1]), Throws.InvalidOperationException, "out of order");
        writer.WriteLatent(exact.Latents[0]);
        Assert.That(() => writer.WriteSegment(exact.Segments[0].Attestation, exact.Segments[0].PublicKey.Span), Throws.InvalidOperationException, "latents are missing");
        writer.WriteLatent(exact.Latents[1]);
        Assert.That(() => writer.WriteLatent(new CommittedLatent { Step = 3, Digest = exact.Latents[2].Digest }), Throws.InvalidOperationException, "the final latent is kept");
        writer.WriteLatent(exact.Latents[2]);
        Assert.That(() => writer.WriteRecord(exact.Record, exact.ProviderKey.Span), Throws.InvalidOperationException);
        writer.WriteSegment(exact.Segments[0].Attestation, exact.Segments[0].PublicKey.Span);
        Assert.That(() => writer.WriteStep(exact.Segments[0].Steps[1]), Throws.InvalidOperationException);
        Assert.That(writer.IsComplete, Is.False);
    }

    [TestCase("trajectory-exact-v1.ogong", ExactRecordHash)]
    [TestCase("trajectory-fast-v1.ogong", FastRecordHash)]
    public async Task A_version_1_file_reads_verifies_and_audits(string name, string recordHash)
    {
        byte[] file = File.ReadAllBytes(Repository.Vector("records", name));
        TrajectoryReply reply = TrajectoryReader.Decode(file).Value;
        Assert.That(Bytes(reply), Is.EqualTo(file), "rewritten byte for byte");
        Assert.That(reply.Record.Message.Hash().ToString(), Is.EqualTo(recordHash));
        Ogong.Audit.Verdict verdict = await new TrajectoryAuditor(new ToyDenoiser()).AuditAsync(reply, default, 2);
        Assert.That(verdict.Outcome, Is.EqualTo(Ogong.Audit.AuditOutcome.Accept), verdict.Explanation);
    }

    [Test]
    [Explicit("Writes the fixtures of a new format version.")]
    public void Write_the_fixtures()
    {
        TrajectoryReply full = new TestTrajectory { Statements = s => s == 1, Open = s => s == 4, Schedule = ScheduleParameters.Ddim(6, BetaSchedule.ScaledLinear(0.00085, 0.012), PredictionKind.Velocity, clipRange: 2), Stride = 4 }.Produce();
        TrajectoryReply tolerant = new TestTrajectory { Profile = LatentProfile.Fast(), Boundaries = [0, 6], Guidance = 1, Model = _ => new ToyDenoiser { Noise = 0.001f } }.Produce();
        File.WriteAllBytes(Repository.Vector("records", "trajectory-exact-v1.ogong"), Bytes(full));
        File.WriteAllBytes(Repository.Vector("records", "trajectory-fast-v1.ogong"), Bytes(tolerant));
        TestContext.Out.WriteLine($"{full.Record.Message.Hash()} {tolerant.Record.Message.Hash()}");
    }

    private static TrajectoryReply Small(LatentProfile profile) => new TestTrajectory
    {
        Profile = profile,
        Schedule = ScheduleParameters.FlowMatchEuler(3),
        Shape = new(2, 1, 2),
        Stride = 2,
        Boundaries = [0, 2, 6],
        Statements = s => s == 2,
        Open = s => s == 1,
    }.Produce();

    // One segment and one latent less, for many cases: a reader does not mind.
    private static TrajectoryReply Lean(TrajectoryReply reply) => new()
    {
        Order = reply.Order,
        ConsumerKey = reply.ConsumerKey,
        Conditioning = reply.Conditioning,
        Latents = [reply.Latents[0], new CommittedLatent { Step = 2, Digest = reply.Latents[1].Digest }, reply.Latents[2]],
        Segments = [reply.Segments[1]],
        Record = reply.Record,
        ProviderKey = reply.ProviderKey,
    };

    private static byte[] Bytes(TrajectoryReply reply)
    {
        using var stream = new MemoryStream();
        reply.WriteTo(stream);
        return stream.ToArray();
    }

    private static IEnumerable<byte[]> Signatures(TrajectoryReply reply) =>
    [
        reply.Order.Signature.ToArray(),
        reply.Record.Signature.ToArray(),
        .. reply.Segments.Select(s => s.Attestation.Signature.ToArray()),
        .. reply.Segments.SelectMany(s => s.Steps).Where(s => s.Statement is not null).Select(s => s.Statement!.Signature.ToArray()),
    ];
}

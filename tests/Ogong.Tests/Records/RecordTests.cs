using NUnit.Framework;
using Ogong.Bytes;
using Ogong.Commitments;
using Ogong.Records;
using Ogong.Tests.Audit;

namespace Ogong.Tests.Records;

public class RecordTests
{
    [Test]
    public void Every_message_survives_its_encoding()
    {
        AssertSame(Samples.ExactReply.Order.Message);
        AssertSame(Samples.FastReply.Order.Message);
        AssertSame(Samples.ExactReply.Record.Message);
        AssertSame(Samples.FastReply.Record.Message);
        AssertSame(Samples.Statement);
        AssertSame(Samples.Advertisement);
        foreach (ReplySegment segment in Samples.FastReply.Segments) AssertSame(segment.Attestation.Message);
    }

    [Test]
    public void A_signature_is_for_one_key_one_message_and_one_kind()
    {
        Signed<ReplyRecord> record = Samples.ExactReply.Record;
        Assert.That(record.IsValid(ToyCohort.Lead.PublicKey), Is.True);
        Assert.That(record.IsValid(ToyCohort.Consumer.PublicKey), Is.False);
        Assert.That(new Signed<ReplyRecord>(record.Message with { TokenCount = record.Message.TokenCount + 1 }, record.Signature).IsValid(ToyCohort.Lead.PublicKey), Is.False);
        var signature = new byte[record.Signature.Length];
        ToyCohort.Lead.Sign("ogong/order/1"u8, record.Message.Encode(), signature);
        Assert.That(new Signed<ReplyRecord>(record.Message, signature).IsValid(ToyCohort.Lead.PublicKey), Is.False, "the context of another kind of message");
        Assert.Throws<ArgumentException>(() => record.Message.Sign(ToyCohort.Consumer));
    }

    [Test]
    public void Every_kind_of_message_has_its_own_tag()
    {
        HashTag[] tags = [Order.Tag, ReplyRecord.Tag, SegmentAttestation.Tag, BoundaryStatement.Tag, Advertisement.Tag];
        Assert.That(tags.Select(t => t.Name).Distinct().Count(), Is.EqualTo(tags.Length));
    }

    [Test]
    public void A_nucleus_share_is_rounded_to_fixed_point()
    {
        Assert.That(SamplingParameters.Create(1, 1, 0, 1).TopP, Is.EqualTo(1UL << 32));
        Assert.That(SamplingParameters.Create(1, 1, 0, 0.5).TopP, Is.EqualTo(1UL << 31));
        Assert.That(SamplingParameters.Create(1, 1, 0, 0.9).TopP, Is.EqualTo(3865470566UL));
        Assert.That(SamplingParameters.Create(1, 1, 0, double.Epsilon).TopP, Is.EqualTo(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => SamplingParameters.Create(1, 1, 0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => SamplingParameters.Create(1, -0f));
        Assert.Throws<ArgumentOutOfRangeException>(() => SamplingParameters.Create(1, float.NaN));
    }

    [Test]
    public void Profiles_keep_their_tiers_apart()
    {
        Assert.That(ProfileParameters.Exact(StorageFormat.F32, 8), Is.EqualTo(ProfileParameters.Exact()));
        Assert.That(ProfileParameters.Exact().Sketch, Is.EqualTo(SketchParameters.None));
        Assert.That(ProfileParameters.Fast().Thresholds, Is.EqualTo(ToleranceThresholds.Default));
        Assert.Throws<ArgumentException>(() => ProfileParameters.Fast(SketchParameters.None));
        Assert.Throws<ArgumentException>(() => ProfileParameters.Fast(thresholds: ToleranceThresholds.Default with { Ks = float.NaN }));
        Assert.Throws<ArgumentException>(() => ProfileParameters.Exact(topK: 0));
        Assert.Throws<ArgumentException>(() => ProfileParameters.Exact(topK: 257));
    }

    [Test]
    public void The_stop_rule_decides_in_order()
    {
        var rule = new StopRule([9], [[1, 2], [9]], 4);
        Assert.That(rule.Decide([]), Is.Null);
        Assert.That(rule.Decide([1]), Is.Null);
        Assert.That(rule.Decide([1, 2]), Is.EqualTo(StopReason.StopSequence));
        Assert.That(rule.Decide([1, 9]), Is.EqualTo(StopReason.EndToken));
        Assert.That(rule.Decide([2, 1, 3, 3]), Is.EqualTo(StopReason.MaxTokens));
        Assert.That(rule.Decide([3, 3, 1, 2]), Is.EqualTo(StopReason.StopSequence));
    }

    [Test]
    public void The_writer_refuses_parts_out_of_turn()
    {
        Reply reply = Samples.FastReply;
        using var stream = new MemoryStream();
        using var writer = new ReplyWriter(stream);
        Assert.Throws<InvalidOperationException>(() => writer.WritePrompt([1]));
        writer.WriteOrder(reply.Order, reply.ConsumerKey.Span);
        Assert.Throws<InvalidOperationException>(() => writer.WriteTextWindow(reply.TextWindows[0]));
        writer.WritePrompt(reply.Prompt.AsSpan());
        Assert.Throws<InvalidOperationException>(() => writer.WriteSegment(reply.Segments[0].Attestation, reply.Segments[0].PublicKey.Span));
        Assert.Throws<InvalidOperationException>(() => writer.WriteTextWindow(reply.TextWindows[1]));
        Assert.Throws<InvalidOperationException>(() => writer.WriteTextWindow(reply.TextWindows[0] with { Sketch = null }));
        writer.WriteTextWindow(reply.TextWindows[0]);
        writer.WriteSegment(reply.Segments[0].Attestation, reply.Segments[0].PublicKey.Span);
        Assert.Throws<InvalidOperationException>(() => writer.WriteRecord(reply.Record, reply.ProviderKey.Span));
        Assert.Throws<InvalidOperationException>(() => writer.WriteBoundaryWindow(reply.Segments[0].Windows[1]));
        Assert.That(writer.IsComplete, Is.False);
    }

    private static void AssertSame<T>(T message) where T : class, ISignable<T>
    {
        byte[] bytes = message.Encode();
        T again = Canonical.Decode<T>(bytes).Value;
        Assert.That(again.Encode(), Is.EqualTo(bytes));
        Assert.That(again.Hash(), Is.EqualTo(message.Hash()));
        Assert.That(again.Hash(), Is.Not.EqualTo(new HashTag("ogong/other/1").Hash(bytes)));
    }
}

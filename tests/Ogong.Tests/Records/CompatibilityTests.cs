using NUnit.Framework;
using Ogong.Audit;
using Ogong.Bytes;
using Ogong.Records;
using Ogong.Tests.Audit;

namespace Ogong.Tests.Records;

/// <summary>Files written by the first release of each format version must read, verify and audit the same for ever. <see cref="Write_the_fixtures"/> made them; a new format version adds files and keeps these.</summary>
public class CompatibilityTests
{
    private const string ExactRecordHash = "618eca4a702a910e899e8384d8ca68d31fd3387024e1a54462e1d8fb46e7914e", FastRecordHash = "a81afe9b1013dd25b000058985d86e0e8a97ab7908da79771adf1997d93af28a";

    [TestCase("reply-exact-v1.ogong", ExactRecordHash)]
    [TestCase("reply-fast-v1.ogong", FastRecordHash)]
    public async Task A_version_1_file_reads_verifies_and_audits(string name, string recordHash)
    {
        byte[] file = File.ReadAllBytes(Repository.Vector("records", name));
        Reply reply = ReplyReader.Decode(file).Value;
        Assert.That(Samples.Bytes(reply), Is.EqualTo(file), "rewritten byte for byte");
        Assert.That(reply.Record.Message.Hash().ToString(), Is.EqualTo(recordHash));
        Verdict verdict = await new Auditor(new ToyModel { Noise = name.Contains("fast", StringComparison.Ordinal) ? 0.001f : 0 }).AuditAsync(reply, default);
        Assert.That(verdict.Outcome, Is.EqualTo(AuditOutcome.Accept), verdict.Explanation);
    }

    [Test]
    public void A_version_1_record_reads_and_verifies()
    {
        byte[] file = File.ReadAllBytes(Repository.Vector("records", "record-v1.bin"));
        Signed<ReplyRecord> record = Canonical.Decode<Signed<ReplyRecord>>(file).Value;
        Assert.That(record.IsValid(ToyCohort.Lead.PublicKey), Is.True);
        Assert.That(record.Encode(), Is.EqualTo(file));
        Assert.That(record.Message.Hash().ToString(), Is.EqualTo(ExactRecordHash));
        Assert.That(record.Message.TokenCount, Is.EqualTo(35));
        Assert.That(record.Message.StopReason, Is.EqualTo(StopReason.EndToken));
    }

    [Test]
    [Explicit("Writes the fixtures of a new format version.")]
    public void Write_the_fixtures()
    {
        Directory.CreateDirectory(Repository.Vector("records"));
        Reply exact = new ToyCohort { Statements = true }.Produce();
        Reply fast = new ToyCohort { Profile = Samples.Fast, Open = false, Models = [.. Enumerable.Range(0, 3).Select(_ => new ToyModel { Noise = 0.001f })] }.Produce();
        File.WriteAllBytes(Repository.Vector("records", "reply-exact-v1.ogong"), Samples.Bytes(exact));
        File.WriteAllBytes(Repository.Vector("records", "reply-fast-v1.ogong"), Samples.Bytes(fast));
        File.WriteAllBytes(Repository.Vector("records", "record-v1.bin"), exact.Record.Encode());
        TestContext.Out.WriteLine($"{exact.Record.Message.Hash()} {fast.Record.Message.Hash()}");
    }
}

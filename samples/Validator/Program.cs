// What a validator or a settlement service does with Ogong.Core alone: no GPU, no model, no native code.
// It opens a reply file from a stranger, says what the file claims, and checks everything that signatures and hashes decide.
// Exit code: 0 the papers are in order, 1 they are not, 2 no such file, or not a reply file.
using Ogong.Audit;
using Ogong.Records;

if (args.Length != 1 || !File.Exists(args[0]))
{
    Console.Error.WriteLine("usage: Validator FILE.ogong");
    return 2;
}

// Reading never throws on what the bytes say: it gives the reply, or what is wrong with it and where. The limit bounds the memory.
using var file = File.OpenRead(args[0]);
var read = ReplyReader.Read(file, maxBytes: 64 << 20);
if (!read.TryGet(out Reply? reply))
{
    Console.WriteLine($"not a reply: {read.Failure.Error} at byte {read.Failure.Offset}, {read.Failure.Field}");
    return 2;
}

ReplyRecord record = reply.Record.Message;
Console.WriteLine($"reply   {record.ReplyId}");
Console.WriteLine($"model   {record.ModelRoot}");
Console.WriteLine($"profile {record.Profile.Profile.Name()}, {record.PromptLength} + {record.TokenCount} tokens, ended by {record.StopReason}");
foreach (ReplySegment segment in reply.Segments)
{
    SegmentAttestation attested = segment.Attestation.Message;
    Console.WriteLine($"segment {attested.Segment}: layers {attested.FirstLayer} to {attested.EndLayer} of {attested.Layers}, {attested.WorkUnits} work units");
}

// Signatures (both halves of each), Merkle roots, the tiling of the layers, and the chain of boundaries between the segments.
Verdict verdict = Auditor.CheckPapers(reply, new MemoryReplayGuard());
Console.WriteLine($"papers  {verdict.Outcome}: {verdict.Explanation}");
return verdict.Outcome == AuditOutcome.Accept ? 0 : 1;

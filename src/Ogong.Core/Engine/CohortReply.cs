using System.Collections.Immutable;
using Ogong.Bytes;
using Ogong.Cohorts;
using Ogong.Commitments;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Engine;

/// <summary>Puts a finished reply together, signs the record, and hands boundaries and reply to the retention store.</summary>
internal sealed class CohortReply(CohortLead lead, Signed<Order> order, HybridPublicKey consumerKey, ReadOnlyMemory<int> prompt, CohortSegment[] segments)
{
    private readonly Digest _orderHash = order.Message.Hash();

    public Reply Build(long started, long finished)
    {
        SegmentClosing last = segments[^1].Closing!;
        ImmutableArray<int> tokens = [.. last.TextWindows.SelectMany(w => w.Leaf.Tokens)];
        var record = new ReplyRecord
        {
            OrderHash = _orderHash,
            RequestHash = order.Message.RequestHash,
            ResponseHash = Protocol.ResponseHash(tokens.AsSpan()),
            ModelRoot = lead.ModelRoot,
            CommitRoot = last.Attestation.Message.OutputRoot,
            CohortRoot = ReplyRecord.CohortRootOf(segments.Select(s => s.Closing!.Attestation.Message)),
            Segments = segments.Length,
            PromptLength = prompt.Length,
            TokenCount = tokens.Length,
            StopReason = last.Attestation.Message.StopReason!.Value,
            Profile = order.Message.Profile,
            Sampling = order.Message.Sampling,
            Started = started,
            Finished = Math.Max(started, finished),
            ProviderKeyId = new Digest(lead.Signer.PublicKey.KeyId),
        };
        var reply = new Reply
        {
            Order = order,
            ConsumerKey = consumerKey.Bytes.ToArray(),
            Prompt = [.. prompt.Span],
            TextWindows = last.TextWindows,
            Segments = [.. segments.Select(Segment)],
            Record = record.Sign(lead.Signer),
            ProviderKey = lead.Signer.PublicKey.Bytes.ToArray(),
        };
        Retain(reply);
        return reply;
    }

    private ReplySegment Segment(CohortSegment segment) => new()
    {
        Attestation = segment.Closing!.Attestation,
        PublicKey = segment.Provider.Transport.ProviderKey.Bytes.ToArray(),
        Windows = [.. segment.Statements.Select((statement, window) => Window(segment, statement, window))],
    };

    private BoundaryWindow Window(CohortSegment segment, Signed<BoundaryStatement> statement, int window)
    {
        bool open = lead.Options.OpenBoundaries && segment.Index > 0;
        return new BoundaryWindow
        {
            Index = window,
            InputHash = statement.Message.InputHash,
            OutputHash = statement.Message.OutputHash,
            Sketch = window < segment.Closing!.Sketches.Count ? segment.Closing.Sketches[window] : null,
            Statement = statement,
            OpenedInput = open ? StateBytes.Singles(Bytes(segment, window).Span).ToArray() : default(ReadOnlyMemory<float>),
        };
    }

    private static ReadOnlyMemory<byte> Bytes(CohortSegment segment, int window) =>
        segment.Input.Range(window * CommitmentWindow.Length, CommitmentWindow.RowsOf(window, segment.Input.Rows));

    private void Retain(Reply reply)
    {
        foreach (CohortSegment segment in segments)
            for (int window = 0; window < CommitmentWindow.Count(segment.Input.Rows); window++)
                Put(new RetentionKey(_orderHash, RetainedKind.BoundaryWindow, segment.Layers.First, window), Bytes(segment, window).Span);
        using var stream = new MemoryStream();
        reply.WriteTo(stream);
        Put(new RetentionKey(_orderHash, RetainedKind.Reply), stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }

    private void Put(in RetentionKey key, ReadOnlySpan<byte> value)
    {
        RetentionResult result = lead.Retention.Put(key, value);
        if (result != RetentionResult.Kept) throw new CohortException($"The retention store did not keep {key}: {result}.");
    }
}

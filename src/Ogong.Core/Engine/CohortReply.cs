using System.Collections.Immutable;
using Ogong.Bytes;
using Ogong.Cohorts;
using Ogong.Records;
using Ogong.Signatures;

namespace Ogong.Engine;

/// <summary>Puts a finished reply together and signs the record.</summary>
internal sealed class CohortReply(CohortLead lead, Signed<Order> order, HybridPublicKey consumerKey, ReadOnlyMemory<int> prompt, TextSegment[] segments)
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
        return new Reply
        {
            Order = order,
            ConsumerKey = consumerKey.Bytes.ToArray(),
            Prompt = [.. prompt.Span],
            TextWindows = last.TextWindows,
            Segments = [.. segments.Select(Segment)],
            Record = record.Sign(lead.Signer),
            ProviderKey = lead.Signer.PublicKey.Bytes.ToArray(),
        };
    }

    private ReplySegment Segment(TextSegment segment) => new()
    {
        Attestation = segment.Closing!.Attestation,
        PublicKey = segment.Provider.Transport.ProviderKey.Bytes.ToArray(),
        Windows = [.. segment.Statements.Select((statement, window) => Window(segment, statement, window))],
    };

    private BoundaryWindow Window(TextSegment segment, Signed<BoundaryStatement> statement, int window)
    {
        bool open = lead.Options.OpenBoundaries && segment.Index > 0;
        return new BoundaryWindow
        {
            Index = window,
            InputHash = statement.Message.InputHash,
            OutputHash = statement.Message.OutputHash,
            Sketch = window < segment.Closing!.Sketches.Count ? segment.Closing.Sketches[window] : null,
            Statement = statement,
            OpenedInput = open ? StateBytes.Singles(segment.InputOf(window).Span).ToArray() : default(ReadOnlyMemory<float>),
        };
    }
}

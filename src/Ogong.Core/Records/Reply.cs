using System.Collections.Immutable;
using Ogong.Bytes;
using Ogong.Commitments;

namespace Ogong.Records;

/// <summary>One window of 32 absolute positions at both sides of one segment. Immutable.</summary>
public sealed class BoundaryWindow
{
    /// <summary>Index of the window.</summary>
    public required int Index { get; init; }

    /// <summary>Hash of the input window: states, or token ids for the first segment.</summary>
    public required Digest InputHash { get; init; }

    /// <summary>Hash of the output window; zero for the last segment.</summary>
    public Digest OutputHash { get; init; }

    /// <summary>Sketches of the output window; present exactly in the tolerance tier and not for the last segment.</summary>
    public SketchWindow? Sketch { get; init; }

    /// <summary>The provider's signed statement on this window, if kept.</summary>
    public Signed<BoundaryStatement>? Statement { get; init; }

    /// <summary>The input states [rows × width], if opened; empty if not. Never opened for the first segment, whose input is the token ids.</summary>
    public ReadOnlyMemory<float> OpenedInput { get; init; }
}

/// <summary>One segment's part of a reply. Immutable.</summary>
public sealed class ReplySegment
{
    /// <summary>What the provider signed.</summary>
    public required Signed<SegmentAttestation> Attestation { get; init; }

    /// <summary>The provider's public key as it came: not yet known to be a key.</summary>
    public required ReadOnlyMemory<byte> PublicKey { get; init; }

    /// <summary>⌈rows / 32⌉ windows in order.</summary>
    public required IReadOnlyList<BoundaryWindow> Windows { get; init; }

    /// <summary>Whether every input window is opened, so that this segment can be audited alone. The first segment's input is always open.</summary>
    public bool IsOpened => Attestation.Message.Segment == 0 || Windows.All(w => !w.OpenedInput.IsEmpty);
}

/// <summary>
/// A reply with everything an auditor needs, as kept in an <c>.ogong</c> file. Decoding one says that it is well formed, not that anything in it is true. Immutable.
/// </summary>
public sealed class Reply
{
    /// <summary>The consumer's order.</summary>
    public required Signed<Order> Order { get; init; }

    /// <summary>The consumer's public key as it came.</summary>
    public required ReadOnlyMemory<byte> ConsumerKey { get; init; }

    /// <summary>Token ids of the prompt.</summary>
    public required ImmutableArray<int> Prompt { get; init; }

    /// <summary>Text windows in order, full except perhaps the last.</summary>
    public required IReadOnlyList<TextWindowEvidence> TextWindows { get; init; }

    /// <summary>Segments in order.</summary>
    public required IReadOnlyList<ReplySegment> Segments { get; init; }

    /// <summary>The lead's record.</summary>
    public required Signed<ReplyRecord> Record { get; init; }

    /// <summary>The lead's public key as it came.</summary>
    public required ReadOnlyMemory<byte> ProviderKey { get; init; }

    /// <summary>Generated token ids.</summary>
    public ImmutableArray<int> Tokens => [.. TextWindows.SelectMany(w => w.Leaf.Tokens)];

    /// <summary>Writes the file; <see cref="ReplyReader"/> reads it back.</summary>
    /// <exception cref="InvalidOperationException">The parts do not form a reply.</exception>
    public void WriteTo(Stream stream)
    {
        using var writer = new ReplyWriter(stream);
        writer.WriteOrder(Order, ConsumerKey.Span);
        writer.WritePrompt(Prompt.AsSpan());
        foreach (TextWindowEvidence window in TextWindows) writer.WriteTextWindow(window);
        foreach (ReplySegment segment in Segments)
        {
            writer.WriteSegment(segment.Attestation, segment.PublicKey.Span);
            foreach (BoundaryWindow window in segment.Windows) writer.WriteBoundaryWindow(window);
        }
        writer.WriteRecord(Record, ProviderKey.Span);
    }
}

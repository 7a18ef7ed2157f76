namespace Ogong.Records;

/// <summary>What an <c>.ogong</c> file holds.</summary>
public enum ReplyKind
{
    /// <summary>A text reply, for <see cref="ReplyReader"/>.</summary>
    Text = 1,

    /// <summary>A diffusion trajectory, for <c>TrajectoryReader</c>.</summary>
    Trajectory,
}

/// <summary>Tells the kinds of <c>.ogong</c> files apart by their first bytes.</summary>
public static class ReplyKinds
{
    /// <summary>Bytes needed to tell.</summary>
    public const int HeadSize = ReplyFormat.HeaderSize + 1;

    /// <summary>Tells what a file holds by its magic and the type of its first frame. False for anything that is not an <c>.ogong</c> file of either kind.</summary>
    /// <param name="head">The file's first bytes, <see cref="HeadSize"/> or more.</param>
    /// <param name="kind">The kind.</param>
    public static bool TryDetect(ReadOnlySpan<byte> head, out ReplyKind kind)
    {
        kind = head.Length < HeadSize || !head.StartsWith(ReplyFormat.Magic) ? 0 : (FrameType)head[ReplyFormat.HeaderSize] switch
        {
            FrameType.Order => ReplyKind.Text,
            FrameType.DiffusionOrder => ReplyKind.Trajectory,
            _ => 0,
        };
        return kind != 0;
    }
}

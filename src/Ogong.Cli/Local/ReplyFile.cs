using Ogong.Bytes;
using Ogong.Diffusion;
using Ogong.Records;

namespace Ogong.Cli.Local;

/// <summary>Reads <c>.ogong</c> files of both kinds.</summary>
internal static class ReplyFile
{
    /// <summary>What a file holds, by its first bytes.</summary>
    /// <exception cref="BadInputException">It is no <c>.ogong</c> file.</exception>
    public static ReplyKind KindOf(string path)
    {
        Span<byte> head = stackalloc byte[ReplyKinds.HeadSize];
        using FileStream stream = File.OpenRead(path);
        int read = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        return ReplyKinds.TryDetect(head[..read], out ReplyKind kind) ? kind : throw new BadInputException($"{path} is not a reply file.");
    }

    /// <summary>Reads a text reply.</summary>
    /// <exception cref="BadInputException">It is not one; the message says where and why.</exception>
    public static Reply ReadText(string path) => Read(path, static stream => ReplyReader.Read(stream));

    /// <summary>Reads a diffusion trajectory.</summary>
    /// <exception cref="BadInputException">It is not one; the message says where and why.</exception>
    public static TrajectoryReply ReadTrajectory(string path) => Read(path, static stream => TrajectoryReader.Read(stream));

    private static T Read<T>(string path, Func<Stream, DecodeResult<T>> decode) where T : class
    {
        using FileStream stream = File.OpenRead(path);
        DecodeResult<T> result = decode(stream);
        return result.TryGet(out T? reply) ? reply : throw new BadInputException($"{path} is not a reply file: {result.Failure}.");
    }
}

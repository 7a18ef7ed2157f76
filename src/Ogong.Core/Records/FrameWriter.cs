using System.Buffers.Binary;
using System.Security.Cryptography;
using Ogong.Bytes;

namespace Ogong.Records;

/// <summary>Writes the frames of an <c>.ogong</c> file and hashes what it writes, keeping no more than one frame in memory. Does not own the stream. Not thread-safe.</summary>
internal sealed class FrameWriter : IDisposable
{
    private readonly Stream stream;
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Starts a file.</summary>
    public FrameWriter(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        this.stream = stream;
        Span<byte> header = stackalloc byte[ReplyFormat.HeaderSize];
        ReplyFormat.Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header[ReplyFormat.Magic.Length..], ReplyFormat.Version);
        Emit(header);
    }

    /// <summary>The payload of the next frame.</summary>
    public ByteWriter Payload { get; } = new();

    /// <summary>Type of the last frame; 0 before the first.</summary>
    public FrameType Last { get; private set; }

    /// <summary>Throws unless the caller keeps to the order of the format.</summary>
    public static void Require(bool condition, string rule)
    {
        if (!condition) throw new InvalidOperationException(rule);
    }

    /// <summary>Writes the payload as a frame.</summary>
    public void Frame(FrameType type)
    {
        Span<byte> header = stackalloc byte[ReplyFormat.FrameHeaderSize];
        header[0] = (byte)type;
        BinaryPrimitives.WriteUInt32LittleEndian(header[1..], (uint)Payload.Length);
        Emit(header);
        Emit(Payload.Written);
        Payload.Clear();
        Last = type;
    }

    /// <summary>Writes the trailer; the file is complete.</summary>
    public void Finish()
    {
        Payload.Raw(hash.GetHashAndReset());
        Frame(FrameType.Trailer);
        stream.Flush();
    }

    public void Dispose() => hash.Dispose();

    private void Emit(ReadOnlySpan<byte> bytes)
    {
        hash.AppendData(bytes);
        stream.Write(bytes);
    }
}

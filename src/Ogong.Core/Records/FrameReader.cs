using System.Buffers.Binary;
using System.Security.Cryptography;
using Ogong.Bytes;

namespace Ogong.Records;

/// <summary>Reads frames from a stream, hashing what it reads. Never holds more than twice the bytes that are really there, whatever length a frame claims.</summary>
internal sealed class FrameReader(Stream stream, long maxBytes) : IDisposable
{
    private const int Step = 1 << 16;

    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] buffer = new byte[1 << 12];
    private int length;

    /// <summary>Type of the current frame.</summary>
    public FrameType Type { get; private set; }

    /// <summary>Payload of the current frame, valid until the next is read.</summary>
    public ReadOnlySpan<byte> Payload => buffer.AsSpan(0, length);

    /// <summary>Offset of the payload in the file.</summary>
    public long PayloadOffset { get; private set; }

    /// <summary>Bytes read.</summary>
    public long Offset { get; private set; }

    /// <summary>The first failure, if any.</summary>
    public DecodeFailure Failure { get; private set; }

    /// <summary>Hash of every byte before the trailer, once that is the current frame.</summary>
    public Digest HashBeforeTrailer { get; private set; }

    public bool Fail(DecodeError error, string field) => FailAt(error, Offset, field);

    /// <summary>Takes over the failure of a reader of the current payload.</summary>
    public bool Fail(DecodeFailure failure) => FailAt(failure.Error, PayloadOffset + failure.Offset, failure.Field);

    public bool TryHeader()
    {
        Span<byte> header = stackalloc byte[ReplyFormat.HeaderSize];
        if (!TryFill(header, "header")) return false;
        if (!header.StartsWith(ReplyFormat.Magic)) return FailAt(DecodeError.WrongTag, 0, "magic");
        return BinaryPrimitives.ReadUInt16LittleEndian(header[ReplyFormat.Magic.Length..]) == ReplyFormat.Version
            || FailAt(DecodeError.UnknownVersion, ReplyFormat.Magic.Length, "format version");
    }

    public bool TryNext()
    {
        Span<byte> header = stackalloc byte[ReplyFormat.FrameHeaderSize];
        long start = Offset;
        if (!TryRead(header, "frame header")) return false;
        Type = (FrameType)header[0];
        if (Type == FrameType.Trailer) HashBeforeTrailer = new Digest(hash.GetHashAndReset());
        hash.AppendData(header);
        uint claimed = BinaryPrimitives.ReadUInt32LittleEndian(header[1..]);
        int bound = ReplyFormat.MaxLength(Type);
        if (bound < 0) return FailAt(DecodeError.WrongTag, start, "frame type");
        if (claimed > (uint)bound) return FailAt(DecodeError.TooLarge, start + 1, "frame length");
        PayloadOffset = Offset;
        length = 0;
        while (length < (int)claimed)
        {
            int take = Math.Min((int)claimed - length, Math.Max(Step, length)); // Grow only as bytes arrive.
            if (buffer.Length < length + take) Array.Resize(ref buffer, length + take);
            if (!TryFill(buffer.AsSpan(length, take), "frame")) return false;
            length += take;
        }
        return true;
    }

    /// <summary>Whether the current frame is of a type; fails where it is not.</summary>
    public bool IsType(FrameType type) => Type == type || Fail(new DecodeFailure(DecodeError.WrongTag, -ReplyFormat.FrameHeaderSize, $"{type} frame"));

    /// <summary>Reads the next frame, which must be a signed message of a type, and the key said to verify it.</summary>
    public bool TrySigned<T>(FrameType type, out Signed<T>? message, out ReadOnlyMemory<byte> key) where T : class, ISignable<T>
    {
        (message, key) = (null, default);
        return TryNext() && TryCurrentSigned(type, out message, out key);
    }

    /// <summary>As <see cref="TrySigned"/> for the current frame.</summary>
    public bool TryCurrentSigned<T>(FrameType type, out Signed<T>? message, out ReadOnlyMemory<byte> key) where T : class, ISignable<T>
    {
        (message, key) = (null, default);
        if (!IsType(type)) return false;
        var reader = new ByteReader(Payload);
        return (ReplyFormat.TryReadSigned(ref reader, out message, out key) && reader.TryEnd()) || Fail(reader.Failure);
    }

    /// <summary>Reads the trailer, compares its checksum, and the end of the file.</summary>
    public bool TryTrailer()
    {
        if (!TryNext() || !IsType(FrameType.Trailer)) return false;
        if (Payload.Length != Digest.Size) return Fail(DecodeError.Truncated, "checksum");
        if (new Digest(Payload) != HashBeforeTrailer) return Fail(new DecodeFailure(DecodeError.ChecksumMismatch, 0, "checksum"));
        return stream.ReadByte() < 0 || Fail(DecodeError.TrailingBytes, "end");
    }

    public void Dispose() => hash.Dispose();

    private bool TryFill(Span<byte> destination, string field)
    {
        if (!TryRead(destination, field)) return false;
        hash.AppendData(destination);
        return true;
    }

    private bool TryRead(Span<byte> destination, string field)
    {
        if (destination.Length > maxBytes - Offset) return Fail(DecodeError.TooLarge, "file");
        int read = stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false);
        Offset += read;
        return read == destination.Length || Fail(DecodeError.Truncated, field);
    }

    private bool FailAt(DecodeError error, long offset, string field)
    {
        if (Failure.Error == DecodeError.None) Failure = new DecodeFailure(error, offset, field);
        return false;
    }
}

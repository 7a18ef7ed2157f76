namespace Ogong.Bytes;

/// <summary>Why bytes were refused.</summary>
public enum DecodeError : byte
{
    /// <summary>Nothing was refused.</summary>
    None = 0,

    /// <summary>The input ends inside a value.</summary>
    Truncated,

    /// <summary>Bytes follow the value.</summary>
    TrailingBytes,

    /// <summary>A magic number, section tag or type byte is not the expected one.</summary>
    WrongTag,

    /// <summary>The format or protocol version is not one this library reads.</summary>
    UnknownVersion,

    /// <summary>A field holds a value outside its stated range or set.</summary>
    OutOfRange,

    /// <summary>A length or count exceeds its stated bound.</summary>
    TooLarge,

    /// <summary>The value has another, canonical encoding (unsorted or repeated entries, padding that is not zero, negative zero where zero is meant).</summary>
    NotCanonical,

    /// <summary>A floating-point value is infinite or not a number.</summary>
    NotFinite,

    /// <summary>Two fields contradict each other.</summary>
    Inconsistent,

    /// <summary>A checksum over the bytes does not match.</summary>
    ChecksumMismatch,
}

/// <summary>Where and why decoding stopped.</summary>
/// <param name="Error">The reason.</param>
/// <param name="Offset">Byte offset, from the start of what was decoded, of the field that was refused.</param>
/// <param name="Field">What was being read, for a message.</param>
public readonly record struct DecodeFailure(DecodeError Error, long Offset, string Field)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Field} at byte {Offset}: {Error}";
}

/// <summary>Signals a decode failure to code that cannot go on without the value; decoders themselves never throw it.</summary>
/// <param name="failure">Where and why.</param>
public sealed class DecodeException(DecodeFailure failure) : FormatException(failure.ToString())
{
    /// <summary>Where and why decoding stopped.</summary>
    public DecodeFailure Failure { get; } = failure;
}

/// <summary>A decoded value, or where and why there is none.</summary>
public readonly struct DecodeResult<T> where T : notnull
{
    private readonly T? value;

    private DecodeResult(T? value, DecodeFailure failure)
    {
        this.value = value;
        Failure = failure;
    }

    /// <summary>Whether there is a value.</summary>
    public bool IsOk => value is not null && Failure.Error == DecodeError.None;

    /// <summary>Why there is no value; <see cref="DecodeError.None"/> if there is one.</summary>
    public DecodeFailure Failure { get; }

    /// <summary>The value.</summary>
    /// <exception cref="DecodeException">There is none.</exception>
    public T Value => IsOk ? value! : throw new DecodeException(Failure);

    /// <summary>Gives the value if there is one.</summary>
    public bool TryGet([System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out T result)
    {
        result = value;
        return IsOk;
    }

    internal static DecodeResult<T> Ok(T value) => new(value, default);

    internal static DecodeResult<T> Fail(DecodeFailure failure) => new(default, failure);
}

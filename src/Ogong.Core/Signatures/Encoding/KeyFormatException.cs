namespace Ogong.Signatures;

/// <summary>The text or bytes are not a key of the wanted kind: malformed, of another scheme, encrypted under another password, or inconsistent.</summary>
public sealed class KeyFormatException : FormatException
{
    /// <summary>Without a reason.</summary>
    public KeyFormatException()
    {
    }

    /// <summary>With the reason.</summary>
    public KeyFormatException(string message)
        : base(message)
    {
    }

    /// <summary>With the reason and what caused it.</summary>
    public KeyFormatException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

namespace Ogong.Cli.Commands.Keys;

/// <summary>What the key and signature commands return.</summary>
internal static class ExitCode
{
    /// <summary>Done; the signature is valid.</summary>
    public const int Success = 0;

    /// <summary>The signature is not valid.</summary>
    public const int Invalid = 1;

    /// <summary>Wrong usage, a file that cannot be read or written, or one that is no key.</summary>
    public const int Failure = 2;
}

using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Ogong.Signatures;

namespace Ogong.Cli.Commands.Keys;

/// <summary>Key files, and the failures common to the commands that read them.</summary>
internal static class KeyFiles
{
    private const int MaxSize = 1 << 18;

    /// <summary>The context of hybrid signatures of files: no record or message of the protocol is signed under it.</summary>
    public static ReadOnlySpan<byte> FileContext => "ogong file"u8;

    public static Option<string?> PasswordOption() => new("--password-env")
    {
        Description = "The environment variable that holds the password of the private key.",
    };

    /// <summary>The password, or null where the option is not given.</summary>
    public static string? Password(CommandContext context, Option<string?> option)
    {
        if (context.Get(option) is not { } variable)
            return null;
        var password = Environment.GetEnvironmentVariable(variable);
        return string.IsNullOrEmpty(password) ? throw new KeyFormatException($"The environment variable {variable} is not set, or empty.") : password;
    }

    /// <summary>The text of a key file, for the caller to clear.</summary>
    public static char[] Read(FileInfo file)
    {
        using var stream = file.OpenRead();
        if (stream.Length > MaxSize)
            throw new KeyFormatException($"{file.FullName} is over {MaxSize} bytes: no key file.");
        var bytes = new byte[stream.Length];
        try
        {
            stream.ReadExactly(bytes);
            return Encoding.UTF8.GetChars(bytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>Writes a private key to a new file that only its owner can read.</summary>
    public static void WriteNew(FileInfo file, ReadOnlySpan<char> pem)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var bytes = new byte[Encoding.UTF8.GetByteCount(pem)];
        try
        {
            Encoding.UTF8.GetBytes(pem, bytes);
            using var stream = new FileStream(file.FullName, options);
            stream.Write(bytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }
}

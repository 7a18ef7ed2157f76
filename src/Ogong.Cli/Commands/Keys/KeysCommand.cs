using System.CommandLine;
using Ogong.Signatures;

namespace Ogong.Cli.Commands.Keys;

/// <summary><c>ogong keys new</c> and <c>ogong keys show</c>.</summary>
internal static class KeysCommand
{
    public static Command Create() => new("keys", "Make and show hybrid keys, Ed25519 and ML-DSA-44.") { CreateNew(), CreateShow() };

    private static Command CreateNew()
    {
        var output = new Option<FileInfo>("--out") { Description = "The file to create: two PEM blocks, PKCS#8.", Required = true };
        var password = KeyFiles.PasswordOption();
        var command = new Command("new", "Make a private key; refuses to replace a file.") { output, password };
        command.SetAction(result => KeyFiles.Run(result, () =>
        {
            var secret = KeyFiles.Password(result, password);
            using var key = HybridKey.Generate();
            var pem = secret is null ? key.ExportPem() : key.ExportEncryptedPem(secret);
            try
            {
                KeyFiles.WriteNew(result.GetRequiredValue(output), pem);
            }
            finally
            {
                pem.AsSpan().Clear();
            }
            result.InvocationConfiguration.Output.WriteLine($"key id: {key.PublicKey}");
            return ExitCode.Ok;
        }));
        return command;
    }

    private static Command CreateShow()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "A private or a public key." };
        var password = KeyFiles.PasswordOption();
        var command = new Command("show", "Show the key id and the public key of a file; the output is itself a public key file.") { file, password };
        command.SetAction(result => KeyFiles.Run(result, () =>
        {
            var publicKey = Load(KeyFiles.Read(result.GetRequiredValue(file)), KeyFiles.Password(result, password));
            result.InvocationConfiguration.Output.WriteLine($"key id: {publicKey}");
            result.InvocationConfiguration.Output.Write(publicKey.ExportPem());
            return ExitCode.Ok;
        }));
        return command;
    }

    private static HybridPublicKey Load(char[] pem, string? password)
    {
        try
        {
            if (!pem.AsSpan().Contains("PRIVATE KEY-----", StringComparison.Ordinal))
                return HybridPublicKey.ImportPem(pem);
            using var key = HybridKey.ImportPem(pem, password);
            return key.PublicKey;
        }
        finally
        {
            pem.AsSpan().Clear();
        }
    }
}

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
        return new Command("new", "Make a private key; refuses to replace a file.") { output, password }.Handle((context, _) =>
        {
            var secret = KeyFiles.Password(context, password);
            using var key = HybridKey.Generate();
            var pem = secret is null ? key.ExportPem() : key.ExportEncryptedPem(secret);
            try
            {
                KeyFiles.WriteNew(context.Get(output), pem);
            }
            finally
            {
                pem.AsSpan().Clear();
            }
            context.Output.Json(json => json.WriteString("key_id", key.PublicKey.ToString()));
            context.Output.Line($"key id: {key.PublicKey}");
            return ExitCode.Ok;
        });
    }

    private static Command CreateShow()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "A private or a public key." };
        var password = KeyFiles.PasswordOption();
        return new Command("show", "Show the key id and the public key of a file; the output is itself a public key file.") { file, password }.Handle((context, _) =>
        {
            var publicKey = Load(KeyFiles.Read(context.Get(file)), KeyFiles.Password(context, password));
            context.Output.Json(json =>
            {
                json.WriteString("key_id", publicKey.ToString());
                json.WriteString("public_key", publicKey.ExportPem());
            });
            context.Output.Line($"key id: {publicKey}");
            context.Output.Part(publicKey.ExportPem());
            return ExitCode.Ok;
        });
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

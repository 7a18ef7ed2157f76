using System.CommandLine;
using Ogong.Signatures;

namespace Ogong.Cli.Commands.Keys;

/// <summary><c>ogong sign</c>.</summary>
internal static class SignCommand
{
    public static Command Create()
    {
        var keyFile = new Option<FileInfo>("--key") { Description = "The private key.", Required = true };
        var input = new Option<FileInfo>("--in") { Description = "The file to sign.", Required = true };
        var output = new Option<FileInfo>("--out") { Description = "Receives the signature, raw bytes.", Required = true };
        var scheme = SchemeOption.Create();
        var password = KeyFiles.PasswordOption();
        return new Command("sign", "Sign a file.") { keyFile, input, output, scheme, password }.Handle((context, _) =>
        {
            var message = File.ReadAllBytes(context.Get(input).FullName);
            var pem = KeyFiles.Read(context.Get(keyFile));
            byte[] signature;
            try
            {
                signature = Sign(SchemeOption.Read(context, scheme), pem, KeyFiles.Password(context, password), message);
            }
            finally
            {
                pem.AsSpan().Clear();
            }
            File.WriteAllBytes(context.Get(output).FullName, signature);
            context.Output.Json(json => json.WriteNumber("signature_bytes", signature.Length));
            return ExitCode.Ok;
        });
    }

    private static byte[] Sign(SignatureScheme scheme, char[] pem, string? password, byte[] message)
    {
        switch (scheme)
        {
            case SignatureScheme.Ed25519:
            {
                // Such a signature would be the Ed25519 half of a hybrid one.
                if (message.AsSpan().StartsWith(HybridSignature.Label))
                    throw new KeyFormatException("The file starts as a hybrid signature's message does; Ed25519 alone does not sign it.");
                using var key = Ed25519PrivateKey.ImportPem(pem, password);
                var signature = new byte[Ed25519.SignatureSize];
                key.Sign(message, signature);
                return signature;
            }
            case SignatureScheme.MLDsa44:
            {
                using var key = MLDsa44PrivateKey.ImportPem(pem, password);
                var signature = new byte[MLDsa44.SignatureSize];
                key.Sign(context: default, message, signature);
                return signature;
            }
            default:
            {
                using var key = HybridKey.ImportPem(pem, password);
                var signature = new byte[HybridSignature.Size];
                key.Sign(KeyFiles.FileContext, message, signature);
                return signature;
            }
        }
    }
}

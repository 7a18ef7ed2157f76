using System.CommandLine;
using Ogong.Signatures;

namespace Ogong.Cli.Commands.Keys;

/// <summary><c>ogong verify-signature</c>.</summary>
internal static class VerifySignatureCommand
{
    public static Command Create()
    {
        var keyFile = new Option<FileInfo>("--public") { Description = "The public key.", Required = true };
        var input = new Option<FileInfo>("--in") { Description = "The signed file.", Required = true };
        var signatureFile = new Option<FileInfo>("--signature") { Description = "The signature, raw bytes.", Required = true };
        var scheme = SchemeOption.Create();
        return new Command("verify-signature", "Verify the signature of a file: exit code 0 valid, 1 not valid, 2 could not tell.")
        {
            keyFile, input, signatureFile, scheme,
        }.Handle((context, _) =>
        {
            var message = File.ReadAllBytes(context.Get(input).FullName);
            var signature = File.ReadAllBytes(context.Get(signatureFile).FullName);
            var pem = KeyFiles.Read(context.Get(keyFile));
            var valid = SchemeOption.Read(context, scheme) switch
            {
                SignatureScheme.Ed25519 => Ed25519PublicKey.ImportPem(pem).Verify(message, signature),
                SignatureScheme.MLDsa44 => MLDsa44PublicKey.ImportPem(pem).Verify(context: default, message, signature),
                _ => HybridPublicKey.ImportPem(pem).Verify(KeyFiles.FileContext, message, signature),
            };
            context.Output.Json(json => json.WriteBoolean("valid", valid));
            context.Output.Line(valid ? "valid" : "not valid");
            return valid ? ExitCode.Ok : ExitCode.Reject;
        });
    }
}

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
        var command = new Command("verify-signature", "Verify the signature of a file: exit code 0 valid, 1 not valid, 2 could not tell.")
        {
            keyFile, input, signatureFile, scheme,
        };
        command.SetAction(result => KeyFiles.Run(result, () =>
        {
            var message = File.ReadAllBytes(result.GetRequiredValue(input).FullName);
            var signature = File.ReadAllBytes(result.GetRequiredValue(signatureFile).FullName);
            var pem = KeyFiles.Read(result.GetRequiredValue(keyFile));
            var valid = SchemeOption.Read(result, scheme) switch
            {
                SignatureScheme.Ed25519 => Ed25519PublicKey.ImportPem(pem).Verify(message, signature),
                SignatureScheme.MLDsa44 => MLDsa44PublicKey.ImportPem(pem).Verify(context: default, message, signature),
                _ => HybridPublicKey.ImportPem(pem).Verify(KeyFiles.FileContext, message, signature),
            };
            result.InvocationConfiguration.Output.WriteLine(valid ? "valid" : "not valid");
            return valid ? ExitCode.Ok : ExitCode.Reject;
        }));
        return command;
    }
}

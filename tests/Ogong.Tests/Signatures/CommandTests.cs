using System.Diagnostics;
using NUnit.Framework;
using Ogong.Signatures;

namespace Ogong.Tests.Signatures;

/// <summary>The commands keys new, keys show, sign and verify-signature.</summary>
internal sealed class CommandTests
{
    private const string PasswordVariable = "OGONG_TEST_KEY_PASSWORD";

    private string folder = "";

    [SetUp]
    public void MakeFolder()
    {
        folder = Directory.CreateTempSubdirectory("ogong-keys-").FullName;
        File.WriteAllText(At("message"), "the message");
        Environment.SetEnvironmentVariable(PasswordVariable, "a password");
    }

    [TearDown]
    public void RemoveFolder()
    {
        Environment.SetEnvironmentVariable(PasswordVariable, null);
        Directory.Delete(folder, recursive: true);
    }

    [TestCase("hybrid", 2484)]
    [TestCase("ed25519", 64)]
    [TestCase("ml-dsa-44", 2420)]
    public void SignaturesVerify(string scheme, int size)
    {
        Assert.That(Run(out _, "keys", "new", "--out", At("key")), Is.Zero);
        Assert.That(Run(out var shown, "keys", "show", At("key")), Is.Zero);
        File.WriteAllText(At("public"), shown);
        string[] verify = ["verify-signature", "--public", At("public"), "--in", At("message"), "--signature", At("signature"), "--scheme", scheme];
        Assert.That(Run(out _, "sign", "--key", At("key"), "--in", At("message"), "--out", At("signature"), "--scheme", scheme), Is.Zero);
        Assert.That(new FileInfo(At("signature")).Length, Is.EqualTo(size));
        Assert.That(Run(out var said, verify), Is.Zero);
        Assert.That(said.Trim(), Is.EqualTo("valid"));

        File.AppendAllText(At("message"), "!");
        Assert.That(Run(out said, verify), Is.EqualTo(1));
        Assert.That(said.Trim(), Is.EqualTo("not valid"));
        File.WriteAllBytes(At("signature"), []);
        Assert.That(Run(out _, verify), Is.EqualTo(1));
        File.Delete(At("signature"));
        Assert.That(Run(out _, verify), Is.EqualTo(2));
        Assert.That(Run(out _, "keys", "show", At("public")), Is.Zero, "a public key can be shown too");
    }

    [Test]
    public void KeysAreForTheirOwnerAndAreNotReplaced()
    {
        Assert.That(Run(out var made, "keys", "new", "--out", At("key")), Is.Zero);
        var pem = File.ReadAllText(At("key"));
        using var key = HybridKey.ImportPem(pem);
        Assert.That(made.Trim(), Is.EqualTo($"key id: {key.PublicKey}"));
        if (!OperatingSystem.IsWindows())
            Assert.That(File.GetUnixFileMode(At("key")), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.That(Run(out _, "keys", "new", "--out", At("key")), Is.EqualTo(2));
        Assert.That(File.ReadAllText(At("key")), Is.EqualTo(pem));
    }

    [Test]
    public void EncryptedKeysNeedThePassword()
    {
        Assert.That(Run(out _, "keys", "new", "--out", At("key"), "--password-env", PasswordVariable), Is.Zero);
        Assert.That(File.ReadAllText(At("key")), Does.Contain("ENCRYPTED PRIVATE KEY"));
        string[] sign = ["sign", "--key", At("key"), "--in", At("message"), "--out", At("signature")];
        Assert.Multiple(() =>
        {
            Assert.That(Run(out _, sign), Is.EqualTo(2));
            Assert.That(Run(out _, [.. sign, "--password-env", PasswordVariable + "_NOT_SET"]), Is.EqualTo(2));
            Assert.That(File.Exists(At("signature")), Is.False);
            Assert.That(Run(out _, [.. sign, "--password-env", PasswordVariable]), Is.Zero);
        });
    }

    [Test]
    public void FilesThatAreNoKeysFail()
    {
        File.WriteAllBytes(At("large"), new byte[1 << 20]);
        foreach (var file in new[] { At("message"), At("large"), At("missing"), folder })
            Assert.That(Run(out _, "keys", "show", file), Is.EqualTo(2), file);
    }

    /// <summary>Ed25519 alone must not sign what would be the Ed25519 half of a hybrid signature.</summary>
    [Test]
    public void ASingleSchemeDoesNotSignAHybridMessage()
    {
        Assert.That(Run(out _, "keys", "new", "--out", At("key")), Is.Zero);
        File.WriteAllBytes(At("message"), [.. HybridSignature.Label, 1, 2, 3]);
        Assert.That(Run(out _, "sign", "--key", At("key"), "--in", At("message"), "--out", At("signature"), "--scheme", "ed25519"), Is.EqualTo(2));
        Assert.That(Run(out _, "sign", "--key", At("key"), "--in", At("message"), "--out", At("signature")), Is.Zero);
    }

    /// <summary>The tool itself, as a process: wrong usage is 2, so that 1 always means a signature that is not valid.</summary>
    [Test]
    public void WrongUsageIsNotAnInvalidSignature()
    {
        var tool = Path.Combine(AppContext.BaseDirectory, "ogong.dll");
        var start = new ProcessStartInfo("dotnet", [tool, "verify-signature", "--public"]) { RedirectStandardError = true, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.EqualTo(2));
    }

    private string At(string file) => Path.Combine(folder, file);

    private static int Run(out string output, params string[] arguments)
    {
        (int code, output, _) = Cli.CommandLine.Run(arguments);
        return code;
    }
}

using System.Diagnostics;
using NUnit.Framework;
using Ogong.Native.Nvrtc;

namespace Ogong.Tests;

/// <summary>Things outside the checkout. In CI a missing one fails the test; elsewhere it skips it, saying so.</summary>
internal static class Requirement
{
    private static bool InCi => Environment.GetEnvironmentVariable("CI") == "true";

    /// <summary>The folder of the Wycheproof vectors: shared/vectors/wycheproof beside the checkout or one of its parents.</summary>
    public static string Wycheproof(string file)
    {
        for (var folder = new DirectoryInfo(Repository.Root).Parent; folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "vectors", "wycheproof", file);
            if (File.Exists(path))
                return path;
        }
        throw Missing($"shared/vectors/wycheproof/{file} beside the checkout");
    }

    /// <summary>The openssl command.</summary>
    public static string OpenSsl() => OnPath("openssl") ?? throw Missing("the command openssl");

    /// <summary>The Z3 prover.</summary>
    public static string Z3() => OnPath("z3") ?? throw Missing("the command z3");

    /// <summary>Node.js 24, whose OpenSSL has ML-DSA: fetched by eng/fetch-node24.sh, or on the path.</summary>
    public static string Node24()
    {
        foreach (var candidate in new[] { Path.Combine(Repository.Root, "artifacts", "node24", "node_modules", ".bin", "node"), OnPath("node") })
        {
            if (candidate is not null && File.Exists(candidate) && Run(candidate, ["--version"]).StartsWith("v24.", StringComparison.Ordinal))
                return candidate;
        }
        throw Missing("Node.js 24 (run eng/fetch-node24.sh)");
    }

    /// <summary>NVIDIA's compiler as a library: fetched by eng/fetch-nvrtc.sh.</summary>
    public static NvrtcCompiler Nvrtc()
    {
        string path = Path.Combine(Repository.Root, "artifacts", "nvrtc", "nvrtc.so");
        return File.Exists(path) ? NvrtcCompiler.Load(path) : throw Missing("NVRTC (run eng/fetch-nvrtc.sh)");
    }

    /// <summary>Runs a command to its end and returns its standard output; any exit code but 0 fails the test.</summary>
    public static string Run(string command, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{command} did not start.");
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, () => $"{command} {string.Join(' ', arguments)}: {output}{error.Result}");
        return output;
    }

    private static string? OnPath(string command) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, command)).FirstOrDefault(File.Exists);

    /// <summary>What to throw for a thing that is missing.</summary>
    public static ResultStateException Missing(string what) =>
        InCi ? new AssertionException($"CI must have {what}.") : new IgnoreException($"Not here: {what}.");
}

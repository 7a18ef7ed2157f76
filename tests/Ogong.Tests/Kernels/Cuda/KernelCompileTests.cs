using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using NUnit.Framework;
using Ogong.Kernels.Cuda;
using Ogong.Kernels.Device;
using Ogong.Native.Nvrtc;

namespace Ogong.Tests.Kernels.Cuda;

/// <summary>NVIDIA's compiler on every kernel, for the oldest devices the kernels are written for and for Hopper. No device is needed.</summary>
internal sealed partial class KernelCompileTests
{
    private static readonly KernelSources Sources = KernelSources.Cuda();

    [Test]
    public void Every_file_is_compiled() =>
        Assert.That(KernelVariants.For().Keys, Is.EquivalentTo(Sources.Files.Select(f => f.Key).Where(f => f.EndsWith(".cu", StringComparison.Ordinal))));

    // A block's shared memory is 163 KiB on 8.0, 227 KiB on 9.0, and 99 KiB on 8.6 and 8.9, which run code for 8.0.
    [TestCase("sm_80", 163 << 10, 99 << 10)]
    [TestCase("sm_90a", 227 << 10)]
    public void Kernels_compile_without_a_warning_and_keep_everything_in_registers(string architecture, params int[] sharedLimits)
    {
        var compiler = Requirement.Nvrtc();
        (string File, string Definitions)[] variants =
            [.. KernelVariants.For(sharedLimits).SelectMany(file => file.Value.Select(definitions => (file.Key, definitions)))];
        var wrong = new ConcurrentBag<string>();
        int entries = 0;
        Parallel.ForEach(variants, variant =>
        {
            try
            {
                string log = Compile(compiler, variant.File, architecture, variant.Definitions.Split(' ', StringSplitOptions.RemoveEmptyEntries));
                Interlocked.Add(ref entries, Entry().Count(log));
                foreach (string complaint in Complaints(log))
                    wrong.Add($"{variant.File} {variant.Definitions}: {complaint}");
            }
            catch (NvrtcException e)
            {
                wrong.Add($"{variant.File} {variant.Definitions}: {e.Message}");
            }
        });
        Assert.That(string.Join('\n', wrong.Order()), Is.Empty);
        Assert.That(entries, Is.GreaterThanOrEqualTo(variants.Length), "entry points the compiler reported");
    }

    [Test]
    public void A_spill_and_a_warning_are_seen()
    {
        var compiler = Requirement.Nvrtc();
        const string Spilling = """
            extern "C" __global__ void __launch_bounds__(1024) spills(float* p, int n) {
                float kept[64];
                int unused;
                for (int i = 0; i < 64; i++) kept[i] = p[i * 1024 + threadIdx.x];
                for (int i = 0; i < n; i++) kept[i % 64] += p[i];
                for (int i = 0; i < 64; i++) p[i] = kept[i];
            }
            """;
        string log = compiler.Compile(Spilling, "spills.cu", [], [.. KernelLibrary.OptionsFor("sm_80"), "--ptxas-options=-v"]).Log;
        Assert.That(Complaints(log), Has.Some.Contains("stack frame").And.Some.Contains("unused"), log);
    }

    // The report of a kernel that has not changed is kept beside the compiler.
    private static string Compile(NvrtcCompiler compiler, string file, string architecture, string[] definitions)
    {
        string[] options = [.. KernelLibrary.OptionsFor(architecture), "--ptxas-options=-v", .. definitions];
        var reports = new BinaryCache(Path.Combine(Path.GetDirectoryName(compiler.LibraryPath)!, "reports"));
        string key = Sources.KeyOf(file, options, compiler.Version.ToString());
        if (reports.Find(key) is { } kept)
            return Encoding.UTF8.GetString(kept);
        string log = compiler.Compile(Sources.Text(file), file, Sources.Headers, options).Log;
        reports.Store(key, Encoding.UTF8.GetBytes(log));
        return log;
    }

    // What ptxas says of a kernel that keeps everything in registers is all that may be in the log.
    private static IEnumerable<string> Complaints(string log) =>
        log.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(line => !Harmless().IsMatch(line));

    [GeneratedRegex(@"Compiling entry function '\w+'", RegexOptions.CultureInvariant)]
    private static partial Regex Entry();

    [GeneratedRegex(
        @"^ptxas( info)?\s*[:.]\s+(\d+ bytes gmem|Compiling entry function|Function properties for|0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads$|Used \d+ registers)",
        RegexOptions.CultureInvariant)]
    private static partial Regex Harmless();
}

using System.IO.Compression;
using System.Xml.Linq;
using NUnit.Framework;
using Ogong.Records;
using Ogong.Tests.Emulator;

namespace Ogong.Tests.House;

/// <summary>Packs what was built, looks into the packages, and runs the sample against them as a stranger would.</summary>
[Category("Slow")]
internal sealed class PackageTests
{
    private static readonly string[] Libraries = ["Ogong.Core", "Ogong.Native", "Ogong.Kernels"];
    private static readonly string Version = XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props")).Descendants("Version").Single().Value;
    private static readonly string Packages = Path.Combine(Repository.Root, "artifacts", "packages");

    [OneTimeSetUp]
    public void Pack()
    {
        if (Directory.Exists(Packages))
            Directory.Delete(Packages, recursive: true);
        Dotnet.Run(Repository.Root, ["pack", "Ogong.sln", "--no-build", "-c", Dotnet.Configuration, "-o", Packages, "-v", "quiet", "--nologo"]);
    }

    [Test]
    public void The_four_packages_and_their_symbols_are_made()
    {
        var expected = Libraries.Append("Ogong.Cli").SelectMany(id => new[] { $"{id}.{Version}.nupkg", $"{id}.{Version}.snupkg" });
        Assert.That(Directory.GetFiles(Packages).Select(f => Path.GetFileName(f)), Is.EquivalentTo(expected));
    }

    [TestCase("Ogong.Core")]
    [TestCase("Ogong.Native")]
    [TestCase("Ogong.Kernels")]
    [TestCase("Ogong.Cli")]
    public void A_package_names_its_licence_and_holds_its_readme(string id)
    {
        using var package = Open(id, "nupkg");
        var metadata = Nuspec(package, id);
        Assert.That(Value(metadata, "license"), Is.EqualTo("Apache-2.0"));
        Assert.That(Value(metadata, "readme"), Is.EqualTo("README.md"));
        Assert.That(Value(metadata, "description"), Is.Not.Empty);
        Assert.That(package.GetEntry("README.md")?.Length, Is.GreaterThan(0));
        Assert.That(package.GetEntry("LICENSE")?.Length, Is.GreaterThan(0));
    }

    [TestCaseSource(nameof(Libraries))]
    public void A_library_is_packed_with_its_documentation_and_symbols(string id)
    {
        using var package = Open(id, "nupkg");
        using var symbols = Open(id, "snupkg");
        Assert.That(package.GetEntry($"lib/net10.0/{id}.dll"), Is.Not.Null);
        Assert.That(package.GetEntry($"lib/net10.0/{id}.xml"), Is.Not.Null);
        Assert.That(symbols.GetEntry($"lib/net10.0/{id}.pdb"), Is.Not.Null);
    }

    [Test]
    public void Core_and_Native_depend_on_no_package()
    {
        foreach (string id in new[] { "Ogong.Core", "Ogong.Native" })
        {
            using var package = Open(id, "nupkg");
            Assert.That(Nuspec(package, id).Descendants().Where(e => e.Name.LocalName == "dependency"), Is.Empty, id);
        }
    }

    [Test]
    public void The_sample_runs_on_the_packed_Core()
    {
        string sample = Path.Combine(Repository.Root, "samples", "Validator");
        string restored = Path.Combine(Repository.Root, "artifacts", "sample-packages");
        // The version does not change from build to build, so a package restored before must not win over the one just packed.
        if (Directory.Exists(restored))
            Directory.Delete(restored, recursive: true);
        Dotnet.Run(sample, ["build", "-c", "Release", "--force", "--nologo", "-v", "quiet"]);
        string packed = Path.Combine(restored, "ogong.core", Version, "lib", "net10.0", "Ogong.Core.dll");
        Assert.That(File.ReadAllBytes(packed), Is.EqualTo(File.ReadAllBytes(typeof(Ogong.Bytes.Digest).Assembly.Location)), "not the Ogong.Core under test");

        byte[] honest = File.ReadAllBytes(Repository.Vector("records", "reply-exact-v1.ogong"));
        Assert.That(Validate(honest, exitCode: 0), Does.Contain("segment 0: layers 0 to ").And.Contain("papers  Accept"));
        Assert.That(Validate(WithKeysSwapped(honest), exitCode: 1), Does.Contain("papers  Reject: Signatures: the order's signature does not verify"));
        Assert.That(Validate(honest[..^7], exitCode: 2), Does.Contain("not a reply: Truncated"));

        string Validate(byte[] reply, int exitCode)
        {
            string file = Path.Combine(Repository.Root, "artifacts", $"sample-{exitCode}.ogong");
            File.WriteAllBytes(file, reply);
            return Dotnet.Run(sample, ["run", "-c", "Release", "--no-build", "--", file], exitCode);
        }
    }

    [Test]
    public void The_CUDA_sample_runs_on_the_packed_Native()
    {
        EmulatedCuda.Require();
        string sample = Path.Combine(Repository.Root, "samples", "CudaVectorAdd");
        Dotnet.Run(sample, ["build", "-c", "Release", "--force", "--nologo", "-v", "quiet"]);
        string[] run = ["run", "-c", "Release", "--no-build"];
        Assert.That(Dotnet.Run(sample, run), Does.Contain("1000 sums are right"));
        Assert.That(Dotnet.Run(sample, run, exitCode: 1, ("OGONG_CUDA_DRIVER_PATH", "no/such/driver.so")), Does.Contain("CUDA driver not found; tried:"));
    }

    // A file as well formed as the first, but with the lead's key where the consumer's belongs.
    private static byte[] WithKeysSwapped(byte[] file)
    {
        var reply = ReplyReader.Decode(file).Value;
        var swapped = new Reply
        {
            Order = reply.Order,
            ConsumerKey = reply.ProviderKey,
            Prompt = reply.Prompt,
            TextWindows = reply.TextWindows,
            Segments = reply.Segments,
            Record = reply.Record,
            ProviderKey = reply.ProviderKey,
        };
        using var stream = new MemoryStream();
        swapped.WriteTo(stream);
        return stream.ToArray();
    }

    private static ZipArchive Open(string id, string extension) => ZipFile.OpenRead(Path.Combine(Packages, $"{id}.{Version}.{extension}"));

    private static XElement Nuspec(ZipArchive package, string id)
    {
        using var stream = package.GetEntry(id + ".nuspec")!.Open();
        return XDocument.Load(stream).Root!;
    }

    private static string? Value(XElement nuspec, string name) => nuspec.Descendants().FirstOrDefault(e => e.Name.LocalName == name)?.Value;
}

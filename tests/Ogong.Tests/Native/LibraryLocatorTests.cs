using System.Runtime.InteropServices;
using NUnit.Framework;
using Ogong.Native;

namespace Ogong.Tests.Native;

/// <summary>
/// The search for native libraries, with copies of one of the runtime's own libraries standing in for the real ones: each under a name
/// nothing else has, so that no test sees a module another test loaded.
/// </summary>
internal sealed class LibraryLocatorTests
{
    private static readonly string Suffix = OperatingSystem.IsWindows() ? ".dll" : ".so.1";
    private string _folder = "";

    [SetUp]
    public void CreateFolder() => _folder = Directory.CreateTempSubdirectory("ogong-native-").FullName;

    [TearDown]
    public void DeleteFolder()
    {
        // Windows keeps the file of a loaded module until it is unloaded, which Dispose did in each test.
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public void A_missing_library_is_reported_with_every_place_tried()
    {
        var library = Describe(out string name, inToolkit: true);
        using var search = Find(library, variables: new() { ["CUDA_HOME"] = _folder }, packages: [_folder]);

        Assert.That(search.IsFound, Is.False);
        Assert.That(search.Attempts.Select(a => a.Source).Distinct(), Is.EqualTo(new[]
        {
            LibrarySource.AlreadyLoaded, LibrarySource.Package, LibrarySource.OperatingSystem, LibrarySource.Toolkit,
        }));
        Assert.That(search.Attempts, Has.All.Matches<LibraryAttempt?>(a => !string.IsNullOrWhiteSpace(a?.Failure)));
        Assert.That(search.ToString(), Does.Contain(library.Name).And.Contain(Path.Combine(_folder, name)));
    }

    [Test]
    public void The_environment_variable_names_the_file_to_load()
    {
        var library = Describe(out _);
        string file = Fake("elsewhere");
        using var search = Find(library, variables: new() { [library.EnvironmentVariable] = file });

        Assert.That(search.IsFound, Is.True, search.ToString());
        Assert.That(search.Loaded!.Source, Is.EqualTo(LibrarySource.EnvironmentVariable));
        Assert.That(search.Loaded.Path, Is.EqualTo(file));
        Assert.That(search.Loaded.TryGetExport("CompressionNative_Crc32", out nint address), Is.True);
        Assert.That(address, Is.Not.Zero);
        Assert.That(search.Loaded.TryGetExport("no_such_function", out _), Is.False);
    }

    [Test]
    public void The_public_search_reads_the_real_environment()
    {
        var library = Describe(out _);
        string file = Fake("real");
        Environment.SetEnvironmentVariable(library.EnvironmentVariable, file);
        using var search = LibraryLocator.Find(library);
        Environment.SetEnvironmentVariable(library.EnvironmentVariable, null);
        Assert.That(search.Loaded?.Path, Is.EqualTo(file), search.ToString());
    }

    [Test]
    public void The_callers_path_goes_before_the_environment_variable()
    {
        var library = Describe(out _);
        using var search = Find(library, Fake("chosen"), new() { [library.EnvironmentVariable] = Fake("other") });
        Assert.That(search.Loaded?.Source, Is.EqualTo(LibrarySource.Option), search.ToString());
    }

    [Test]
    public void A_given_path_that_fails_ends_the_search()
    {
        var library = Describe(out string name);
        Fake(name, exact: true);
        string missing = Path.Combine(_folder, "missing" + Suffix);
        using var byOption = Find(library, missing, packages: [_folder]);
        using var byVariable = Find(library, variables: new() { [library.EnvironmentVariable] = missing }, packages: [_folder]);

        Assert.That(byOption.Attempts[^1], Is.EqualTo(new LibraryAttempt(LibrarySource.Option, missing, "no such file")));
        Assert.That(byVariable.Attempts[^1], Is.EqualTo(new LibraryAttempt(LibrarySource.EnvironmentVariable, missing, "no such file")));
        Assert.That(byOption.IsFound || byVariable.IsFound, Is.False);
    }

    [Test]
    public void A_file_that_is_no_library_is_refused_with_the_loaders_reason()
    {
        var library = Describe(out _);
        string file = Path.Combine(_folder, "text" + Suffix);
        File.WriteAllText(file, "not a library, but long enough for any loader to read a whole header from it: " + new string('.', 4096));
        using var search = Find(library, variables: new() { [library.EnvironmentVariable] = file });

        Assert.That(search.IsFound, Is.False);
        Assert.That(search.Attempts[^1].Location, Is.EqualTo(file));
        Assert.That(search.Attempts[^1].Failure, Is.Not.Empty.And.Not.EqualTo("no such file").And.Not.Contain("\n"));
    }

    [Test]
    public void Packages_are_searched_before_the_toolkit()
    {
        var library = Describe(out string name, inToolkit: true);
        string packages = Directory.CreateDirectory(Path.Combine(_folder, "packages")).FullName;
        string toolkit = Directory.CreateDirectory(Path.Combine(_folder, "cuda", OperatingSystem.IsWindows() ? "bin" : "lib64")).FullName;
        File.Copy(Source(), Path.Combine(toolkit, name));
        var variables = new Dictionary<string, string> { ["CUDA_PATH"] = Path.Combine(_folder, "cuda") };

        using (var search = Find(library, variables: variables, packages: [packages]))
            Assert.That(search.Loaded?.Source, Is.EqualTo(LibrarySource.Toolkit), search.ToString());
        File.Copy(Source(), Path.Combine(packages, name));
        using (var search = Find(library, variables: variables, packages: [packages]))
            Assert.That(search.Loaded?.Path, Is.EqualTo(Path.Combine(packages, name)), search.ToString());
    }

    [Test]
    public void The_first_name_in_a_folder_wins()
    {
        string tag = Guid.NewGuid().ToString("N");
        string[] names = [$"libnew{tag}{Suffix}", $"libold{tag}{Suffix}"];
        var library = new LibraryDescription("versioned", "OGONG_TEST_" + tag, names, names);
        foreach (string name in names)
            Fake(name, exact: true);
        using var search = Find(library, packages: [_folder]);
        Assert.That(search.Loaded?.Path, Is.EqualTo(Path.Combine(_folder, names[0])), search.ToString());
    }

    [Test]
    public void A_loaded_module_goes_before_everything()
    {
        var library = Describe(out string name);
        string file = Fake(name, exact: true);
        nint handle = NativeLibrary.Load(file);
        try
        {
            using var search = Find(library, Fake("chosen"));
            Assert.That(search.Loaded?.Source, Is.EqualTo(LibrarySource.AlreadyLoaded), search.ToString());
            Assert.That(search.Loaded!.Path, Is.EqualTo(file));
        }
        finally
        {
            NativeLibrary.Free(handle);
        }
    }

    [Test]
    public void A_released_library_cannot_be_used()
    {
        var search = Find(Describe(out _), Fake("released"));
        search.Dispose();
        Assert.That(() => search.Loaded!.TryGetExport("CompressionNative_Crc32", out _), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    [Platform(Include = "Linux")]
    public void Modules_are_recognised_by_the_file_their_link_leads_to()
    {
        Assert.That(LibraryDescription.CudaDriver.Matches("libcuda.so.580.65.06"), Is.True);
        Assert.That(LibraryDescription.CudaDriver.Matches("libcuda.so"), Is.True);
        Assert.That(LibraryDescription.CudaDriver.Matches("libcudart.so.12"), Is.False);
        Assert.That(LibraryDescription.CublasLt.Matches("libcublas.so.12"), Is.False);
    }

    [Test]
    public void Known_libraries_are_looked_for_without_throwing()
    {
        foreach (var library in LibraryDescription.All)
        {
            using var search = LibraryLocator.Find(library);
            Assert.That(search.IsFound ? search.Attempts[^1].Failure : null, Is.Null);
            Assert.That(search.Attempts, Is.Not.Empty);
        }
    }

    private static LibrarySearch Find(LibraryDescription library, string? path = null, Dictionary<string, string>? variables = null, string[]? packages = null) =>
        LibraryLocator.Find(library, path, name => variables?.GetValueOrDefault(name), packages ?? []);

    private static LibraryDescription Describe(out string fileName, bool inToolkit = false)
    {
        string tag = Guid.NewGuid().ToString("N");
        fileName = $"libogongtest{tag}{Suffix}";
        return new LibraryDescription("test library", "OGONG_TEST_" + tag, [fileName], [fileName]) { IsInToolkit = inToolkit };
    }

    private string Fake(string name, bool exact = false)
    {
        string file = Path.Combine(_folder, exact ? name : name + Suffix);
        File.Copy(Source(), file);
        return file;
    }

    private static string Source() =>
        Directory.GetFiles(RuntimeEnvironment.GetRuntimeDirectory(), "*System.IO.Compression.Native.*").Single();
}

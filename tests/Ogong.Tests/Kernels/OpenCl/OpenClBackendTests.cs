using NUnit.Framework;
using Ogong.Compute;
using Ogong.Kernels.Device;
using Ogong.Kernels.OpenCl;
using Ogong.Native.OpenCl;
using Ogong.Tests.House;

namespace Ogong.Tests.Kernels.OpenCl;

/// <summary>What the OpenCL backend does when something is missing, too large or does not compile, and that a warm start compiles nothing.</summary>
[TestFixture]
internal sealed class OpenClBackendTests
{
    [Test]
    public void A_device_that_does_not_exist_is_a_reason_and_no_exception()
    {
        OpenClCase.Create().Dispose();
        Assert.That(OpenClBackend.TryCreate(new OpenClOptions { Device = 99 }, out OpenClBackend? backend, out string? reason), Is.False);
        Assert.That(backend, Is.Null);
        Assert.That(reason, Does.StartWith("There is no OpenCL device 99; there "));
    }

    [Test]
    public void A_device_is_chosen_by_part_of_its_name()
    {
        string name;
        using (OpenClBackend first = OpenClCase.Create()) name = first.Device.Detail.Split(',')[0];
        Assert.That(OpenClBackend.TryCreate(new OpenClOptions { DeviceName = name.ToUpperInvariant() }, out OpenClBackend? backend, out string? reason), Is.True, reason);
        backend!.Dispose();
        Assert.That(OpenClBackend.TryCreate(new OpenClOptions { DeviceName = "no such device" }, out _, out reason), Is.False);
        Assert.That(reason, Does.StartWith("0 OpenCL devices have 'no such device' in their name").And.Contain(name));
    }

    // In processes of their own: the loader is loaded once, and reads its list of drivers once.
    [TestCase("OGONG_OPENCL_PATH", "no-such-loader.so", "OpenCL not found")]
    [TestCase("OCL_ICD_VENDORS", "no-such-folder", "no device")]
    public void Without_a_loader_or_a_driver_the_command_says_so_and_exits_with_2(string variable, string value, string expected)
    {
        OpenClCase.Create().Dispose();
        string tool = Path.Combine(AppContext.BaseDirectory, "ogong.dll"), model = Path.Combine(Repository.Root, "tests", "vectors", "models", "kjv-0.1m");
        string text = Dotnet.Run(Repository.Root, [tool, "score", "--model", model, "--tokens", "1,2", "--device", "opencl"], exitCode: 2, (variable, Path.Combine(Path.GetTempPath(), value)));
        Assert.That(text, Does.Contain(expected));
    }

    [Test]
    public void What_exceeds_the_device_is_named_with_sizes_and_others_go_on()
    {
        using OpenClBackend backend = OpenClCase.Create();
        var thrown = Assert.Throws<OutOfMemoryException>(() => backend.Allocate(1L << 50));
        Assert.That(thrown!.Message, Does.Contain("1,125,899,906,842,624 bytes for a buffer"));
        using DeviceBuffer small = backend.Allocate(16);
        Assert.That(backend.UsedBytes, Is.EqualTo(16));
    }

    [Test]
    public void Memory_in_use_returns_to_nothing()
    {
        using OpenClBackend backend = OpenClCase.Create();
        using (backend.CreateQueue())
        using (backend.Allocate(100))
        using (backend.CreateKvCache(new KvCacheShape(2, 1, 5, 1, ElementType.BF16)))
            Assert.That(backend.UsedBytes, Is.GreaterThan(100));
        Assert.That(backend.UsedBytes, Is.Zero);
    }

    [Test]
    public void A_program_that_does_not_compile_throws_the_compilers_log()
    {
        using OpenClBackend backend = OpenClCase.Create();
        var thrown = Assert.Throws<OpenClBuildException>(() => backend.Context.Compile("__kernel void f() { undeclared = 1; }", "-cl-std=CL1.2"));
        Assert.That(thrown!.Log, Does.Contain("undeclared"));
        Assert.That(thrown.Message, Does.Contain("clBuildProgram: -11 CL_BUILD_PROGRAM_FAILURE").And.Contain("undeclared"));
    }

    [Test]
    public async Task A_warm_start_compiles_nothing_and_a_damaged_file_is_compiled_again()
    {
        string folder = Directory.CreateTempSubdirectory("ogong-opencl-").FullName;
        try
        {
            Assert.That(await CompiledAsync(folder), Is.GreaterThan(0));
            Assert.That(await CompiledAsync(folder), Is.Zero);
            foreach (string file in Directory.GetFiles(folder)) File.WriteAllBytes(file, File.ReadAllBytes(file)[..^1]);
            Assert.That(await CompiledAsync(folder), Is.GreaterThan(0));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public void A_text_is_put_together_from_its_includes_once_each()
    {
        string text = KernelSources.OpenCl().Inline("sample.cl");
        Assert.That(text, Does.Not.Contain("#include").And.Contain("kept_tokens"));
        Assert.That(text.Split("typedef float lanes;"), Has.Length.EqualTo(2));
    }

    private static async Task<int> CompiledAsync(string folder)
    {
        if (!OpenClBackend.TryCreate(new OpenClOptions { KernelCache = folder }, out OpenClBackend? backend, out string? reason)) Assert.Fail(reason!);
        using (backend)
        {
            using ComputeQueue queue = backend!.CreateQueue();
            using DeviceBuffer x = backend.Allocate(64), y = backend.Allocate(64);
            queue.Residual(x, y, 16);
            await queue.CompleteAsync();
            return backend.Programs.Compiled;
        }
    }
}

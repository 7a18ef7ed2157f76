using System.Text.Json;
using NUnit.Framework;
using Ogong.Tests.Emulator;
using Ogong.Tests.Kernels.Cuda;

namespace Ogong.Tests.Cli;

/// <summary>The commands with <c>--device cuda</c>.</summary>
public sealed class CudaCommandsTests
{
    private static readonly string s_model = Repository.Vector("models", "kjv-0.1m");
    private string _folder = "";

    [OneTimeSetUp]
    public void KeepKernels()
    {
        if (CudaCase.IsReal) return;
        EmulatedCuda.Require();
        Environment.SetEnvironmentVariable("OGONG_KERNEL_CACHE", CudaCase.EmulatedKernels());
    }

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("ogong-cuda-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void AReplyOfAQuantisedModelIsAcceptedByTheCpu()
    {
        string file = Path.Combine(_folder, "q8.gguf"), reply = Path.Combine(_folder, "a.ogong");
        Assert.That(CommandLine.Run("convert", "--model", Repository.Model("kjv-0.9m"), "--type", "q8_0", "--out", file).Code, Is.Zero);
        (int code, _, string error) = CommandLine.RunJson("generate", "--model", file, "--prompt", "And God", "--max-tokens", "3", "--device", "cuda", "--out", reply);
        Assert.That(code, Is.Zero, error);
        (int verdict, JsonElement audit, string why) = CommandLine.RunJson("audit", "--model", file, "--reply", reply);
        Assert.That((verdict, audit.GetProperty("device").GetString()), Is.EqualTo((0, "cpu")), why);
    }

    [TestCase("exact")]
    [TestCase("fast")]
    public void AReplyFromCudaIsAcceptedByTheCpu(string mode)
    {
        string file = Path.Combine(_folder, "a.ogong");
        (int code, JsonElement reply, string error) = CommandLine.RunJson(
            "generate", "--model", s_model, "--prompt", "And God", "--max-tokens", "6", "--segments", "2", "--mode", mode, "--device", "cuda", "--out", file);
        Assert.That(code, Is.Zero, error);
        Assert.That(reply.GetProperty("device").GetString(), Is.EqualTo("cuda"));
        Assert.That(reply.GetProperty("device_detail").GetString(), Does.Contain("compute capability").And.Contain("driver").And.Contain("NVRTC"));
        Assert.That(reply.GetProperty("kernel_hash").GetString(), Has.Length.EqualTo(64));
        Assert.That(reply.GetProperty("device_memory_high_water").GetInt64(), Is.GreaterThan(new FileInfo(Path.Combine(s_model, "model.safetensors")).Length / 2));
        (int verdict, JsonElement audit, string why) = CommandLine.RunJson("audit", "--model", s_model, "--reply", file);
        Assert.That((verdict, audit.GetProperty("device").GetString()), Is.EqualTo((0, "cpu")), why);
    }

    [Test]
    public void ScoresHaveTheHashOfTheCpu()
    {
        Assert.That(Score("cuda"), Is.EqualTo(Score("cpu")));

        static string Score(string device)
        {
            (int code, JsonElement score, string error) = CommandLine.RunJson("score", "--model", s_model, "--tokens", "256,65,110,100,32,71,111,100", "--device", device);
            Assert.That(code, Is.Zero, error);
            return score.GetProperty("hidden_sha256").GetString()!;
        }
    }

    [Test]
    public void ADeviceThatIsNotThereIsBadInput()
    {
        (int code, _, string error) = CommandLine.Run("score", "--model", s_model, "--tokens", "1", "--device", "cuda:4000");
        Assert.That((code, error), Is.EqualTo((2, error)));
        Assert.That(error, Does.Contain("no CUDA device 4000"));
    }

    [Test]
    public void TheDoctorKnowsTheDeviceAndItsKernels()
    {
        (int code, JsonElement doctor, _) = CommandLine.RunJson("doctor");
        Assert.That(code, Is.Zero);
        JsonElement cuda = doctor.GetProperty("devices").EnumerateArray().Single(device => device.GetProperty("name").GetString() == "cuda");
        Assert.That(cuda.GetProperty("usable").GetBoolean(), Is.True);
        Assert.That(cuda.GetProperty("kernel_hash").GetString(), Has.Length.EqualTo(64));
        Assert.That(doctor.GetProperty("paths").GetProperty("kernels").GetString(), Is.Not.Empty);
        Assert.That(doctor.GetProperty("paths").GetProperty("kernels_bytes").GetInt64(), Is.GreaterThanOrEqualTo(0));
    }
}

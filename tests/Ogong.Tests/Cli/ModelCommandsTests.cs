using System.Text.Json;
using NUnit.Framework;
using Ogong.Models;
using Ogong.Tests.Models;

namespace Ogong.Tests.Cli;

public class ModelCommandsTests
{
    private const string Root = "d1743d7866dca736d09185d42c9b480c429972c1f3d95699a6cdc161dc4b7d67";

    private static readonly string s_model = Repository.Model("kjv-0.9m");

    [Test]
    public void RootIsPrintedForPeopleAndPrograms()
    {
        var people = CommandLine.Run("model", "root", s_model, "--no-cache");
        Assert.That((people.Code, people.Error), Is.EqualTo((0, "")));
        Assert.That(people.Out, Does.StartWith(Root + Environment.NewLine).And.Contain("5 layers"));
        var program = CommandLine.RunJson("model", "root", s_model, "--no-cache");
        Assert.That(program.Code, Is.Zero);
        Assert.That(program.Result.GetProperty("model_root").GetString(), Is.EqualTo(Root));
        Assert.That(program.Result.GetProperty("parts").GetProperty("layers").GetArrayLength(), Is.EqualTo(5));
        Assert.That(program.Result.GetProperty("work_units").GetProperty("head").GetInt64(), Is.EqualTo(258 * 128));
    }

    [Test]
    public void VerifyAcceptsAndRejects()
    {
        Assert.That(CommandLine.Run("model", "verify", s_model, "--root", Root.ToUpperInvariant(), "--no-cache").Code, Is.Zero);
        var reject = CommandLine.RunJson("model", "verify", s_model, "--root", Root.Replace('7', '8'), "--no-cache");
        Assert.That((reject.Code, reject.Result.GetProperty("verdict").GetString(), reject.Result.GetProperty("model_root").GetString()), Is.EqualTo((1, "reject", Root)));
        Assert.That(CommandLine.Run("model", "verify", s_model, "--root", Root.Replace('7', '8'), "--no-cache").Out, Does.StartWith("Reject"));
    }

    [TestCase("--root 12 64 hexadecimal digits", "model", "verify", "x", "--root", "12")]
    [TestCase("no folder", "model", "root", "/nowhere/at/all")]
    [TestCase("--root", "model", "verify", "x")]
    [TestCase("frob", "frob")]
    [TestCase("required", "model")]
    public void BadInputIsOneLineAndCodeTwo(string reason, params string[] args)
    {
        (int code, string output, string error) = CommandLine.Run(args);
        Assert.That((code, output), Is.EqualTo((2, "")));
        Assert.That(error.Trim().Split('\n'), Has.Length.EqualTo(1));
        foreach (string word in reason.Split(' ').Where(w => w != "12")) Assert.That(error, Does.Contain(word).IgnoreCase);
    }

    [Test]
    public void AMalformedModelIsNamed()
    {
        using var folder = new ModelFolder(ModelFolder.SmallConfig());
        folder.WriteText("config.json", "{\"architectures\":[\"GPT2LMHeadModel\"]}");
        (int code, string output, string error) = CommandLine.Run("model", "root", folder.Folder, "--json");
        Assert.That((code, output), Is.EqualTo((2, "")));
        Assert.That(error, Is.EqualTo($"ogong: config.json: architectures names 'GPT2LMHeadModel', which is not supported; LlamaForCausalLM, MistralForCausalLM, Qwen2ForCausalLM and Qwen3ForCausalLM are.{Environment.NewLine}"));
    }

    [Test]
    public void NoArgumentsShowHelp()
    {
        (int code, string output, _) = CommandLine.Run();
        Assert.That(code, Is.EqualTo(2));
        Assert.That(output, Does.Contain("model").And.Contain("doctor"));
        Assert.That(CommandLine.Run("--help").Code, Is.Zero);
    }

    [Test]
    public void DoctorReportsVersionsDevicesLibrariesAndPaths()
    {
        var doctor = CommandLine.RunJson("doctor");
        Assert.That(doctor.Code, Is.Zero);
        Assert.That(doctor.Result.GetProperty("versions").GetProperty("runtime").GetString(), Does.StartWith(".NET"));
        foreach (JsonElement device in doctor.Result.GetProperty("devices").EnumerateArray())
        {
            bool usable = device.GetProperty("usable").GetBoolean();
            Assert.That(device.GetProperty(usable ? "detail" : "reason").GetString(), Is.Not.Empty, device.ToString());
            if (device.GetProperty("name").GetString() is "cpu" or "reference") Assert.That(usable, device.ToString());
        }
        Assert.That(doctor.Result.GetProperty("libraries").EnumerateArray().Select(l => l.GetProperty("name").GetString()), Does.Contain("CUDA driver").And.Contain("OpenCL"));
        Assert.That(doctor.Result.GetProperty("paths").GetProperty("cache").GetString(), Is.EqualTo(CacheFolder.Locate()));
        Assert.That(CommandLine.Run("doctor").Out, Does.Contain("native libraries"));
    }
}

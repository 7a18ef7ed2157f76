using System.Text.Json;
using NUnit.Framework;

namespace Ogong.Tests.Cli;

/// <summary>generate, score, audit and inspect, as a program uses them.</summary>
public sealed class ReplyCommandsTests
{
    private static readonly string s_model = Repository.Model("kjv-0.9m");
    private static readonly string s_otherModel = Repository.Vector("models", "kjv-0.1m");
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("ogong-replies-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    private string ReplyFile => Path.Combine(_folder, "a.ogong");

    private JsonElement Generate(params string[] more)
    {
        (int code, JsonElement result, string error) = CommandLine.RunJson(
            ["generate", "--model", s_model, "--prompt", "And God said", "--max-tokens", "40", "--out", ReplyFile, .. more]);
        Assert.That(code, Is.Zero, error);
        return result;
    }

    private static (int Code, JsonElement Result) Audit(string model, string file, params string[] more)
    {
        (int code, JsonElement result, _) = CommandLine.RunJson(["audit", "--model", model, "--reply", file, "--threads", "1", .. more]);
        return (code, result);
    }

    [TestCase("exact")]
    [TestCase("fast")]
    public void AGeneratedReplyIsAccepted(string mode)
    {
        JsonElement reply = Generate("--segments", "3", "--mode", mode, "--seed", "5", "--temperature", "0.8", "--top-p", "0.9");
        Assert.That(reply.GetProperty("tokens").GetArrayLength(), Is.EqualTo(40));
        Assert.That((reply.GetProperty("device").GetString(), reply.GetProperty("mode").GetString()), Is.EqualTo(("cpu", mode)));
        (int code, JsonElement verdict) = Audit(s_model, ReplyFile);
        Assert.That((code, verdict.GetProperty("verdict").GetString(), verdict.GetProperty("offender").ValueKind), Is.EqualTo((0, "accept", JsonValueKind.Null)));
        Assert.That(verdict.GetProperty("work_proofs").GetArrayLength(), Is.EqualTo(3));
        for (int segment = 0; segment < 3; segment++) Assert.That(Audit(s_model, ReplyFile, "--segment", $"{segment}").Code, Is.Zero);
        (int papers, JsonElement inspected, _) = CommandLine.RunJson("inspect", ReplyFile);
        Assert.That(papers, Is.Zero);
        Assert.That(inspected.GetProperty("commit_root").GetString(), Is.EqualTo(reply.GetProperty("commit_root").GetString()));
    }

    [Test]
    public void TheSameOrderGivesTheSameReplyHoweverItIsRun()
    {
        string[] sampling = ["--seed", "9", "--temperature", "1", "--top-k", "20"];
        JsonElement one = Generate([.. sampling]);
        foreach (string[] way in (string[][])[["--segments", "5"], ["--threads", "1"], ["--device", "reference"]])
        {
            JsonElement other = Generate([.. sampling, .. way]);
            Assert.That(other.GetProperty("commit_root").GetString(), Is.EqualTo(one.GetProperty("commit_root").GetString()), string.Join(' ', way));
            Assert.That(other.GetProperty("text").GetString(), Is.EqualTo(one.GetProperty("text").GetString()));
        }
    }

    [Test]
    public void AReplyOfAnotherModelIsRejected()
    {
        Generate();
        (int code, JsonElement verdict) = Audit(s_otherModel, ReplyFile);
        Assert.That((code, verdict.GetProperty("verdict").GetString(), verdict.GetProperty("decided_by").GetString()), Is.EqualTo((1, "reject", "Model")));
    }

    [Test]
    public void ADamagedFileIsBadInput()
    {
        Generate();
        byte[] bytes = File.ReadAllBytes(ReplyFile);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(ReplyFile, bytes);
        foreach (string[] args in (string[][])[["audit", "--model", s_model, "--reply", ReplyFile], ["inspect", ReplyFile]])
        {
            (int code, string output, string error) = CommandLine.Run(args);
            Assert.That((code, output), Is.EqualTo((2, "")));
            Assert.That(error, Does.Contain("not a reply file"));
        }
    }

    [Test]
    public void ScoresAreTheSameHoweverTheyAreRun()
    {
        string[] score = ["score", "--model", s_model, "--tokens", "256,65,110,100,32,71,111,100"];
        JsonElement one = CommandLine.RunJson(score).Result;
        Assert.That(one.GetProperty("token_logprobs")[0].ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(one.GetProperty("top_logprobs").GetArrayLength(), Is.EqualTo(8));
        foreach (string[] way in (string[][])[["--segments", "2"], ["--prefill-chunk", "3"], ["--device", "reference"], ["--threads", "1"]])
            Assert.That(CommandLine.RunJson([.. score, .. way]).Result.GetProperty("hidden_sha256").GetString(), Is.EqualTo(one.GetProperty("hidden_sha256").GetString()), string.Join(' ', way));
    }

    [TestCase("either --tokens or --prompt", "generate", "--max-tokens", "4")]
    [TestCase("either --tokens or --prompt", "generate", "--max-tokens", "4", "--prompt", "a", "--tokens", "1")]
    [TestCase("outside the model's vocabulary", "generate", "--max-tokens", "4", "--tokens", "1,999")]
    [TestCase("do not fit", "generate", "--max-tokens", "400", "--tokens", "1")]
    [TestCase("cannot be split", "generate", "--max-tokens", "4", "--tokens", "1", "--segments", "6")]
    [TestCase("CUDA", "score", "--tokens", "1", "--device", "cuda:4096")]
    [TestCase("nucleus", "generate", "--max-tokens", "4", "--tokens", "1", "--top-p", "2")]
    public void BadInputIsOneLine(string reason, params string[] args)
    {
        (int code, string output, string error) = CommandLine.Run([.. args, "--model", s_model]);
        Assert.That((code, output), Is.EqualTo((2, "")));
        Assert.That(error.Trim(), Does.Contain(reason).And.Not.Contain("\n"));
    }

    [Test]
    public void TheDemoAcceptsTheHonestAndNamesTheCheat()
    {
        (int code, JsonElement demo, string error) = CommandLine.RunJson("demo", "--threads", "2");
        Assert.That(code, Is.Zero, error);
        Assert.That(Verdicts("honest"), Is.EqualTo(new[] { "accept", "accept", "accept" }));
        Assert.That(Verdicts("cheated"), Is.EqualTo(new[] { "accept", "reject", "accept" }));
        JsonElement offender = demo.GetProperty("cheated").GetProperty("audits")[1].GetProperty("offender");
        Assert.That(offender.GetProperty("provider_key_id").GetString(), Is.EqualTo(demo.GetProperty("cheat").GetString()));
        Assert.That(demo.GetProperty("cheated").GetProperty("settlement").GetProperty("paid")[1].GetString(), Is.EqualTo("0"));

        IEnumerable<string?> Verdicts(string job) => demo.GetProperty(job).GetProperty("audits").EnumerateArray().Select(a => a.GetProperty("verdict").GetString());
    }
}

using System.Text.Json;
using NUnit.Framework;
using Ogong.Cli;
using Ogong.Cli.Images;
using Ogong.Diffusion;

namespace Ogong.Tests.Cli;

/// <summary>diffuse, audit and inspect on pictures, as a program uses them.</summary>
public sealed class DiffusionCommandsTests
{
    private static readonly string s_model = Repository.Model("glyph-dit");
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("ogong-diffusion-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    private string At(string name) => Path.Combine(_folder, name);

    private JsonElement Diffuse(params string[] more)
    {
        (int code, JsonElement result, string error) = CommandLine.RunJson(["diffuse", "--model", s_model, "--commit", At("a.ogong"), .. more]);
        Assert.That(code, Is.Zero, error);
        return result;
    }

    private (int Code, JsonElement Result) Audit(params string[] more)
    {
        (int code, JsonElement result, _) = CommandLine.RunJson(["audit", "--model", s_model, "--reply", At("a.ogong"), .. more]);
        return (code, result);
    }

    [Test]
    public void APictureIsDrawnCommittedAndAccepted()
    {
        JsonElement drawn = Diffuse("--label", "A", "--steps", "24", "--seed", "7", "--out", At("a.png"), "--strip", At("strip.png"), "--latents", At("a.npy"));
        Assert.That((drawn.GetProperty("label").GetInt32(), drawn.GetProperty("device").GetString(), drawn.GetProperty("mode").GetString()), Is.EqualTo((0, "cpu", "exact")));
        Assert.That(drawn.GetProperty("final_latent").GetString(), Is.EqualTo("5a959743541208e227d8fe7ea7d7c00a7d7e09f155cdf8003ca2ceaa0608d638"));
        PngDecoder picture = PngDecoder.Read(At("a.png")), strip = PngDecoder.Read(At("strip.png"));
        Assert.That((picture.Width, picture.Height, picture.Channels), Is.EqualTo((256, 256, 1)));
        // White on black with soft edges: legible, where noise would be mostly grey.
        Assert.That(picture.Samples.Count(static s => s is > 40 and < 215), Is.LessThan(picture.Samples.Length / 4));
        Assert.That(picture.Samples.Count(static s => s >= 215), Is.InRange(picture.Samples.Length / 12, picture.Samples.Length / 3));
        Assert.That((strip.Width, strip.Height), Is.EqualTo((4 * ((25 * 17) - 1), 64)));
        Assert.That(new FileInfo(At("a.npy")).Length, Is.EqualTo(128 + (4 * 256)));

        (int code, JsonElement verdict) = Audit("--steps", "3");
        Assert.That((code, verdict.GetProperty("verdict").GetString()), Is.EqualTo((0, "accept")));
        int[] drawnSteps = [.. verdict.GetProperty("drawn_steps").EnumerateArray().Select(static s => s.GetInt32())];
        Assert.That((drawnSteps[^1], drawnSteps.Length), Is.EqualTo((23, 3)).Or.EqualTo((23, 4)));
        Assert.That(verdict.GetProperty("detection")[0].GetProperty("probability").GetDouble(), Is.EqualTo(3 / 24.0).Within(1e-12));
        Assert.That(verdict.GetProperty("detection")[2].GetProperty("bound").GetDouble(), Is.EqualTo(0.875));

        (int papers, JsonElement inspected, _) = CommandLine.RunJson("inspect", At("a.ogong"));
        Assert.That((papers, inspected.GetProperty("trajectory_root").GetString()), Is.EqualTo((0, drawn.GetProperty("trajectory_root").GetString())));
        Assert.That(inspected.GetProperty("papers").GetProperty("verdict").GetString(), Is.EqualTo("accept"));
    }

    [Test]
    public void TheSamePictureComesOutHoweverItIsMade()
    {
        string[] order = ["--label", "Q", "--steps", "4", "--seed", "9"];
        string? one = Diffuse(order).GetProperty("final_latent").GetString();
        foreach (string[] way in (string[][])[["--segments", "4"], ["--threads", "1"], ["--device", "reference"], ["--stride", "3"], ["--lean"]])
        {
            Assert.That(Diffuse([.. order, .. way]).GetProperty("final_latent").GetString(), Is.EqualTo(one), string.Join(' ', way));
            Assert.That(Audit().Code, Is.Zero, string.Join(' ', way));
        }
        Assert.That(Diffuse("--label", "#16", "--steps", "4", "--seed", "9", "--guidance", "1").GetProperty("final_latent").GetString(), Is.Not.EqualTo(one));
        Assert.That(CommandLine.RunJson("inspect", At("a.ogong")).Result.GetProperty("guidance").GetDouble(), Is.EqualTo(1));
    }

    [Test]
    public void APictureInFastModeIsAcceptedByItsBands()
    {
        Diffuse("--label", "7", "--steps", "6", "--mode", "fast", "--segments", "2");
        (int code, JsonElement verdict) = Audit("--steps", "2");
        for (int segment = 0; segment < 2; segment++) Assert.That(Audit("--steps", "2", "--segment", $"{segment}").Code, Is.Zero);
        Assert.That((code, verdict.GetProperty("mode").GetString()), Is.EqualTo((0, "fast")));
        double[] thresholds = [.. verdict.GetProperty("figures").EnumerateArray().Where(static f => f.GetProperty("check").GetString() == "Steps").Select(static f => f.GetProperty("threshold").GetDouble())];
        Assert.That(thresholds, Is.Not.Empty.And.All.Positive);
    }

    [Test]
    public void AnotherModelAndAnotherFileAreTold()
    {
        Diffuse("--label", "A", "--steps", "2");
        string other = At("model");
        foreach (string file in (string[])["transformer/config.json", "transformer/diffusion_pytorch_model.safetensors", "scheduler/scheduler_config.json"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(other, file))!);
            File.Copy(Path.Combine(s_model, file), Path.Combine(other, file));
        }
        string weights = Path.Combine(other, "transformer/diffusion_pytorch_model.safetensors");
        byte[] bytes = File.ReadAllBytes(weights);
        bytes[^1] ^= 1;
        File.WriteAllBytes(weights, bytes);
        (int code, JsonElement verdict, _) = CommandLine.RunJson("audit", "--model", other, "--reply", At("a.ogong"));
        Assert.That((code, verdict.GetProperty("decided_by").GetString()), Is.EqualTo((1, "Model")));

        byte[] reply = File.ReadAllBytes(At("a.ogong"));
        reply[reply.Length / 2] ^= 1;
        File.WriteAllBytes(At("a.ogong"), reply);
        foreach (string[] args in (string[][])[["audit", "--model", s_model, "--reply", At("a.ogong")], ["inspect", At("a.ogong")]])
            Assert.That(CommandLine.Run(args).Error, Does.Contain("not a reply file"));
    }

    [Test]
    public void ASegmentIsAuditedAloneOnlyFromOpenedStates()
    {
        Diffuse("--label", "A", "--steps", "2", "--segments", "2", "--lean");
        (int code, string output, string error) = CommandLine.Run("audit", "--model", s_model, "--reply", At("a.ogong"), "--segment", "1");
        Assert.That((code, output, error.Contains("does not open", StringComparison.Ordinal)), Is.EqualTo((2, "", true)), error);
    }

    [TestCase("class number from 0 to 35", "--label", "a")]
    [TestCase("class number from 0 to 35", "--label", "#36")]
    [TestCase("--guidance is 0 or more", "--label", "A", "--guidance", "-1")]
    [TestCase("--steps is a whole number", "--label", "A", "--steps", "0")]
    [TestCase("exceeds the 3 steps", "--label", "A", "--steps", "3", "--stride", "4")]
    [TestCase("does not make 1001 steps", "--label", "A", "--steps", "1001", "--scheduler", "{ddim}")]
    [TestCase("cannot be split", "--label", "A", "--segments", "5")]
    [TestCase("--commit", "--label", "A", "--lean")]
    [TestCase("--lean needs exact mode", "--label", "A", "--lean", "--commit", "a.ogong", "--mode", "fast")]
    public void BadInputIsOneLine(string reason, params string[] args)
    {
        File.WriteAllText(At("ddim.json"), """{"_class_name":"DDIMScheduler"}""");
        (int code, string output, string error) = CommandLine.Run(["diffuse", "--model", s_model, .. args.Select(a => a == "{ddim}" ? At("ddim.json") : a)]);
        Assert.That((code, output), Is.EqualTo((2, "")));
        Assert.That(error.Trim(), Does.Contain(reason).And.Not.Contain("\n"));
    }

    [Test]
    public void WhatIsNoPictureIsWrittenAsAnArray()
    {
        foreach (LatentShape shape in new[] { new LatentShape(4, 32, 32), new LatentShape(1, 64), new LatentShape(3, 2, 8, 8) })
            Assert.That(() => LatentPicture.Require(shape), Throws.TypeOf<BadInputException>().With.Message.Contain("--latents"), $"{shape}");
        Assert.That(() => LatentPicture.Require(new LatentShape(3, 8, 4)), Throws.Nothing);
    }

    [Test]
    public void TheDemoAcceptsTheHonestAndNamesTheCheats()
    {
        (int code, JsonElement demo, string error) = CommandLine.RunJson("demo", "--diffusion", "--threads", "2", "--out", _folder);
        Assert.That(code, Is.Zero, error);
        var runs = demo.GetProperty("runs").EnumerateArray().ToDictionary(static run => run.GetProperty("name").GetString()!, static run => (run.GetProperty("decided_by").GetString(), run.GetProperty("named").GetString()));
        Assert.That(runs, Is.EquivalentTo(new Dictionary<string, (string?, string?)>
        {
            ["honest"] = (null, ""),
            ["same record sold twice"] = ("Replay", "lead (lead)"),
            ["old record, new order"] = ("Binding", "lead (lead)"),
            ["8-bit weights"] = ("Steps", "ben (provider)"),
            ["block left out"] = ("Steps", "cyd (provider)"),
            ["half the steps, stretched"] = ("Steps", "cyd (provider)"),
            ["other label"] = ("Steps", "cyd (provider)"),
            ["other seed"] = ("InitialNoise", "cyd (lead)"),
            ["guidance + 5 %"] = ("Steps", "cyd (provider)"),
            ["forged final latent"] = ("Steps", "cyd (provider)"),
        }));
        foreach (JsonElement row in demo.GetProperty("detection").EnumerateArray())
            Assert.That(row.GetProperty("probability").GetDouble(), Is.GreaterThanOrEqualTo(row.GetProperty("bound").GetDouble() - 1e-12));
        Assert.That(PngDecoder.Read(At("honest.png")).Samples, Is.EqualTo(PngDecoder.Read(At("old-record-new-order.png")).Samples).And.Not.EqualTo(PngDecoder.Read(At("other-label.png")).Samples));
    }
}

using System.Text.Json.Nodes;
using NUnit.Framework;
using Ogong.Diffusion;
using Ogong.Models;

namespace Ogong.Tests.Models;

[Parallelizable(ParallelScope.All)]
public class DenoiserConfigReaderTests
{
    [Test]
    public void GlyphDit()
    {
        using DenoiserDirectory model = DenoiserDirectory.Open(Repository.Model("glyph-dit"));
        DenoiserConfig config = model.Config;
        Assert.That((config.Heads, config.HeadDim, config.Layers, config.Width, config.FeedForward), Is.EqualTo((4, 32, 4, 128, 512)));
        Assert.That(config.Shape, Is.EqualTo(new LatentShape(1, 16, 16)));
        Assert.That((config.Patch.ToArray(), config.Grid.ToArray()), Is.EqualTo((new[] { 2, 2 }, new[] { 8, 8 })));
        Assert.That((config.OutputChannels, config.Classes, config.ContextWidth, config.Tokens, config.PatchValues), Is.EqualTo((1, 36, 0, 64, 4)));
        Assert.That((config.AttentionBias, config.NormEpsilon, config.ClassLabels.IndexOf('Q', StringComparison.Ordinal)), Is.EqualTo((true, 1e-6f, 16)));
        Assert.That((model.Scheduler.Kind, model.ExtraTensors), Is.EqualTo((SchedulerKind.FlowMatchEuler, Array.Empty<string>())));
    }

    [Test]
    public void AbsentKeysTakeTheDefaultsOfTheClass()
    {
        JsonObject json = DenoiserFolder.SmallConfig();
        json.Remove("norm_eps");
        DenoiserConfig config = DenoiserFolder.Parse(json);
        Assert.That((config.NormEpsilon, config.AttentionBias, config.OutputChannels, config.ClassLabels), Is.EqualTo((1e-5f, true, 3, "")));

        // As facebook/DiT-XL-2-256 is published: the class's former name, whose defaults are others.
        json = DenoiserFolder.SmallConfig();
        json["_class_name"] = "Transformer2DModel";
        Assert.That(Refusal(json), Does.Contain("norm_elementwise_affine is not supported"));
        (json["norm_elementwise_affine"], json["activation_fn"], json["norm_type"], json["out_channels"], json["cross_attention_dim"]) = (false, "gelu-approximate", "ada_norm_zero", 6, null);
        config = DenoiserFolder.Parse(json);
        Assert.That((config.AttentionBias, config.OutputChannels), Is.EqualTo((false, 6)));
    }

    [Test]
    public void SizesPerAxisMakeAudioImagesAndVideo()
    {
        Assert.That(Read("[24]", "4").Shape, Is.EqualTo(new LatentShape(3, 24)));
        Assert.That(Read("[8, 4]", "2").Shape, Is.EqualTo(new LatentShape(3, 8, 4)));
        DenoiserConfig video = Read("[6, 8, 4]", "[1, 2, 2]", heads: 4);
        Assert.That((video.Shape, video.Patch.ToArray(), video.Tokens), Is.EqualTo((new LatentShape(3, 6, 8, 4), new[] { 1, 2, 2 }, 48)));

        static DenoiserConfig Read(string size, string patch, int heads = 2)
        {
            JsonObject json = DenoiserFolder.SmallConfig();
            (json["sample_size"], json["patch_size"], json["num_attention_heads"]) = (JsonNode.Parse(size), JsonNode.Parse(patch), heads);
            return DenoiserFolder.Parse(json);
        }
    }

    [TestCase("_class_name", "\"PixArtTransformer2DModel\"", "names 'PixArtTransformer2DModel', which is not supported")]
    [TestCase("_class_name", "null", "is missing")]
    [TestCase("activation_fn", "\"geglu\"", "'geglu' is not supported")]
    [TestCase("norm_type", "\"ada_norm_single\"", "'ada_norm_single' is not supported")]
    [TestCase("norm_elementwise_affine", "true", "is not supported")]
    [TestCase("caption_channels", "4096", "is not supported")]
    [TestCase("quantization_config", "{}", "is not supported")]
    [TestCase("only_cross_attention", "true", "is not supported")]
    [TestCase("in_channels", "null", "is missing")]
    [TestCase("num_layers", "0", "is 0, outside")]
    [TestCase("sample_size", "[]", "lists 0 numbers")]
    [TestCase("sample_size", "[4, 4, 4, 4]", "lists 4 numbers")]
    [TestCase("sample_size", "[\"4\"]", "is not an integer")]
    [TestCase("sample_size", "65536", "makes latents of more than")]
    [TestCase("patch_size", "3", "(3) does not divide sample_size (4)")]
    [TestCase("patch_size", "[2]", "lists 1 numbers; 2 to 2")]
    [TestCase("attention_head_dim", "3", "is not a multiple of 4")]
    [TestCase("out_channels", "4", "is 4; in_channels (3) or twice that")]
    [TestCase("num_embeds_ada_norm", "null", "classes or on vectors")]
    [TestCase("cross_attention_dim", "0", "is 0, outside")]
    [TestCase("norm_eps", "1e-60", "rounds to zero")]
    [TestCase("class_labels", "\"ABCD\"", "one printable ASCII character per class")]
    [TestCase("class_labels", "\"ABCDA\"", "one printable ASCII character per class")]
    [TestCase("class_labels", "\"ABCDé\"", "one printable ASCII character per class")]
    public void WhatIsNotSupportedIsRefusedByName(string key, string value, string reason)
    {
        JsonObject json = DenoiserFolder.SmallConfig();
        json[key] = JsonNode.Parse(value);
        Assert.That(Refusal(json), Does.StartWith($"config.json: {key} ").And.Contains(reason));
    }

    [Test]
    public void ClassesAndVectorsTogetherAreRefused()
    {
        JsonObject json = DenoiserFolder.SmallConfig();
        json["cross_attention_dim"] = 8;
        Assert.That(Refusal(json), Does.Contain("num_embeds_ada_norm and cross_attention_dim"));
        json["num_embeds_ada_norm"] = null;
        Assert.That(DenoiserFolder.Parse(json), Has.Property("ContextWidth").EqualTo(8).And.Property("HasContext").True.And.Property("Classes").Zero);
    }

    private static string Refusal(JsonObject json) => Assert.Throws<ModelFormatException>(() => DenoiserFolder.Parse(json))!.Message;
}

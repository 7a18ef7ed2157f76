using System.Text.Json;
using System.Text.Json.Nodes;
using NUnit.Framework;
using Ogong.Cli;
using Ogong.Models;
using Ogong.Tests.Models;
using Ogong.Tests.Models.Tokenizers;

namespace Ogong.Tests.Cli;

/// <summary><c>--prompt</c> and text output with a model that has a <c>tokenizer.json</c>.</summary>
public sealed class PromptTests
{
    private ModelFolder _folder = null!;

    [OneTimeSetUp]
    public void WriteModel()
    {
        JsonObject config = ModelFolder.SmallConfig();
        config["vocab_size"] = 600;
        _folder = new ModelFolder(config, write: false);
        _folder.WriteText("config.json", config.ToJsonString());
        // Weights of 2⁻⁷ to 2⁻⁶, either sign: random bytes need not be finite.
        var random = new Random(51);
        ModelConfig read = ConfigReader.Parse(JsonSerializer.SerializeToUtf8Bytes(config), "config.json");
        _folder.WriteBytes("model.safetensors", SafetensorsWriter.File(ModelFolder.Tensors(read)
            .Select(t => t with { Bytes = [.. t.Bytes.Select((_, i) => (byte)(i % 2 == 0 ? random.Next(256) : random.Next(2) == 0 ? 0x3C : 0xBC))] })));
        _folder.WriteText("tokenizer.json", TokenizerFamilies.LlamaJson().ToJsonString());
    }

    [OneTimeTearDown]
    public void RemoveModel() => _folder.Dispose();

    [Test]
    public void TheTokenizerOfTheModelIsTheOneItsRootNames()
    {
        using ModelDirectory model = _folder.Open();
        Assert.That(model.OpenTokenizer()!.Encode("And God"), Is.EqualTo(Tokenizer.Open(_folder.Folder).Encode("And God")));
        string json = File.ReadAllText(Path.Combine(_folder.Folder, "tokenizer.json"));
        try
        {
            _folder.WriteText("tokenizer.json", json + " ");
            Assert.That(model.OpenTokenizer, Throws.TypeOf<ModelFormatException>().With.Message.Contains("changed since"));
        }
        finally
        {
            _folder.WriteText("tokenizer.json", json);
        }
    }

    [Test]
    public void PromptsAreEncodedAndRepliesDecoded()
    {
        Tokenizer tokenizer = Tokenizer.Open(_folder.Folder);
        string tokens = string.Join(',', tokenizer.Encode("And God said 語"));
        (int code, JsonElement reply, string error) = CommandLine.RunJson("generate", "--model", _folder.Folder, "--prompt", "And God said 語", "--max-tokens", "8", "--seed", "3", "--temperature", "1");
        Assert.That(code, Is.Zero, error);
        int[] ids = [.. reply.GetProperty("tokens").EnumerateArray().Select(t => t.GetInt32())];
        Assert.That(reply.GetProperty("text").GetString(), Is.EqualTo(tokenizer.Decode(ids)));
        JsonElement same = CommandLine.RunJson("generate", "--model", _folder.Folder, "--tokens", tokens, "--max-tokens", "8", "--seed", "3", "--temperature", "1").Result;
        Assert.That(same.GetProperty("commit_root").GetString(), Is.EqualTo(reply.GetProperty("commit_root").GetString()));

        JsonElement score = CommandLine.RunJson("score", "--model", _folder.Folder, "--prompt", "And God said 語").Result;
        Assert.That(string.Join(',', score.GetProperty("tokens").EnumerateArray().Select(t => t.GetInt32())), Is.EqualTo(tokens));
    }

    [Test]
    public void ATokenizerThatCannotBeReadLeavesTokenIds()
    {
        using var folder = new ModelFolder(ModelFolder.SmallConfig());
        folder.WriteText("tokenizer.json", """{"model": {"type": "Unigram"}}""");
        (int code, _, string error) = CommandLine.Run("generate", "--model", folder.Folder, "--prompt", "x", "--max-tokens", "1");
        Assert.That(code, Is.EqualTo(2));
        Assert.That(error, Does.Contain("'Unigram' is not supported").And.Contain("cannot be read; give --tokens"));
        folder.Delete("tokenizer.json");
        Assert.That(CommandLine.Run("generate", "--model", folder.Folder, "--prompt", "x", "--max-tokens", "1").Error, Does.Contain("the model has no tokenizer; give --tokens"));
    }

    /// <summary>A reply cannot clear the screen, retitle the window or read backwards.</summary>
    [TestCase("plain\ttext\r\nof 語😀\n", "plain\ttext\r\nof 語😀\n")]
    [TestCase("\u001B[2Ja\rb\0\u007F\u009B", @"\u001B[2Ja\u000Db\u0000\u007F\u009B")]
    [TestCase("a\u202Eb\u2066", @"a\u202Eb\u2066")]
    [TestCase("\r", @"\u000D")]
    public void WhatSteersATerminalIsShownAsItsCode(string text, string shown)
    {
        using StringWriter standard = new(), error = new();
        var output = new Output(standard, error, isJson: false);
        output.Part(text);
        output.Note(text);
        output.Line(text);
        Assert.That(standard.ToString(), Is.EqualTo(shown + shown + Environment.NewLine));
        Assert.That(error.ToString(), Is.EqualTo(shown + Environment.NewLine));
    }
}

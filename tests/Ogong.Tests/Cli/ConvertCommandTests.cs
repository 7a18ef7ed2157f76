using System.Text.Json;
using NUnit.Framework;
using Ogong.Compute;
using Ogong.Models;

namespace Ogong.Tests.Cli;

/// <summary>convert, and what runs on the files it writes.</summary>
internal sealed class ConvertCommandTests
{
    private const string Root = "d1743d7866dca736d09185d42c9b480c429972c1f3d95699a6cdc161dc4b7d67";
    private const string QuantisedRoot = "40df3aa2ca203897017d8159e09d016b3f7c26b7ee505c675844768cc84742f0";

    private static readonly string s_model = Repository.Model("kjv-0.9m");
    private string _folder = "";

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("ogong-convert-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void The_same_product_in_another_file_generates_the_same_and_audits_as_the_original()
    {
        string file = Convert("bf16", same: true, Root), reply = Path.Combine(_folder, "a.ogong");
        string[] generate = ["--prompt", "And God said", "--max-tokens", "20", "--seed", "3", "--temperature", "1"];
        JsonElement fromFile = Json(["generate", "--model", file, "--out", reply, .. generate]), fromFolder = Json(["generate", "--model", s_model, .. generate]);
        Assert.That(fromFile.GetProperty("commit_root").GetString(), Is.EqualTo(fromFolder.GetProperty("commit_root").GetString()));
        Assert.That(Json("audit", "--model", s_model, "--reply", reply).GetProperty("verdict").GetString(), Is.EqualTo("accept"));
        Assert.That(Json("model", "verify", file, "--root", Root, "--no-cache").GetProperty("verdict").GetString(), Is.EqualTo("accept"));
    }

    [Test]
    public void A_quantised_model_is_listed_and_named()
    {
        string file = Convert("q8_0", same: false, QuantisedRoot);
        Assert.That(Json("model", "root", file).GetProperty("model_root").GetString(), Is.EqualTo(QuantisedRoot));
        JsonElement[] tensors = [.. Json("model", "list", file).GetProperty("tensors").EnumerateArray()];
        Assert.That(tensors, Has.Length.EqualTo(2 + (5 * 9)));
        JsonElement down = tensors.Single(static t => t.GetProperty("name").GetString() == "model.layers.4.mlp.down_proj.weight");
        Assert.That((down.GetProperty("type").GetString(), down.GetProperty("shape")[1].GetInt32(), down.GetProperty("bytes").GetInt64()), Is.EqualTo(("Q8_0", 352, 128L * 11 * 34)));
        Assert.That(CommandLine.Run("model", "list", file).Out, Does.Contain("model.norm.weight").And.Contain("BF16").And.Contain("47 tensors"));
    }

    [Test]
    public void A_quantised_model_is_a_product_of_its_own_that_audits_as_itself()
    {
        string file = Convert("q8_0", same: false, QuantisedRoot), reply = Path.Combine(_folder, "a.ogong");
        Assert.That(Json("generate", "--model", file, "--prompt", "And God said", "--max-tokens", "8", "--out", reply).GetProperty("model_root").GetString(), Is.EqualTo(QuantisedRoot));
        Assert.That(Json("audit", "--model", file, "--reply", reply, "--device", "reference").GetProperty("verdict").GetString(), Is.EqualTo("accept"));
        (int code, JsonElement verdict, _) = CommandLine.RunJson("audit", "--model", s_model, "--reply", reply);
        Assert.That((code, verdict.GetProperty("decided_by").GetString()), Is.EqualTo((1, "Model")));
    }

    [Test]
    public void An_I8_256_folder_is_a_product_of_its_own_that_audits_as_itself()
    {
        string folder = Path.Combine(_folder, "i8"), reply = Path.Combine(_folder, "a.ogong");
        JsonElement result = Json("convert", "--model", s_model, "--type", "i8_256", "--out", folder);
        using (var model = StoredModel.Open(s_model))
            Assert.That(result.GetProperty("model_root").GetString(), Is.EqualTo(ModelManifest.Compute(SubstitutedWeights.WithMatricesAs(model, ElementType.I8_256)).ModelRoot.ToString()));
        Assert.That(result.GetProperty("bytes").GetInt64(), Is.EqualTo(Directory.GetFiles(folder).Sum(static f => new FileInfo(f).Length)));
        Json("generate", "--model", folder, "--prompt", "And God said", "--max-tokens", "8", "--out", reply);
        Assert.That(Json("audit", "--model", folder, "--reply", reply, "--device", "reference").GetProperty("verdict").GetString(), Is.EqualTo("accept"));
        Assert.That(CommandLine.RunJson("audit", "--model", s_model, "--reply", reply).Code, Is.EqualTo(1));
    }

    [Test]
    public void What_was_written_is_said_where_no_matrix_has_the_type_asked_for()
    {
        JsonElement result = Json("convert", "--model", s_model, "--type", "q4_k", "--otherwise", "q8_0", "--out", Path.Combine(_folder, "m.gguf"));
        (string Name, int)[] matrices = [.. result.GetProperty("matrices").EnumerateObject().Select(static m => (m.Name, m.Value.GetInt32()))];
        Assert.That(matrices, Is.EqualTo(new[] { ("Q8_0", 36) }));
        Assert.That(result.GetProperty("model_root").GetString(), Is.EqualTo(QuantisedRoot));
    }

    [TestCase("--type is one of f32, f16, bf16, q8_0, q4_0, q4_k, q6_k, i8_256, not 'q5_k'", "q5_k", "x.gguf")]
    [TestCase("Tensor model.embed_tokens.weight has rows of 128 elements, no whole number of Q4_K blocks of 256", "q4_k", "x.gguf")]
    [TestCase("There is no folder '", "bf16", "no/such/folder/x.gguf")]
    [TestCase("There is no folder '", "bf16", "no/such/folder/x")]
    [TestCase("exists already", "i8_256", ".")]
    [TestCase("i8_256 is not one of GGUF's types: --out must be a folder.", "i8_256", "x.gguf")]
    [TestCase("Q6_K is one of GGUF's types: --out must end in .gguf.", "q6_k", "x")]
    public void Bad_input_is_one_line_and_code_two(string reason, string type, string file)
    {
        (int code, string output, string error) = CommandLine.Run("convert", "--model", s_model, "--type", type, "--out", Path.Combine(_folder, file));
        Assert.That((code, output), Is.EqualTo((2, "")));
        Assert.That(error, Does.Contain(reason));
    }

    [Test]
    public void A_file_is_not_converted_onto_itself()
    {
        string file = Convert("bf16", same: true, Root);
        (int code, _, string error) = CommandLine.Run("convert", "--model", file, "--type", "q8_0", "--out", file);
        Assert.That((code, error), Is.EqualTo((2, $"ogong: --out is the model itself.{Environment.NewLine}")));
    }

    private string Convert(string type, bool same, string root)
    {
        string file = Path.Combine(_folder, $"{type}.gguf");
        JsonElement result = Json("convert", "--model", s_model, "--type", type, "--out", file);
        Assert.That((result.GetProperty("model_root").GetString(), result.GetProperty("original_root").GetString(), result.GetProperty("same_product").GetBoolean()), Is.EqualTo((root, Root, same)));
        Assert.That(result.GetProperty("bytes").GetInt64(), Is.EqualTo(new FileInfo(file).Length));
        return file;
    }

    private static JsonElement Json(params string[] args)
    {
        (int code, JsonElement result, string error) = CommandLine.RunJson(args);
        Assert.That(code, Is.Zero, error);
        return result;
    }
}

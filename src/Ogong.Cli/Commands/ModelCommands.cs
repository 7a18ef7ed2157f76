using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Ogong.Bytes;
using Ogong.Models;

namespace Ogong.Cli.Commands;

/// <summary><c>model root</c>, <c>model verify</c> and <c>model list</c>: the hash that names a model, and what is in it.</summary>
internal static class ModelCommands
{
    public static Command Create() => new("model", "Name, check and list models.") { Root(), Verify(), ModelListCommand.Create() };

    private static Command Root()
    {
        Argument<string> path = CommonOptions.ModelPath();
        Option<bool> noCache = CommonOptions.NoCache();
        return new Command("root", "Print a model's root and what it is made of.") { path, noCache }.Handle((context, cancellationToken) =>
        {
            (ModelManifest manifest, IReadOnlyList<string> extra, TimeSpan took) = Compute(context.Get(path), !context.Get(noCache), cancellationToken);
            context.Output.Json(json =>
            {
                json.WriteString("model_root", manifest.ModelRoot.ToString());
                WriteConfig(json, manifest.Config);
                WriteParts(json, manifest);
                WriteStrings(json, "unused_tensors", extra);
                json.WriteNumber("seconds", took.TotalSeconds);
            });
            context.Output.Line(manifest.ModelRoot.ToString());
            context.Output.Facts("model", Describe(manifest.Config));
            context.Output.Facts("parts",
            [
                ("embedding", $"{manifest.Embedding}  {manifest.Units.Embedding:N0} units"),
                .. manifest.Layers.Select((root, i) => ($"layer {i}", $"{root}  {manifest.Units.Layer:N0} units")),
                ("head", $"{manifest.Head}  {manifest.Units.Head:N0} + {manifest.Units.Sampling:N0} units"),
            ]);
            NoteUnused(context.Output, extra);
            return ExitCode.Ok;
        });
    }

    private static Command Verify()
    {
        Argument<string> path = CommonOptions.ModelPath();
        Option<bool> noCache = CommonOptions.NoCache();
        Option<Digest> expected = new("--root")
        {
            Description = "The root the model should have.",
            HelpName = "HEX",
            Required = true,
            CustomParser = static result => Digest.TryParse(result.Tokens[0].Value, out Digest digest)
                ? digest
                : CommonOptions.Refuse<Digest>(result, "--root is 64 hexadecimal digits."),
        };
        return new Command("verify", "Check that a folder or file holds the model of a given root.") { path, expected, noCache }.Handle((context, cancellationToken) =>
        {
            (ModelManifest manifest, IReadOnlyList<string> extra, TimeSpan took) = Compute(context.Get(path), !context.Get(noCache), cancellationToken);
            Digest wanted = context.Get(expected);
            bool accepted = manifest.ModelRoot == wanted;
            context.Output.Json(json =>
            {
                json.WriteString("verdict", accepted ? "accept" : "reject");
                json.WriteString("model_root", manifest.ModelRoot.ToString());
                json.WriteString("expected_root", wanted.ToString());
                WriteStrings(json, "unused_tensors", extra);
                json.WriteNumber("seconds", took.TotalSeconds);
            });
            context.Output.Line(accepted ? $"Accept: the model's root is {wanted}." : $"Reject: the model's root is {manifest.ModelRoot}, not {wanted}.");
            NoteUnused(context.Output, extra);
            return accepted ? ExitCode.Ok : ExitCode.Reject;
        });
    }

    private static (ModelManifest Manifest, IReadOnlyList<string> Extra, TimeSpan Took) Compute(string path, bool useCache, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        using StoredModel model = StoredModel.Open(path);
        ModelManifest manifest = ModelManifest.Compute(model, useCache, cancellationToken);
        return (manifest, model.ExtraTensors, Stopwatch.GetElapsedTime(start));
    }

    private static void NoteUnused(Output output, IReadOnlyList<string> extra)
    {
        if (extra.Count > 0) output.Note($"note: {extra.Count} tensors are not used and not bound by the root, the first being {extra[0]}");
    }

    private static IEnumerable<(string, string)> Describe(ModelConfig c) =>
    [
        ("architecture", $"{c.Architecture}, {c.Layers} layers, hidden {c.HiddenSize}, feed-forward {c.IntermediateSize}"),
        ("heads", $"{c.Heads} query, {c.KvHeads} key/value, of {c.HeadDim}"),
        ("vocabulary", $"{c.VocabularySize}{(c.TiedEmbeddings ? ", embeddings tied" : "")}"),
        ("positions", $"{c.MaxPositions}{(c.SlidingWindow is { } window ? $", window {window}" : "")}"),
        ("rope", c.RopeScaling is { } s ? $"theta {c.RopeTheta}, llama3 factor {s.Factor} from {s.OriginalMaxPositions}" : $"theta {c.RopeTheta}"),
        ("tokenizer", Tokenizer(c.Tokenizer)),
    ];

    private static string Tokenizer(TokenizerIdentity tokenizer) => tokenizer.Kind switch
    {
        TokenizerKind.Bytes => "byte-level",
        TokenizerKind.File => $"tokenizer.json {tokenizer.Sha256}",
        TokenizerKind.Gguf => $"GGUF metadata {tokenizer.Sha256}",
        _ => "none",
    };

    private static void WriteConfig(Utf8JsonWriter json, ModelConfig c)
    {
        json.WriteStartObject("config");
        json.WriteString("architecture", c.Architecture.ToString());
        json.WriteNumber("layers", c.Layers);
        json.WriteNumber("hidden_size", c.HiddenSize);
        json.WriteNumber("heads", c.Heads);
        json.WriteNumber("kv_heads", c.KvHeads);
        json.WriteNumber("head_dim", c.HeadDim);
        json.WriteNumber("intermediate_size", c.IntermediateSize);
        json.WriteNumber("vocabulary_size", c.VocabularySize);
        json.WriteNumber("max_positions", c.MaxPositions);
        json.WriteBoolean("tied_embeddings", c.TiedEmbeddings);
        json.WriteNumber("rms_norm_epsilon", c.RmsNormEpsilon);
        json.WriteNumber("rope_theta", c.RopeTheta);
        if (c.SlidingWindow is { } window) json.WriteNumber("sliding_window", window);
        else json.WriteNull("sliding_window");
        json.WriteStartArray("end_tokens");
        foreach (int token in c.EndTokens) json.WriteNumberValue(token);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteParts(Utf8JsonWriter json, ModelManifest manifest)
    {
        json.WriteStartObject("parts");
        json.WriteString("embedding", manifest.Embedding.ToString());
        WriteStrings(json, "layers", manifest.Layers.Select(static l => l.ToString()));
        json.WriteString("head", manifest.Head.ToString());
        json.WriteEndObject();
        json.WriteStartObject("work_units");
        json.WriteNumber("embedding", manifest.Units.Embedding);
        json.WriteNumber("layer", manifest.Units.Layer);
        json.WriteNumber("head", manifest.Units.Head);
        json.WriteNumber("sampling", manifest.Units.Sampling);
        json.WriteEndObject();
    }

    private static void WriteStrings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }
}

using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Ogong.Compute;
using Ogong.Models;

namespace Ogong.Cli.Commands;

/// <summary><c>convert</c>: a model as a GGUF file or a folder, in another type if asked for, which makes it another product.</summary>
internal static class ConvertCommand
{
    private static readonly Dictionary<string, ElementType> s_types = new(StringComparer.Ordinal)
    {
        ["f32"] = ElementType.F32,
        ["f16"] = ElementType.F16,
        ["bf16"] = ElementType.BF16,
        ["q8_0"] = ElementType.Q8_0,
        ["q4_0"] = ElementType.Q4_0,
        ["q4_k"] = ElementType.Q4_K,
        ["q6_k"] = ElementType.Q6_K,
        ["i8_256"] = ElementType.I8_256,
    };

    public static Command Create()
    {
        Option<string> model = CommonOptions.Model();
        Option<string> outPath = new("--out") { Description = "What to write: a GGUF file, replaced if it exists, where the name ends in .gguf; else a folder of safetensors, which must not exist.", HelpName = "FILE.gguf|FOLDER", Required = true };
        Option<ElementType?> type = Type("--type", "How to store the matrices. Vectors keep value and type. Blocks other than i8_256 go into GGUF files only, i8_256 into folders only.");
        type.Required = true;
        Option<ElementType?> otherwise = Type("--otherwise", "How to store matrices whose rows are no whole number of blocks of --type. Without it they are refused.");
        return new Command("convert", "Write a model as a GGUF file or a folder, rounded or quantised to a type.") { model, type, otherwise, outPath }.Handle((context, cancellationToken) =>
        {
            long start = Stopwatch.GetTimestamp();
            string path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(context.Get(outPath)));
            using StoredModel original = StoredModel.Open(context.Get(model));
            if (path == original.FullPath) throw new BadInputException("--out is the model itself.");
            Write(original, context.Get(type)!.Value, context.Get(otherwise), path, cancellationToken);
            ModelManifest before = ModelManifest.Compute(original, useCache: true, cancellationToken);
            using StoredModel written = StoredModel.Open(path);
            ModelManifest after = ModelManifest.Compute(written, useCache: false, cancellationToken);
            long bytes = File.Exists(path) ? new FileInfo(path).Length : new DirectoryInfo(path).EnumerateFiles().Sum(static f => f.Length);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            bool same = before.ModelRoot == after.ModelRoot;
            // What is there, not what was asked for: with --otherwise any share of the matrices, even all, may be of the other type.
            KeyValuePair<ElementType, int>[] matrices = [.. TensorNames.All(written.Config).Where(static s => !s.IsVector).CountBy(s => written.Tensor(s.Name).Type).OrderByDescending(static m => m.Value)];
            context.Output.Json(json =>
            {
                json.WriteString("path", path);
                json.WriteString("type", context.Get(type).ToString());
                json.WriteStartObject("matrices");
                foreach ((ElementType stored, int count) in matrices) json.WriteNumber(stored.ToString(), count);
                json.WriteEndObject();
                json.WriteString("model_root", after.ModelRoot.ToString());
                json.WriteString("original_root", before.ModelRoot.ToString());
                json.WriteBoolean("same_product", same);
                json.WriteNumber("bytes", bytes);
                json.WriteNumber("seconds", seconds);
            });
            context.Output.Facts("model",
                ("path", path),
                ("matrices", string.Join(", ", matrices.Select(static m => string.Create(CultureInfo.InvariantCulture, $"{m.Value} in {m.Key}")))),
                ("size", string.Create(CultureInfo.InvariantCulture, $"{bytes:N0} bytes")),
                ("model root", after.ModelRoot.ToString()),
                ("original", same ? "the same root: the same product in another file" : $"{before.ModelRoot}: another product"));
            return ExitCode.Ok;
        });
    }

    private static void Write(StoredModel model, ElementType type, ElementType? otherwise, string path, CancellationToken cancellationToken)
    {
        bool isFile = path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase);
        if (Path.GetDirectoryName(path) is { } parent && !Directory.Exists(parent)) throw new BadInputException($"There is no folder '{parent}' to write into.");
        if (isFile && (type == ElementType.I8_256 || otherwise == ElementType.I8_256)) throw new BadInputException("i8_256 is not one of GGUF's types: --out must be a folder.");
        if (!isFile && type.IsBlock() && type != ElementType.I8_256) throw new BadInputException($"{type} is one of GGUF's types: --out must end in .gguf.");
        if (!isFile && otherwise is not null) throw new BadInputException("--otherwise is for GGUF files: in a folder every matrix has the one type.");
        if (isFile) GgufWriter.Write(model, type, path, otherwise, cancellationToken);
        else ModelDirectoryWriter.Write(model, type, path, cancellationToken);
    }

    private static Option<ElementType?> Type(string name, string description) => new(name)
    {
        Description = description,
        HelpName = string.Join('|', s_types.Keys),
        CustomParser = result => s_types.TryGetValue(result.Tokens[0].Value, out ElementType type)
            ? type
            : CommonOptions.Refuse<ElementType?>(result, $"{name} is one of {string.Join(", ", s_types.Keys)}, not '{result.Tokens[0].Value}'."),
    };
}

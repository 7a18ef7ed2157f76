using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Ogong.Compute;
using Ogong.Models;

namespace Ogong.Cli.Commands;

/// <summary><c>convert</c>: a model as a GGUF file, in another type if asked for, which makes it another product.</summary>
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
    };

    public static Command Create()
    {
        Option<string> model = CommonOptions.Model();
        Option<string> outFile = new("--out") { Description = "The GGUF file to write; it is replaced if it exists.", HelpName = "FILE", Required = true };
        Option<ElementType?> type = Type("--type", "How to store the matrices. Vectors keep value and type.");
        type.Required = true;
        Option<ElementType?> otherwise = Type("--otherwise", "How to store matrices whose rows are no whole number of blocks of --type. Without it they are refused.");
        return new Command("convert", "Write a model as a GGUF file, rounded or quantised to a type.") { model, type, otherwise, outFile }.Handle((context, cancellationToken) =>
        {
            long start = Stopwatch.GetTimestamp();
            string file = Path.GetFullPath(context.Get(outFile));
            using StoredModel original = StoredModel.Open(context.Get(model));
            if (file == original.FullPath) throw new BadInputException("--out is the model itself.");
            GgufWriter.Write(original, context.Get(type)!.Value, file, context.Get(otherwise), cancellationToken);
            ModelManifest before = ModelManifest.Compute(original, useCache: true, cancellationToken);
            using GgufModel written = GgufModel.Open(file);
            ModelManifest after = ModelManifest.Compute(written, useCache: false, cancellationToken);
            long bytes = new FileInfo(file).Length;
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            bool same = before.ModelRoot == after.ModelRoot;
            context.Output.Json(json =>
            {
                json.WriteString("file", file);
                json.WriteString("type", context.Get(type).ToString());
                json.WriteString("model_root", after.ModelRoot.ToString());
                json.WriteString("original_root", before.ModelRoot.ToString());
                json.WriteBoolean("same_product", same);
                json.WriteNumber("bytes", bytes);
                json.WriteNumber("seconds", seconds);
            });
            context.Output.Facts("model",
                ("file", file),
                ("type", string.Create(CultureInfo.InvariantCulture, $"{context.Get(type)}, {bytes:N0} bytes")),
                ("model root", after.ModelRoot.ToString()),
                ("original", same ? "the same root: the same product in another file" : $"{before.ModelRoot}: another product"));
            return ExitCode.Ok;
        });
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

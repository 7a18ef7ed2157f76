using System.CommandLine;
using Ogong.Compute;
using Ogong.Models;
using Spectre.Console;

namespace Ogong.Cli.Commands;

/// <summary><c>model list</c>: the tensors of a model. Reads headers only.</summary>
internal static class ModelListCommand
{
    public static Command Create()
    {
        Argument<string> path = CommonOptions.ModelPath();
        return new Command("list", "List a model's tensors with type, shape and size.") { path }.Handle((context, _) =>
        {
            using StoredModel model = StoredModel.Open(context.Get(path));
            (TensorSpec Spec, ElementType Type, long Bytes)[] tensors = [.. TensorNames.All(model.Config).Select(spec => Describe(spec, model.Tensor(spec.Name)))];
            context.Output.Json(json =>
            {
                json.WriteStartArray("tensors");
                foreach ((TensorSpec spec, ElementType type, long bytes) in tensors)
                {
                    json.WriteStartObject();
                    json.WriteString("name", spec.Name);
                    json.WriteString("type", type.ToString());
                    json.WriteStartArray("shape");
                    if (!spec.IsVector) json.WriteNumberValue(spec.Rows);
                    json.WriteNumberValue(spec.Columns);
                    json.WriteEndArray();
                    json.WriteNumber("bytes", bytes);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
                json.WriteNumber("bytes", tensors.Sum(static t => t.Bytes));
            });
            var table = new Table().AddColumns("tensor", "type", "shape", "bytes");
            foreach ((TensorSpec spec, ElementType type, long bytes) in tensors)
                table.AddRow(spec.Name, type.ToString(), spec.IsVector ? $"{spec.Columns}" : $"{spec.Rows} × {spec.Columns}", $"{bytes:N0}");
            context.Output.People.Write(table);
            context.Output.Line($"{tensors.Length} tensors, {tensors.Sum(static t => t.Bytes):N0} bytes");
            return ExitCode.Ok;
        });
    }

    private static (TensorSpec, ElementType, long) Describe(TensorSpec spec, ITensorSource tensor) => (spec, tensor.Type, spec.Rows * tensor.Type.RowBytes(spec.Columns));
}

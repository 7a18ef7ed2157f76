using Ogong.Compute;

namespace Ogong.Models;

/// <summary>
/// Writes models as GGUF files: the standard keys and tensors, which other programs read, and the exact config. Equal input makes equal
/// bytes.
/// </summary>
public static class GgufWriter
{
    private const string NoGgufType = "I8-256 is not one of GGUF's types.";

    /// <summary>
    /// Writes a model with its matrices stored as <paramref name="type"/>. Matrices of another type are widened and rounded to it; where none
    /// was, the file has the <c>model_root</c> of the original. Vectors keep value and type. The file appears when it is complete.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="type">Any type but I8-256.</param>
    /// <param name="path">The file, replaced if it exists.</param>
    /// <param name="otherwise">The type of matrices whose rows are no whole number of blocks of <paramref name="type"/>; without it they are refused.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    /// <exception cref="ModelFormatException">A tensor cannot be stored so, or is not finite; the message names it.</exception>
    /// <exception cref="IOException">A file could not be read or written.</exception>
    public static void Write(StoredModel model, ElementType type, string path, ElementType? otherwise = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (type == ElementType.I8_256) throw new ArgumentOutOfRangeException(nameof(type), type, NoGgufType);
        if (otherwise == ElementType.I8_256) throw new ArgumentOutOfRangeException(nameof(otherwise), otherwise, NoGgufType);
        TensorSpec[] specs = [.. TensorNames.All(model.Config)];
        ElementType[] types = [.. specs.Select(s => s.IsVector ? ElementType.F32 : MatrixTypes.Of(s, type, otherwise, model.FullPath))];
        GgufHeaderWriter header = Header(model, type, specs, types);
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                header.WriteTo(stream);
                var data = new GgufDataWriter(stream, model, cancellationToken);
                data.WriteRopeFactors();
                foreach ((TensorSpec spec, ElementType stored) in specs.Zip(types)) data.Write(model.Tensor(spec.Name), stored);
            }
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary); // nothing is left of it where all went well
        }
    }

    private static GgufHeaderWriter Header(StoredModel model, ElementType type, TensorSpec[] specs, ElementType[] types)
    {
        var header = new GgufHeaderWriter();
        ModelConfig config = model.Config;
        GgufKeys.Write(header, config);
        header.Add("general.file_type", FileType(type));
        if (types.Any(static t => t.IsBlock())) header.Add("general.quantization_version", 2);
        GgufTokenizer.Write(header, model);
        header.AddBytes(GgufConfig.ConfigKey, ModelConfigEncoding.Encode(config));
        header.AddBytes(GgufConfig.VectorTypesKey, [.. specs.Where(static s => s.IsVector).Select(s => (byte)model.Tensor(s.Name).Type)]);
        if (RopeFactors.Of(config) is { Length: > 0 } factors) header.AddTensor(GgufNames.RopeFactors, ElementType.F32, factors.Length);
        foreach ((TensorSpec spec, ElementType stored) in specs.Zip(types)) header.AddTensor(GgufNames.Of(spec.Name), stored, spec.IsVector ? [spec.Columns] : [spec.Rows, spec.Columns]);
        return header;
    }

    /// <summary>The format's number for "most tensors are of this type".</summary>
    private static uint FileType(ElementType type) => type switch
    {
        ElementType.F32 => 0,
        ElementType.F16 => 1,
        ElementType.Q4_0 => 2,
        ElementType.Q8_0 => 7,
        ElementType.Q4_K => 14,
        ElementType.Q6_K => 18,
        _ => 32, // BF16
    };
}

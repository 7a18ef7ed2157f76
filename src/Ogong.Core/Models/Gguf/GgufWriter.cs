using Ogong.Compute;

namespace Ogong.Models;

/// <summary>
/// Writes models as GGUF files: the standard keys and tensors, which other programs read, and the exact config. Equal input makes equal
/// bytes.
/// </summary>
public static class GgufWriter
{
    /// <summary>
    /// Writes a model with its matrices stored as <paramref name="type"/>. Matrices of another type are widened and rounded to it; where none
    /// was, the file has the <c>model_root</c> of the original. Vectors keep value and type. The file appears when it is complete.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="type">F32, F16, BF16, Q8_0 or Q4_0.</param>
    /// <param name="path">The file, replaced if it exists.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    /// <exception cref="ModelFormatException">A tensor cannot be stored so, or is not finite; the message names it.</exception>
    /// <exception cref="IOException">A file could not be read or written.</exception>
    public static void Write(StoredModel model, ElementType type, string path, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!ElementStorage.CanRound(type) || type == ElementType.I8_256) throw new ArgumentOutOfRangeException(nameof(type), type, "K-quants are read, not made, and I8-256 is not one of GGUF's types.");
        TensorSpec[] specs = [.. TensorNames.All(model.Config)];
        GgufHeaderWriter header = Header(model, type, specs);
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                header.WriteTo(stream);
                var data = new GgufDataWriter(stream, model, cancellationToken);
                data.WriteRopeFactors();
                foreach (TensorSpec spec in specs) data.Write(model.Tensor(spec.Name), spec.IsVector ? ElementType.F32 : type);
            }
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary); // nothing is left of it where all went well
        }
    }

    private static GgufHeaderWriter Header(StoredModel model, ElementType type, TensorSpec[] specs)
    {
        var header = new GgufHeaderWriter();
        ModelConfig config = model.Config;
        GgufKeys.Write(header, config);
        header.Add("general.file_type", FileType(type));
        if (type.IsBlock()) header.Add("general.quantization_version", 2);
        GgufTokenizer.Write(header, model);
        header.AddBytes(GgufConfig.ConfigKey, GgufConfig.Encode(config));
        header.AddBytes(GgufConfig.VectorTypesKey, [.. specs.Where(static s => s.IsVector).Select(s => (byte)model.Tensor(s.Name).Type)]);
        if (RopeFactors.Of(config) is { Length: > 0 } factors) header.AddTensor(GgufNames.RopeFactors, ElementType.F32, factors.Length);
        foreach (TensorSpec spec in specs)
        {
            if (spec.IsVector) header.AddTensor(GgufNames.Of(spec.Name), ElementType.F32, spec.Columns);
            else if (spec.Columns % type.BlockElements() == 0) header.AddTensor(GgufNames.Of(spec.Name), type, spec.Rows, spec.Columns);
            else throw new ModelFormatException(model.FullPath, $"Tensor {spec.Name} has rows of {spec.Columns} elements, no whole number of {type} blocks of {type.BlockElements()}.");
        }
        return header;
    }

    /// <summary>The format's number for "most tensors are of this type".</summary>
    private static uint FileType(ElementType type) => type switch
    {
        ElementType.F32 => 0,
        ElementType.F16 => 1,
        ElementType.Q4_0 => 2,
        ElementType.Q8_0 => 7,
        _ => 32, // BF16
    };
}

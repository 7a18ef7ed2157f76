namespace Ogong.Models;

/// <summary>
/// <c>tokenizer.gguf</c> in a model folder: a GGUF file of nothing but the tokenizer's keys, as the GGUF file had them that the folder was converted
/// from. So the tokenizer, and its hash in <c>model_root</c>, are the same in both.
/// </summary>
internal static class GgufTokenizerFile
{
    private const string Name = "tokenizer.gguf";

    /// <summary>Which tokenizer the file holds; null where there is no such file.</summary>
    public static TokenizerIdentity? Identity(string folder)
    {
        string path = PathIn(folder);
        if (!File.Exists(path)) return null;
        Read(path, out TokenizerIdentity identity);
        return identity;
    }

    /// <summary>The keys of a folder's file, if it still holds the tokenizer that was found there.</summary>
    public static GgufMetadata Open(string folder, TokenizerIdentity expected)
    {
        string path = PathIn(folder);
        GgufMetadata metadata = Read(path, out TokenizerIdentity identity);
        return identity == expected ? metadata : throw new ModelFormatException(path, "The file has changed since the model was opened.");
    }

    /// <summary>Writes the tokenizer of a GGUF file, or of a folder, into another folder, if it has one.</summary>
    public static void Write(StoredModel model, string folder)
    {
        TokenizerKind kind = model.Config.Tokenizer.Kind;
        if (kind is TokenizerKind.None or TokenizerKind.Bytes) return;
        string target = kind == TokenizerKind.File ? Path.Combine(folder, TokenizerJson.FileName) : PathIn(folder);
        if (model is not GgufModel gguf)
        {
            File.Copy(Path.Combine(model.FullPath, Path.GetFileName(target)), target);
            return;
        }
        using var stream = new FileStream(target, FileMode.CreateNew, FileAccess.Write, FileShare.None);
        if (kind == TokenizerKind.File)
        {
            gguf.Metadata.Utf8(GgufTokenizer.HuggingFaceKey, out ReadOnlySpan<byte> json);
            stream.Write(json);
            return;
        }
        var header = new GgufHeaderWriter();
        GgufTokenizer.Write(header, model);
        header.WriteTo(stream);
    }

    public static string PathIn(string folder) => Path.Combine(folder, Name);

    private static GgufMetadata Read(string path, out TokenizerIdentity identity)
    {
        byte[] bytes = BoundedFile.Read(path, TokenizerIdentity.MaxFileBytes);
        GgufHeader header = GgufHeader.Parse(bytes, bytes.Length, path);
        if (header.Tensors.Count > 0) throw new ModelFormatException(path, "The file holds tensors; it is to hold a tokenizer alone.");
        var metadata = new GgufMetadata(header.Metadata, bytes, path);
        identity = GgufTokenizer.Identity(metadata, vocabularySize: 0);
        return identity.Kind == TokenizerKind.Gguf ? metadata : throw metadata.Refuse(GgufTokenizer.ModelKey, "names no tokenizer.");
    }
}

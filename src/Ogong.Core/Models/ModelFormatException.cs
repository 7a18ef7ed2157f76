namespace Ogong.Models;

/// <summary>
/// A model's files are malformed, or ask for something this library refuses. Whatever the bytes of those files, opening a model raises
/// nothing else (besides I/O errors).
/// </summary>
public sealed class ModelFormatException : FormatException
{
    private const int MaxQuotedLength = 120;

    /// <summary>Creates the failure.</summary>
    /// <param name="file">The offending file.</param>
    /// <param name="reason">What is wrong with it, naming the key or tensor.</param>
    public ModelFormatException(string file, string reason) : base($"{Path.GetFileName(file)}: {reason}")
        => (File, Reason) = (file, reason);

    /// <summary>Creates the failure with its cause.</summary>
    public ModelFormatException(string file, string reason, Exception cause) : base($"{Path.GetFileName(file)}: {reason}", cause)
        => (File, Reason) = (file, reason);

    /// <summary>The offending file.</summary>
    public string File { get; }

    /// <summary>What is wrong with it, naming the key or tensor.</summary>
    public string Reason { get; }

    /// <summary>Text from a hostile file, made fit for a one-line message: control characters replaced, length bounded.</summary>
    internal static string Quote(string text)
    {
        string shown = text.Length <= MaxQuotedLength ? text : string.Concat(text.AsSpan(0, MaxQuotedLength), "…");
        return "'" + string.Create(shown.Length, shown, static (target, source) =>
        {
            for (int i = 0; i < target.Length; i++) target[i] = char.IsControl(source[i]) || char.IsSurrogate(source[i]) ? '\uFFFD' : source[i];
        }) + "'";
    }
}

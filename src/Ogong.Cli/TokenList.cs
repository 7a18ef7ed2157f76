using System.Globalization;

namespace Ogong.Cli;

/// <summary>Token ids as people write them: <c>1,2,3</c>, with spaces or line breaks too, or <c>@FILE</c> holding that.</summary>
internal static class TokenList
{
    private const int MaxFileBytes = 64 << 20;

    private static readonly char[] s_separators = [',', ' ', '\t', '\r', '\n'];

    /// <summary>The ids, each from 0 to 2³¹ − 1; at least one.</summary>
    /// <exception cref="BadInputException">The text is anything else; the message says where.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static int[] Parse(string text)
    {
        string list = text.StartsWith('@') ? ReadFile(text[1..]) : text;
        string[] parts = list.Split(s_separators, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0) throw new BadInputException("the token list is empty.");
        int[] tokens = new int[parts.Length];
        for (int i = 0; i < parts.Length; i++)
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out tokens[i]))
                throw new BadInputException($"item {i + 1} of the token list, '{Shorten(parts[i])}', is not a token id.");
        return tokens;
    }

    /// <summary>Checks that every id is in a model's vocabulary.</summary>
    /// <exception cref="BadInputException">One is not.</exception>
    public static int[] Within(int[] tokens, int vocabularySize)
    {
        int at = Array.FindIndex(tokens, t => t < 0 || t >= vocabularySize);
        return at < 0 ? tokens : throw new BadInputException($"token {at + 1}, {tokens[at]}, is outside the model's vocabulary of {vocabularySize}.");
    }

    private static string ReadFile(string path)
    {
        if (path.Length == 0) throw new BadInputException("'@' needs a file name after it.");
        var file = new FileInfo(path);
        if (file.Exists && file.Length > MaxFileBytes) throw new BadInputException($"{path} is longer than {MaxFileBytes} bytes.");
        return File.ReadAllText(path);
    }

    private static string Shorten(string text) => text.Length <= 40 ? text : text[..40] + "…";
}

using System.Globalization;
using Ogong.Models;

namespace Ogong.Cli.Diffusion;

/// <summary>Class labels as people write them: the character by which a model's config names a class, or its number; <c>#7</c> is always a number.</summary>
internal static class ClassLabel
{
    /// <summary>The class.</summary>
    /// <exception cref="BadInputException">The model has no such class, or none at all.</exception>
    public static int Parse(DenoiserConfig config, string text)
    {
        if (config.Classes == 0) throw new BadInputException("the model is conditioned on vectors, not on classes.");
        if (text.Length == 1 && config.ClassLabels.IndexOf(text[0]) is >= 0 and int named) return named;
        string digits = text.StartsWith('#') ? text[1..] : text;
        if (int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < config.Classes) return number;
        string classes = config.ClassLabels.Length > 0 ? $"one of {config.ClassLabels}, or " : "";
        throw new BadInputException($"--label is {classes}a class number from 0 to {config.Classes - 1} (#0 where that is ambiguous), not '{text}'.");
    }

    /// <summary>How people read a class.</summary>
    public static string Describe(DenoiserConfig config, int label) =>
        label < config.ClassLabels.Length ? $"{config.ClassLabels[label]} (class {label})" : $"class {label}";
}

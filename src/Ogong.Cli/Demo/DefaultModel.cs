namespace Ogong.Cli.Demo;

/// <summary>The small models shipped beside the program.</summary>
internal static class DefaultModel
{
    /// <summary>The text model.</summary>
    public static string Folder => Path.Combine(AppContext.BaseDirectory, "models", "kjv-0.9m");

    /// <summary>The diffusion model, which draws capital letters and digits.</summary>
    public static string DenoiserFolder => Path.Combine(AppContext.BaseDirectory, "models", "glyph-dit");
}

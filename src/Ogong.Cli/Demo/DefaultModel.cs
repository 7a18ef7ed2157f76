namespace Ogong.Cli.Demo;

/// <summary>The small model shipped beside the program.</summary>
internal static class DefaultModel
{
    public static string Folder => Path.Combine(AppContext.BaseDirectory, "models", "kjv-0.9m");
}

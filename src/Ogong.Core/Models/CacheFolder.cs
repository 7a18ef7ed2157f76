namespace Ogong.Models;

/// <summary>Where this library keeps what it can recompute. <c>OGONG_CACHE</c> names another folder, or <c>off</c> for none.</summary>
internal static class CacheFolder
{
    /// <summary>The environment variable.</summary>
    public const string Variable = "OGONG_CACHE";

    /// <summary>The folder, which need not exist yet; null where caching is off or the user has no cache folder.</summary>
    public static string? Locate()
    {
        string? chosen = Environment.GetEnvironmentVariable(Variable);
        if (string.Equals(chosen, "off", StringComparison.OrdinalIgnoreCase)) return null;
        if (!string.IsNullOrEmpty(chosen)) return Path.GetFullPath(chosen);
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        if (OperatingSystem.IsWindows())
            return Under(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "ogong", "cache");
        if (OperatingSystem.IsMacOS()) return Under(home, "Library", "Caches", "ogong");
        string? xdg = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        return Path.IsPathRooted(xdg) ? Path.Combine(xdg, "ogong") : Under(home, ".cache", "ogong");
    }

    private static string? Under(string folder, params ReadOnlySpan<string> parts)
        => folder.Length == 0 ? null : Path.Combine([folder, .. parts]);
}

namespace Ogong.Tests;

/// <summary>Where the checked-out repository and its test vectors are, whatever folder the tests run from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>A file or folder under <c>tests/vectors</c>.</summary>
    public static string Vector(params string[] parts) => Path.Combine([Root, "tests", "vectors", .. parts]);

    /// <summary>A model folder under <c>models</c>.</summary>
    public static string Model(string name) => Path.Combine(Root, "models", name);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "global.json")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests must run from inside a checkout of the repository.");
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Ogong.Native;

/// <summary>The places a library is looked for, in the order they are tried.</summary>
public enum LibrarySource
{
    /// <summary>A module that the process had loaded before the search.</summary>
    AlreadyLoaded,

    /// <summary>The path given by the caller. Nothing after it is tried.</summary>
    Option,

    /// <summary>The path in the library's environment variable. Nothing after it is tried.</summary>
    EnvironmentVariable,

    /// <summary>The folders of native files that came with the application's packages.</summary>
    Package,

    /// <summary>The operating system's loader, by name.</summary>
    OperatingSystem,

    /// <summary>The folders of the CUDA toolkit that <c>CUDA_HOME</c> or <c>CUDA_PATH</c> names.</summary>
    Toolkit,
}

/// <summary>One place that was tried.</summary>
/// <param name="Source">The kind of place.</param>
/// <param name="Location">The path or name that was tried, or what was looked through.</param>
/// <param name="Failure">Why it did not give the library; null for the attempt that did.</param>
public sealed record LibraryAttempt(LibrarySource Source, string Location, string? Failure);

/// <summary>What a search for a library found, or everything it tried and why each attempt failed. Dispose it to let the library go.</summary>
public sealed class LibrarySearch : IDisposable
{
    internal LibrarySearch(LibraryDescription library, LoadedLibrary? loaded, IReadOnlyList<LibraryAttempt> attempts)
    {
        Library = library;
        Loaded = loaded;
        Attempts = attempts;
    }

    /// <summary>The library that was looked for.</summary>
    public LibraryDescription Library { get; }

    /// <summary>The library, or null if it was not found.</summary>
    public LoadedLibrary? Loaded { get; }

    /// <summary>Whether the library was found and loaded.</summary>
    [MemberNotNullWhen(true, nameof(Loaded))]
    public bool IsFound => Loaded is not null;

    /// <summary>What was tried, in order. When the library was found, the last attempt is the one that succeeded.</summary>
    public IReadOnlyList<LibraryAttempt> Attempts { get; }

    /// <summary>The outcome in words: where the library was found, or one line for each attempt.</summary>
    public override string ToString()
    {
        if (IsFound)
            return $"{Library} found ({Loaded.Source}): {Loaded.Path}";
        var text = new StringBuilder($"{Library} not found; tried:");
        foreach (var attempt in Attempts)
            text.Append($"\n  {attempt.Source} {attempt.Location}: {attempt.Failure}");
        return text.ToString();
    }

    /// <inheritdoc/>
    public void Dispose() => Loaded?.Dispose();
}

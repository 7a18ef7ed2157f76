using System.Runtime.InteropServices;

namespace Ogong.Native;

/// <summary>One reference to a library the process has loaded. Safe to use from several threads; released by <see cref="SafeHandle.Dispose()"/>.</summary>
public sealed class LoadedLibrary : SafeHandle
{
    internal LoadedLibrary(nint handle, string path, LibrarySource source)
        : base(invalidHandleValue: 0, ownsHandle: true)
    {
        SetHandle(handle);
        Path = path;
        Source = source;
    }

    /// <summary>The file that was loaded, as far as the system tells; otherwise the name it was loaded by.</summary>
    public string Path { get; }

    /// <summary>Where it was found.</summary>
    public LibrarySource Source { get; }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Looks up an exported function.</summary>
    /// <param name="name">The function's name as exported.</param>
    /// <param name="address">Its address, valid until this object is disposed; 0 if there is none.</param>
    /// <returns>Whether the library exports it.</returns>
    /// <exception cref="ObjectDisposedException">The library was released.</exception>
    public bool TryGetExport(string name, out nint address)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        bool added = false;
        try
        {
            DangerousAddRef(ref added);
            return NativeLibrary.TryGetExport(handle, name, out address);
        }
        finally
        {
            if (added)
                DangerousRelease();
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        NativeLibrary.Free(handle);
        return true;
    }
}

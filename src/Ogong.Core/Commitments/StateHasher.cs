using Ogong.Bytes;

namespace Ogong.Commitments;

/// <summary>
/// Full-state hash of windows of states: <c>H(tag, u32 window ‖ u32 width ‖ binary32 … ‖ u32 rows)</c>, rows in order, little-endian. The number of rows comes last, so that a
/// window can be hashed while it grows; the width makes it unambiguous. Allocates nothing after construction. Not thread-safe.
/// </summary>
public sealed class StateHasher : IDisposable
{
    private readonly TaggedHasher hasher;

    private StateHasher(HashTag tag, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        hasher = new TaggedHasher(tag);
        Width = width;
        Start();
    }

    /// <summary>Values per row.</summary>
    public int Width { get; }

    /// <summary>Index of the window being hashed.</summary>
    public int Window { get; private set; }

    /// <summary>Rows appended to it.</summary>
    public int Rows { get; private set; }

    /// <summary>Whether the window has its 32 rows.</summary>
    public bool IsFull => Rows == CommitmentWindow.Length;

    /// <summary>Hashes states between segments, from window <paramref name="first"/> on.</summary>
    public static StateHasher ForBoundary(int width, int first = 0) => new StateHasher(CommitmentTags.BoundaryWindow, width).At(first);

    /// <summary>Hashes last hidden states (the input of the LM head), from window <paramref name="first"/> on.</summary>
    public static StateHasher ForHidden(int width, int first = 0) => new StateHasher(CommitmentTags.HiddenWindow, width).At(first);

    /// <summary>Hash of one whole boundary window.</summary>
    public static Digest HashBoundary(int window, ReadOnlySpan<float> rows, int width) => HashWindow(ForBoundary(width, window), rows);

    /// <summary>Hash of one whole window of last hidden states.</summary>
    public static Digest HashHidden(int window, ReadOnlySpan<float> rows, int width) => HashWindow(ForHidden(width, window), rows);

    /// <summary>Appends whole rows to the window.</summary>
    /// <exception cref="ArgumentException">Not whole rows, or more than the window has room for.</exception>
    public void Append(ReadOnlySpan<float> rows)
    {
        int count = rows.Length / Width;
        if (rows.Length % Width != 0) throw new ArgumentException($"Rows have {Width} values each.", nameof(rows));
        if (count > CommitmentWindow.Length - Rows) throw new ArgumentException("The window has no room for these rows.", nameof(rows));
        hasher.Append(rows);
        Rows += count;
    }

    /// <summary>The hash of the window, full or not; the next window starts.</summary>
    /// <exception cref="InvalidOperationException">The window is empty.</exception>
    public Digest Finish()
    {
        if (Rows == 0) throw new InvalidOperationException("A window has at least one row.");
        hasher.Append((uint)Rows);
        Digest hash = hasher.Finish();
        Rows = 0;
        Window++;
        Start();
        return hash;
    }

    /// <inheritdoc/>
    public void Dispose() => hasher.Dispose();

    private static Digest HashWindow(StateHasher hasher, ReadOnlySpan<float> rows)
    {
        using (hasher)
        {
            hasher.Append(rows);
            return hasher.Finish();
        }
    }

    private StateHasher At(int window)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(window);
        if (window != 0)
        {
            Window = window;
            hasher.Reset();
            Start();
        }
        return this;
    }

    private void Start()
    {
        hasher.Append((uint)Window);
        hasher.Append((uint)Width);
    }
}

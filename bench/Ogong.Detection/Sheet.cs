using Ogong.Bytes;
using Ogong.Commitments;

namespace Ogong.Detection;

/// <summary>One window's values in every form that a check compares, made once: the verifier's are compared with many providers'.</summary>
internal sealed class Sheet
{
    public static readonly int[] Directions = [4, 8, 16, 32, 64, 128];

    public static readonly int[] ListLengths = [4, 8, 16, 32, 64, 128];

    /// <summary>Directions and storage of every sketch: all lengths in 16 bits, and in 32 bits what shows whether rounding matters.</summary>
    public static readonly (int Directions, StorageFormat Format)[] Stores =
        [.. from format in (StorageFormat[])[StorageFormat.F16, StorageFormat.BF16] from m in Directions select (m, format), (4, StorageFormat.F32), (32, StorageFormat.F32)];

    private readonly Trace _trace;
    private readonly int _window;

    /// <summary>Makes the forms.</summary>
    /// <param name="trace">The values.</param>
    /// <param name="window">The window of them.</param>
    /// <param name="challenge">Seed of the bank that is drawn for this window.</param>
    /// <param name="verifier">Projects on it.</param>
    public Sheet(Trace trace, int window, ulong challenge, Verifier verifier)
    {
        (_trace, _window) = (trace, window);
        Sketches = [.. Stores.Select(s => Stored(trace.SketchOf(window), s.Directions, s.Format))];
        Lists = [.. ListLengths.Select(k => trace.TopKOf(window, k))];
        ListHash = Lists[Array.IndexOf(ListLengths, 8)].Hash(0);
        Drawn = verifier.Project(States, trace.Width, challenge, Verifier.Directions);
        Largest = Toploc.Largest(States);
        Proof = Toploc.Prove(Largest);
    }

    public int Width => _trace.Width;

    public ReadOnlySpan<float> States => _trace.HiddenOf(_window);

    /// <summary>In the order of <see cref="Stores"/>.</summary>
    public SketchWindow[] Sketches { get; }

    /// <summary>By length.</summary>
    public TopKWindow[] Lists { get; }

    /// <summary>Hash of the list of the default length.</summary>
    public Digest ListHash { get; }

    /// <summary>Sketches under the drawn bank.</summary>
    public float[] Drawn { get; }

    public (int[] Positions, ushort[] Bits) Largest { get; }

    public ToplocProof Proof { get; }

    /// <summary>Margins of the window's tokens.</summary>
    public ReadOnlySpan<float> Margins => _trace.MarginsOf(_window);

    /// <summary>The first m directions of a window's sketches, in a storage format.</summary>
    public static SketchWindow Stored(ReadOnlySpan<float> sketches, int m, StorageFormat format)
    {
        int all = Trace.Bank.Directions;
        var values = new float[CommitmentWindow.Length * m];
        for (int r = 0; r < CommitmentWindow.Length; r++) sketches.Slice(r * all, m).CopyTo(values.AsSpan(r * m));
        return SketchWindow.Create(values, new SketchParameters(0, m, format));
    }
}

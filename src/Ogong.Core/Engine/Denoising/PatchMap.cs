using Ogong.Models;

namespace Ogong.Engine;

/// <summary>
/// Where the pieces of patches lie in latents. A piece is what is adjacent in both: the patch's extent along the last axis. Latents are [channels, axes…], patches [tokens, channels, extents…].
/// </summary>
internal sealed class PatchMap
{
    private readonly int[] _pieces;

    public PatchMap(DenoiserConfig config)
    {
        Length = config.Patch[^1];
        _pieces = new int[config.Shape.Count / Length];
        int rank = config.Shape.Rank, next = 0;
        int[] grid = [.. config.Grid], sizes = [.. config.Shape.Sizes], patch = [.. config.Patch];
        for (int token = 0; token < config.Tokens; token++)
        {
            for (int channel = 0; channel < config.Shape.Channels; channel++)
            {
                for (int inner = 0; inner < config.PatchArea / Length; inner++)
                {
                    // Coordinates from the last axis but one to the first, with their strides in elements.
                    int at = token % grid[^1] * Length, restOfToken = token / grid[^1], restOfPatch = inner, stride = sizes[^1];
                    for (int axis = rank - 2; axis >= 0; axis--)
                    {
                        at += ((restOfToken % grid[axis] * patch[axis]) + (restOfPatch % patch[axis])) * stride;
                        restOfToken /= grid[axis];
                        restOfPatch /= patch[axis];
                        stride *= sizes[axis];
                    }
                    _pieces[next++] = (at + (channel * stride)) / Length;
                }
            }
        }
    }

    /// <summary>Elements of a piece.</summary>
    public int Length { get; }

    /// <summary>Pieces of one latent.</summary>
    public int Count => _pieces.Length;

    /// <summary>For each piece of the patches of <paramref name="passes"/> latents, which piece of the latents it is.</summary>
    public int[] Gather(int passes)
    {
        int[] indices = new int[checked(passes * Count)];
        for (int i = 0; i < indices.Length; i++) indices[i] = (i / Count * Count) + _pieces[i % Count];
        return indices;
    }

    /// <summary>The inverse: for each piece of the latents, which piece of the patches it is.</summary>
    public int[] Scatter(int passes)
    {
        int[] gather = Gather(passes), indices = new int[gather.Length];
        for (int i = 0; i < gather.Length; i++) indices[gather[i]] = i;
        return indices;
    }
}

namespace Ogong.Numerics;

/// <summary>
/// The fixed sine–cosine embedding of the tokens' places in a latent of rank 1, 2 or 3, as diffusers' <c>PatchEmbed</c> has it for rank 2. A coordinate p takes d values: with
/// fⱼ = 10000^(−2j/d), the correctly rounded sin(p·fⱼ) for j &lt; d/2, then cos(p·fⱼ).
/// </summary>
/// <remarks>
/// A token's values, of a width D: rank 1, its coordinate in D; rank 2, its column in D/2, then its row in D/2; rank 3, its frame in D/4, then its column and its row in 3D/8 each
/// (diffusers' order and shares).
/// </remarks>
internal static class PositionEmbedding
{
    /// <summary>The multiple that the width of a latent of rank 1, 2 or 3 must be of.</summary>
    public static int WidthMultiple(int rank) => rank switch { 1 => 2, 2 => 4, _ => 16 };

    /// <summary>The table, [tokens × width], tokens row-major.</summary>
    /// <param name="width">D, a multiple of <see cref="WidthMultiple"/>.</param>
    /// <param name="sizes">Tokens per axis: length; rows, columns; or frames, rows, columns.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is not positive, there are not 1 to 3, or the width does not divide up.</exception>
    public static float[] Build(int width, ReadOnlySpan<int> sizes)
    {
        int rank = sizes.Length;
        if (rank is < 1 or > 3) throw new ArgumentOutOfRangeException(nameof(sizes), rank, "Latents have rank 1 to 3.");
        if (width <= 0 || width % WidthMultiple(rank) != 0)
            throw new ArgumentOutOfRangeException(nameof(width), width, $"For rank {rank} the width is a positive multiple of {WidthMultiple(rank)}.");
        int tokens = 1;
        for (int axis = 0; axis < rank; axis++)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(sizes[axis], nameof(sizes));
            tokens = checked(tokens * sizes[axis]);
        }
        float[] table = new float[checked(tokens * width)];
        // Axes in the order of their values: frame, column, row.
        (int Axis, int Width)[] parts = rank switch
        {
            1 => [(0, width)],
            2 => [(1, width / 2), (0, width / 2)],
            _ => [(0, width / 4), (2, width * 3 / 8), (1, width * 3 / 8)],
        };
        int at = 0;
        foreach ((int axis, int part) in parts)
        {
            float[] coordinates = Axis(part, sizes[axis]);
            int stride = 1;
            for (int inner = axis + 1; inner < rank; inner++) stride *= sizes[inner];
            for (int token = 0; token < tokens; token++)
                coordinates.AsSpan(token / stride % sizes[axis] * part, part).CopyTo(table.AsSpan((token * width) + at));
            at += part;
        }
        return table;
    }

    // [size × width]
    private static float[] Axis(int width, int size)
    {
        int half = width / 2;
        var angles = new AngleTable(AngleTable.Powers(10000, half, half));
        float[] rows = new float[size * width];
        for (int p = 0; p < size; p++)
            for (int j = 0; j < half; j++)
                (rows[(p * width) + half + j], rows[(p * width) + j]) = angles.Entry(p, j);
        return rows;
    }
}

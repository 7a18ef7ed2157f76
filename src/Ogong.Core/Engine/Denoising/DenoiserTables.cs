namespace Ogong.Engine;

internal static class DenoiserTables
{
    public static void Noise(ulong seed, uint draw, Span<float> y)
    {
        var random = new Random(unchecked((int)seed + (int)draw));
        foreach (ref float value in y) value = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
    }

    public static void Timestep(float timestep, Span<float> y)
    {
        for (int i = 0; i < 128; i++)
        {
            double angle = timestep * Math.Exp(-Math.Log(10000) * i / 127);
            (y[i], y[i + 128]) = ((float)Math.Cos(angle), (float)Math.Sin(angle));
        }
    }

    public static float[] Positions(int width, ReadOnlySpan<int> grid)
    {
        // diffusers: the first half from the last axis (w), the second from the first (h); sines, then cosines.
        int rank = grid.Length, part = width / rank, tokens = 1;
        foreach (int g in grid) tokens *= g;
        var table = new float[tokens * width];
        for (int t = 0; t < tokens; t++)
        {
            int rest = t;
            for (int axis = 0; axis < rank; axis++)
            {
                int size = grid[rank - 1 - axis], p = rest % size;
                rest /= size;
                for (int i = 0; i < part / 2; i++)
                {
                    double angle = p / Math.Pow(10000, i / (part / 2.0));
                    table[(t * width) + (axis * part) + i] = (float)Math.Sin(angle);
                    table[(t * width) + (axis * part) + (part / 2) + i] = (float)Math.Cos(angle);
                }
            }
        }
        return table;
    }
}

namespace Ogong.Detection;

/// <summary>Ridge regression of several targets on common features, in binary64 by Cholesky's factorisation: minimises <c>‖XB − Y‖² + λ‖B‖²</c>, λ a 10⁻⁶ of the mean square of the features times their number of rows.</summary>
internal sealed class LeastSquares(int features, int targets)
{
    private readonly double[] _gram = new double[features * features];
    private readonly double[] _moments = new double[features * targets];

    /// <summary>Adds a row.</summary>
    public void Add(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        for (int i = 0; i < features; i++)
        {
            for (int j = 0; j <= i; j++) _gram[(i * features) + j] += x[i] * x[j];
            for (int t = 0; t < targets; t++) _moments[(i * targets) + t] += x[i] * y[t];
        }
    }

    /// <summary>The coefficients [features × targets].</summary>
    public double[] Solve()
    {
        (double[] l, double[] b) = ([.. _gram], [.. _moments]);
        double ridge = 0;
        for (int i = 0; i < features; i++) ridge += l[(i * features) + i];
        ridge *= 1e-6 / features;
        for (int i = 0; i < features; i++)
        {
            l[(i * features) + i] += ridge;
            for (int j = 0; j <= i; j++)
            {
                double sum = l[(i * features) + j];
                for (int k = 0; k < j; k++) sum -= l[(i * features) + k] * l[(j * features) + k];
                l[(i * features) + j] = i == j ? Math.Sqrt(sum) : sum / l[(j * features) + j];
            }
        }
        for (int t = 0; t < targets; t++)
        {
            for (int i = 0; i < features; i++)
            {
                for (int k = 0; k < i; k++) b[(i * targets) + t] -= l[(i * features) + k] * b[(k * targets) + t];
                b[(i * targets) + t] /= l[(i * features) + i];
            }
            for (int i = features - 1; i >= 0; i--)
            {
                for (int k = i + 1; k < features; k++) b[(i * targets) + t] -= l[(k * features) + i] * b[(k * targets) + t];
                b[(i * targets) + t] /= l[(i * features) + i];
            }
        }
        return b;
    }
}

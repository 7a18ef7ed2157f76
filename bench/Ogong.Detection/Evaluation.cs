using Ogong.Commitments;
using Ogong.Diffusion;

namespace Ogong.Detection;

/// <summary>What one audit looks at.</summary>
internal enum Unit
{
    /// <summary>Every window.</summary>
    Window,

    /// <summary>One window of each reply, taken in turn: as independent of each other as replies are.</summary>
    OneOfReply,

    /// <summary>The mean over the windows of a reply.</summary>
    Reply,
}

/// <summary>Rejection rates of one model's figures, with 95 % intervals of Clopper and Pearson.</summary>
internal sealed class Evaluation(ModelFigures model)
{
    public const double Confidence = 0.95;

    // What a threshold can promise depends on how many windows it is fitted to: the least of these bounds that they allow.
    private static readonly double[] Bounds = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2];

    public ModelFigures Model => model;

    /// <summary>Rejections at the protocol's or the published threshold, over all windows.</summary>
    public DetectionMeasurement AtDefault(VariantFigures variant, int check) => Above(variant.Of(check), Figures.Checks[check].Threshold ?? throw new ArgumentException("The check has no threshold.", nameof(check)));

    /// <summary>A threshold fitted to the even sequences of an honest provider; null where there are too few.</summary>
    public ThresholdCalibration? Fit(string honest, int check, Unit unit = Unit.Window) => Fit(Halves(model.Of(honest), check, unit).Even);

    /// <summary>A threshold fitted to figures, with the least bound that they allow.</summary>
    public static ThresholdCalibration? Fit(double[] figures) => Bounds.Select(bound => ThresholdCalibration.Fit(figures, bound, Confidence)).FirstOrDefault(fit => fit is not null);

    /// <summary>Rejections above a fitted threshold: of cheats over all windows, of honest providers over the odd sequences, which it was not fitted to.</summary>
    public DetectionMeasurement AboveFitted(VariantFigures variant, int check, double threshold, Unit unit = Unit.Window)
    {
        (double[] even, double[] odd) = Halves(variant, check, unit);
        return Above(variant.Variant.Kind == VariantKind.Honest ? odd : [.. even, .. odd], threshold);
    }

    /// <summary>The figure that a share of all windows does not exceed.</summary>
    public static double Quantile(double[] figures, double share) => figures.Order().ElementAt((int)Math.Min(figures.Length - 1, share * figures.Length));

    /// <summary>Figures above a threshold.</summary>
    public static DetectionMeasurement Above(double[] figures, double threshold) => DetectionMeasurement.Of(figures.Count(f => f > threshold), figures.Length, Confidence);

    /// <summary>The figures that audits see, of even and of odd sequences.</summary>
    public static (double[] Even, double[] Odd) Halves(VariantFigures variant, int check, Unit unit)
    {
        (List<double> even, List<double> odd) = ([], []);
        foreach ((int i, double[] figures) in variant.Of(check).Chunk(Corpus.Windows).Index())
            (i % 2 == 0 ? even : odd).AddRange(unit switch { Unit.Window => figures, Unit.Reply => [figures.Average()], _ => [figures[i / 2 % figures.Length]] });
        return ([.. even], [.. odd]);
    }
}

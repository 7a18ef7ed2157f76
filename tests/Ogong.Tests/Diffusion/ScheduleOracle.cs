using Ogong.Diffusion;
using Ogong.Tests.Numerics;

namespace Ogong.Tests.Diffusion;

/// <summary>The schedules once more, from the schedulers' papers and 512-bit arithmetic: every number is computed from scratch, and updates are composed from the prediction of data and noise instead of from the library's closed forms.</summary>
internal sealed class ScheduleOracle(ScheduleParameters parameters)
{
    private readonly Real[] _products = parameters.Betas is null ? [] : [.. Products(parameters.Betas)];

    private int N => parameters.Steps;

    private int T => parameters.TrainTimesteps;

    public float InitialNoiseScale() => parameters.Kind != SchedulerKind.EulerDiscrete ? 1f
        : parameters.Spacing == TimestepSpacing.Leading ? Real.Sqrt(1 + (Level(0).Sigma * Level(0).Sigma)).Nearest
        : Level(0).Sigma.Nearest;

    public ScheduleStep Step(int i) => parameters.Kind switch
    {
        SchedulerKind.FlowMatchEuler => Flow(i),
        SchedulerKind.EulerDiscrete => Euler(i),
        _ => Ddim(i),
    };

    private ScheduleStep Flow(int i)
    {
        Real sigma = FlowLevel(i), next = i + 1 < N ? FlowLevel(i + 1) : 0;
        return new((sigma * T).Nearest, 1, 0, 0, float.PositiveInfinity, 1, 0, (next - sigma).Nearest, 0);
    }

    private Real FlowLevel(int i)
    {
        Real shift = parameters.Shift;
        Real Shifted(Real sigma) => 1 / (1 + ((1 - sigma) / (shift * sigma)));
        Real last = Shifted((Real)1 / T);
        return Shifted(parameters.Spacing == TimestepSpacing.Trailing ? (Real)(N - i) / N : N == 1 ? 1 : ((Real)(N - 1 - i) + (last * i)) / (N - 1));
    }

    private ScheduleStep Euler(int i)
    {
        (Real sigma, Real t) = Level(i);
        Real next = i + 1 < N ? Level(i + 1).Sigma : 0, square = sigma * sigma;
        // x₀ = α·x + β·v, then x' = x + (x − x₀)/σ·(σ' − σ).
        (Real alpha, Real beta) = parameters.Prediction == PredictionKind.Epsilon ? (1, -sigma) : (1 / (square + 1), -sigma / Real.Sqrt(square + 1));
        Real slope = (next - sigma) / sigma;
        return new(t.Nearest, Real.Sqrt(1 / (square + 1)).Nearest, 0, 0, float.PositiveInfinity, (1 + (slope * (1 - alpha))).Nearest, 0, (-slope * beta).Nearest, 0);
    }

    private (Real Sigma, Real Timestep) Level(int i)
    {
        if (!parameters.KarrasSigmas || i == 0 || i == N - 1) return (Sigma(Timestep(i)), Timestep(i));
        Real highest = Real.Ln(Sigma(Timestep(0))), lowest = Real.Ln(Sigma(Timestep(N - 1)));
        Real root = ((Real.Exp(highest / 7) * (N - 1 - i)) + (Real.Exp(lowest / 7) * i)) / (N - 1), logarithm = Real.Ln(root) * 7;
        int low = Enumerable.Range(0, T - 1).Last(t => t == 0 || !(Sigma(t).Double > Math.Pow(root.Double, 7)));
        Real from = Real.Ln(Sigma(low)), to = Real.Ln(Sigma(low + 1));
        return (Real.Exp(logarithm), low + ((logarithm - from) / (to - from)));
    }

    private Real Timestep(int i) => parameters.Spacing switch
    {
        TimestepSpacing.Linspace => N == 1 ? 0 : (Real)((T - 1) * (N - 1 - i)) / (N - 1),
        TimestepSpacing.Leading => (T / N * (N - 1 - i)) + parameters.StepsOffset,
        _ => (int)Math.Round((double)(N - i) * T / N, MidpointRounding.ToEven) - 1,
    };

    // Linear between whole timesteps.
    private Real Sigma(Real timestep)
    {
        int low = (int)Math.Floor(timestep.Double + 1e-9);
        Real rest = timestep - low, at = Real.Sqrt((1 / _products[low]) - 1);
        return rest.Double < 1e-9 ? at : (at * (1 - rest)) + (Real.Sqrt((1 / _products[low + 1]) - 1) * rest);
    }

    private ScheduleStep Ddim(int i)
    {
        int t = (int)Math.Round(Timestep(i).Double, MidpointRounding.ToEven), before = t - (T / N);
        Real product = _products[t], next = before >= 0 ? _products[before] : parameters.AlphaToOne ? 1 : _products[0], eta = parameters.Eta;
        Real fresh = eta * Real.Sqrt((1 - next) / (1 - product)) * Real.Sqrt(1 - (product / next)), direction = Real.Sqrt(1 - next - (fresh * fresh));
        Real signal = Real.Sqrt(product), noise = Real.Sqrt(1 - product);
        float limit = parameters.ClipRange is { } range ? (float)range : float.PositiveInfinity;
        // x₀ = a·x + b·v; ε = p·x + q·v.
        (Real a, Real b, Real p, Real q) = parameters.Prediction == PredictionKind.Epsilon ? (1 / signal, -noise / signal, 0, 1) : (signal, -noise, noise, signal);
        return new(t, 1, a.Nearest, b.Nearest, limit, (direction * p).Nearest, Real.Sqrt(next).Nearest, (direction * q).Nearest, fresh.Nearest);
    }

    private static IEnumerable<Real> Products(BetaSchedule betas)
    {
        Real product = 1;
        int last = Math.Max(1, betas.Timesteps - 1);
        for (int t = 0; t < betas.Timesteps; t++)
        {
            product *= 1 - betas.Kind switch
            {
                BetaKind.Linear => (((Real)betas.Start * (last - t)) + ((Real)betas.End * t)) / last,
                BetaKind.ScaledLinear => Square(((Real.Sqrt(betas.Start) * (last - t)) + (Real.Sqrt(betas.End) * t)) / last),
                _ => Cosine(t),
            };
            yield return product;
        }

        Real Cosine(int t)
        {
            Real beta = 1 - (Bar((Real)(t + 1) / betas.Timesteps) / Bar((Real)t / betas.Timesteps)), most = (Real)999 / 1000;
            return beta > most ? most : beta;
        }

        Real Bar(Real share) => Square(Real.Cos((share + ((Real)8 / 1000)) / ((Real)1008 / 1000) * new Real(Oracle.Pi) / 2));
    }

    private static Real Square(Real x) => x * x;
}

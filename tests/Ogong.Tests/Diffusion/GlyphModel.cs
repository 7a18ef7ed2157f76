using Ogong.Bytes;
using Ogong.Compute;
using Ogong.Diffusion;
using Ogong.Engine;
using Ogong.Models;
using Ogong.Tests.Engine;

namespace Ogong.Tests.Diffusion;

/// <summary>glyph-dit as a verifier holds it and as cheats run it, on the processor.</summary>
internal sealed class GlyphModel : IDisposable
{
    private readonly List<IDisposable> owned = [];

    private GlyphModel()
    {
        IBackend backend = Own(TestBackends.CreateFastest());
        using DenoiserDirectory weights = DenoiserDirectory.Open(Repository.Model("glyph-dit"));
        Digest root = DenoiserManifest.Compute(weights).ModelRoot;
        Segment = Load(backend, weights);
        Verifier = Own(new StepReplayer([Segment], root));
        EightBit = Own(new StepReplayer([Load(backend, SubstitutedDenoiser.WithEightBitLayers(weights, 0, weights.Config.Layers))], root));
        Smaller = Own(new StepReplayer([Load(backend, SubstitutedDenoiser.WithSkippedLayer(weights, 2))], root));
        Shape = weights.Config.Shape;
    }

    public DenoiserSegment Segment { get; }

    public StepReplayer Verifier { get; }

    /// <summary>Every matrix of every block rounded to 8 bits.</summary>
    public StepReplayer EightBit { get; }

    /// <summary>Without its third block.</summary>
    public StepReplayer Smaller { get; }

    public LatentShape Shape { get; }

    public static GlyphModel Load() => new();

    /// <summary>Honest trajectories of an A.</summary>
    public TestTrajectory Trajectory(int steps, params int[] boundaries) => new()
    {
        Ordered = Verifier,
        Boundaries = boundaries,
        Schedule = ScheduleParameters.FlowMatchEuler(steps),
        Shape = Shape,
        Label = 0,
        Guidance = 2,
    };

    public void Dispose()
    {
        for (int i = owned.Count - 1; i >= 0; i--) owned[i].Dispose();
    }

    private DenoiserSegment Load(IBackend backend, IDenoiserWeights weights) => Own(DenoiserSegment.LoadAsync(backend, weights).GetAwaiter().GetResult());

    private T Own<T>(T resource) where T : IDisposable
    {
        owned.Add(resource);
        return resource;
    }
}

using Ogong.Compute;
using Ogong.Engine;
using Ogong.Models;

namespace Ogong.Cli.Local;

/// <summary>A whole model loaded on one device, split into segments of nearly equal size.</summary>
internal sealed class LocalSegments : IDisposable
{
    private readonly List<Segment> _segments = [];

    private LocalSegments()
    {
    }

    public IReadOnlyList<Segment> Segments => _segments;

    /// <exception cref="BadInputException">There are not that many layers.</exception>
    public static async Task<LocalSegments> LoadAsync(IBackend backend, IModelWeights weights, int count, CancellationToken cancellationToken)
    {
        if (count > weights.Config.Layers) throw new BadInputException($"{weights.Config.Layers} layers cannot be split into {count} segments.");
        var loaded = new LocalSegments();
        try
        {
            foreach (LayerRange range in LayerRange.Split(weights.Config.Layers, count))
                loaded._segments.Add(await Segment.LoadAsync(backend, weights, range, cancellationToken: cancellationToken));
            return loaded;
        }
        catch
        {
            loaded.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (Segment segment in _segments) segment.Dispose();
    }
}

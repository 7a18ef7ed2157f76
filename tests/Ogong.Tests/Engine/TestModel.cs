using Ogong.Compute;
using Ogong.Engine;
using Ogong.Models;

namespace Ogong.Tests.Engine;

/// <summary>A small model opened and loaded for one test.</summary>
internal sealed class TestModel : IDisposable
{
    private TestModel(IBackend backend, ModelDirectory? directory, IModelWeights weights, Segment[] segments) =>
        (Backend, Directory, Weights, Segments) = (backend, directory, weights, segments);

    public static readonly string[] Golden = ["llama", "llama3", "mistral", "qwen2", "qwen3", "kjv"];

    public IBackend Backend { get; }

    public ModelDirectory? Directory { get; }

    public IModelWeights Weights { get; }

    public Segment[] Segments { get; }

    public ModelConfig Config => Weights.Config;

    public static string PathOf(string name) => name switch
    {
        "kjv" => Repository.Model("kjv-0.9m"),
        "kjv-small" => Repository.Vector("models", "kjv-0.1m"),
        _ => Repository.Vector("golden", name),
    };

    public static async Task<TestModel> LoadAsync(IBackend backend, string name, int segments = 1)
    {
        ModelDirectory directory = ModelDirectory.Open(PathOf(name));
        return new TestModel(backend, directory, directory, await LoadSegmentsAsync(backend, directory, segments));
    }

    public static async Task<Segment[]> LoadSegmentsAsync(IBackend backend, IModelWeights weights, int segments)
    {
        LayerRange[] ranges = LayerRange.Split(weights.Config.Layers, segments);
        var loaded = new Segment[segments];
        for (int i = 0; i < segments; i++) loaded[i] = await Segment.LoadAsync(backend, weights, ranges[i]);
        return loaded;
    }

    public void Dispose()
    {
        foreach (Segment segment in Segments) segment.Dispose();
        Directory?.Dispose();
        Backend.Dispose();
    }
}

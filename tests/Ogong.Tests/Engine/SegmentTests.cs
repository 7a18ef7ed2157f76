using NUnit.Framework;
using Ogong.Compute;
using Ogong.Engine;
using Ogong.Kernels.Reference;
using Ogong.Models;

namespace Ogong.Tests.Engine;

[TestFixture]
internal sealed class SegmentTests
{
    [Test]
    public async Task LoadsOnlyItsOwnTensors()
    {
        using var directory = ModelDirectory.Open(TestModel.PathOf("llama"));
        var weights = new RecordingWeights(directory);
        using var backend = new ReferenceBackend();

        using Segment middle = await Segment.LoadAsync(backend, weights, new LayerRange(1, 3));

        Assert.That(weights.Read, Has.All.Match("model\\.layers\\.[12]\\."));
        Assert.That(weights.Read, Has.Count.EqualTo(18));
        Assert.That((middle.IsFirst, middle.IsLast), Is.EqualTo((false, false)));
    }

    [Test]
    public async Task EndsHoldEmbeddingNormAndHeadAndATiedHeadOnce()
    {
        using var backend = new ReferenceBackend();
        using var untied = ModelDirectory.Open(TestModel.PathOf("llama"));
        using var tied = ModelDirectory.Open(TestModel.PathOf("kjv"));
        var weights = new RecordingWeights(untied);
        using Segment last = await Segment.LoadAsync(backend, weights, new LayerRange(3, 4));
        Assert.That(weights.Read, Does.Contain(TensorNames.LmHead).And.Contain(TensorNames.FinalNorm).And.Not.Contain(TensorNames.Embedding));

        weights = new RecordingWeights(tied);
        using Segment whole = await Segment.LoadAsync(backend, weights);
        Assert.That(weights.Opened.Count(name => name == TensorNames.Embedding), Is.EqualTo(1));
        Assert.That(whole.Head, Is.SameAs(whole.Embedding));
    }

    [Test]
    public async Task ReportsProgressUpToTheTotal()
    {
        using var directory = ModelDirectory.Open(TestModel.PathOf("qwen2"));
        using var backend = new ReferenceBackend();
        var reports = new List<LoadProgress>();
        using Segment segment = await Segment.LoadAsync(backend, directory, progress: new Inline<LoadProgress>(reports.Add));
        Assert.That(reports[^1].LoadedBytes, Is.EqualTo(reports[^1].TotalBytes).And.EqualTo(segment.StoredBytes));
        Assert.That(reports.Select(r => r.LoadedBytes), Is.Ordered.Ascending);
    }

    [Test]
    public async Task RefusesAWeightThatIsNotFinite()
    {
        using var directory = ModelDirectory.Open(TestModel.PathOf("llama"));
        using var backend = new ReferenceBackend();
        string name = TensorNames.Up(2);
        var weights = new PatchedWeights(directory, name, (row, column, bits) => (row, column) == (7, 5) ? (ushort)0x7F80 : bits);
        NonFiniteWeightException failure = (await Assert.ThrowsAsync<NonFiniteWeightException>(() => Segment.LoadAsync(backend, weights)))!;
        Assert.That((failure.Tensor, failure.Row, failure.Column), Is.EqualTo((name, 7, 5)));
    }

    [Test]
    public void RefusesAConfigTheTensorsDoNotFit()
    {
        using var directory = ModelDirectory.Open(TestModel.PathOf("llama"));
        using var backend = new ReferenceBackend();
        var weights = SubstitutedWeights.WithConfig(directory, config => config with { IntermediateSize = 256 });
        Assert.That(() => Segment.LoadAsync(backend, weights), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("gate_proj"));
    }

    [Test]
    public void CanBeCancelled()
    {
        using var directory = ModelDirectory.Open(TestModel.PathOf("llama"));
        using var backend = new ReferenceBackend();
        using var cancellation = new CancellationTokenSource();
        var progress = new Inline<LoadProgress>(_ => cancellation.Cancel());
        Assert.That(() => Segment.LoadAsync(backend, directory, progress: progress, cancellationToken: cancellation.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void RefusesARangeOutsideTheModel([Values(-1, 0, 4)] int first, [Values(0, 5)] int end)
    {
        using var directory = ModelDirectory.Open(TestModel.PathOf("llama"));
        using var backend = new ReferenceBackend();
        Assert.That(() => Segment.LoadAsync(backend, directory, new LayerRange(first, end)), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [TestCase(5, 2, new[] { 0, 3, 5 })]
    [TestCase(4, 4, new[] { 0, 1, 2, 3, 4 })]
    [TestCase(7, 3, new[] { 0, 3, 5, 7 })]
    public void SplitsEvenly(int layers, int segments, int[] boundaries)
    {
        LayerRange[] ranges = LayerRange.Split(layers, segments);
        Assert.That(ranges.Select(r => r.First).Append(ranges[^1].End), Is.EqualTo(boundaries));
    }

    private sealed class Inline<T>(Action<T> report) : IProgress<T>
    {
        public void Report(T value) => report(value);
    }

    private sealed class RecordingWeights(IModelWeights inner) : IModelWeights
    {
        public List<string> Opened { get; } = [];

        public HashSet<string> Read { get; } = [];

        public ModelConfig Config => inner.Config;

        public bool Contains(string name) => inner.Contains(name);

        public ITensorSource Tensor(string name)
        {
            Opened.Add(name);
            return new Source(inner.Tensor(name), Read);
        }

        private sealed class Source(ITensorSource tensor, HashSet<string> read) : ITensorSource
        {
            public string Name => tensor.Name;

            public ElementType Type => tensor.Type;

            public int Rows => tensor.Rows;

            public int Columns => tensor.Columns;

            public ReadOnlySpan<byte> ReadRows(int first, int count)
            {
                lock (read) read.Add(Name);
                return tensor.ReadRows(first, count);
            }
        }
    }
}

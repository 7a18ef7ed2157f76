using NUnit.Framework;
using Ogong.Bytes;
using Ogong.Diffusion;
using Ogong.Models;
using Ogong.Tests.Engine;

namespace Ogong.Tests.Models;

[Parallelizable(ParallelScope.All)]
public class DenoiserManifestTests
{
    [Test]
    public void TheRootOfGlyphDitIsTheDocumentedOne()
    {
        using DenoiserDirectory model = DenoiserDirectory.Open(Repository.Model("glyph-dit"));
        DenoiserManifest manifest = DenoiserManifest.Compute(model);
        Assert.That(manifest.ModelRoot.ToString(), Is.EqualTo("37356ca47dde1e4b2423b18c15b9ff7c2d2e01ade0aa609d3675c10dd69a68ea"));
        Assert.That(File.ReadAllText(Path.Combine(Repository.Root, "docs", "models.md")), Does.Contain(manifest.ModelRoot.ToString()));
        Assert.That(Canonical.Decode<DenoiserManifest>(manifest.Encode()).Value.ModelRoot, Is.EqualTo(manifest.ModelRoot));
        ModelPartProof[] proofs = [manifest.ProveEmbedding(), .. Enumerable.Range(0, 4).Select(manifest.ProveLayer), manifest.ProveHead()];
        foreach (ModelPartProof proof in proofs) Assert.That(proof.Verify(manifest.ModelRoot));
        Assert.That(proofs.Select(proof => proof.Part.Root).Distinct().Count(), Is.EqualTo(6));
    }

    [Test]
    public void AFlippedBitAnywhereChangesTheRootAndItsPart()
    {
        var model = new TinyDenoiser(TinyDenoiser.Text);
        DenoiserManifest honest = DenoiserManifest.Compute(model);
        var random = new Random(1);
        foreach (TensorSpec spec in TinyDenoiser.Specs(model.Config))
        {
            DenoiserManifest other = DenoiserManifest.Compute(SubstitutedDenoiser.WithFlippedBit(model, spec.Name, random.Next(spec.Rows), random.Next(spec.Columns), random.Next(32)));
            Assert.That(other.ModelRoot, Is.Not.EqualTo(honest.ModelRoot), spec.Name);
            int[] changed = [.. Enumerable.Range(0, 3).Where(i => other.Layers[i] != honest.Layers[i])];
            bool isEmbedder = spec.Name.Contains("blocks.0.norm1.emb", StringComparison.Ordinal);
            Assert.That(other.Embedding != honest.Embedding, Is.EqualTo(spec.Name.StartsWith("pos_embed", StringComparison.Ordinal)), spec.Name);
            Assert.That(other.Head != honest.Head, Is.EqualTo(spec.Name.StartsWith("proj_out", StringComparison.Ordinal) || isEmbedder), spec.Name);
            Assert.That(changed, Is.EqualTo(spec.Name.StartsWith("transformer_blocks", StringComparison.Ordinal) ? [spec.Name["transformer_blocks.".Length] - '0'] : Array.Empty<int>()), spec.Name);
        }
    }

    [Test]
    public void EveryFieldOfTheConfigIsEncoded()
    {
        DenoiserConfig config = TinyDenoiser.Image with { ClassLabels = "ABCD" };
        DenoiserConfig[] others =
        [
            config with { Heads = 4 }, config with { HeadDim = 8 }, config with { Layers = 2 }, config with { Shape = new LatentShape(2, 4, 8) }, config with { Patch = [1, 4] }, config with { Patch = [4, 1] },
            config with { OutputChannels = 4 }, config with { Classes = 5, ClassLabels = "" }, config with { Classes = 0, ContextWidth = 3, ClassLabels = "" }, config with { AttentionBias = false },
            config with { NormEpsilon = 1e-6f }, config with { ClassLabels = "" }, config with { ClassLabels = "ABDC" }, TinyDenoiser.Video, TinyDenoiser.Audio,
        ];
        var seen = new HashSet<string> { Convert.ToHexString(Encode(config)) };
        foreach (DenoiserConfig other in others)
        {
            Assert.That(seen.Add(Convert.ToHexString(Encode(other))), other.ToString());
            var reader = new ByteReader(Encode(other));
            Assert.That(DenoiserConfigEncoding.TryRead(ref reader, out DenoiserConfig? read) && reader.TryEnd(), reader.Failure.ToString());
            Assert.That(Encode(read!), Is.EqualTo(Encode(other)));
        }
    }

    [Test]
    public void EightBitsAndASkippedLayerAreOtherWeightsOfTheSameConfig()
    {
        var model = new TinyDenoiser(TinyDenoiser.Text);
        DenoiserManifest honest = DenoiserManifest.Compute(model), rounded = DenoiserManifest.Compute(SubstitutedDenoiser.WithEightBitLayers(model, 1, 2));
        Assert.That(Enumerable.Range(0, 3).Select(i => rounded.Layers[i] == honest.Layers[i]), Is.EqualTo(new[] { true, false, false }));
        DenoiserManifest skipped = DenoiserManifest.Compute(SubstitutedDenoiser.WithSkippedLayer(model, 1));
        Assert.That(Enumerable.Range(0, 3).Select(i => skipped.Layers[i] == honest.Layers[i]), Is.EqualTo(new[] { true, false, true }));
        SubstitutedDenoiser shallow = SubstitutedDenoiser.WithConfig(model, config => config with { Layers = 2 });
        Assert.That(DenoiserManifest.Compute(shallow).Layers, Has.Length.EqualTo(2));
    }

    private static byte[] Encode(DenoiserConfig config)
    {
        var writer = new ByteWriter();
        DenoiserConfigEncoding.Write(writer, config);
        return writer.Written.ToArray();
    }
}

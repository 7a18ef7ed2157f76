using System.Collections.Immutable;
using NUnit.Framework;
using Ogong.Bytes;
using Ogong.Compute;
using Ogong.Merkle;
using Ogong.Models;

namespace Ogong.Tests.Models;

[NonParallelizable] // sets OGONG_CACHE
public class ModelManifestTests
{
    [Test]
    public void TheShippedModelsRootIsPinned()
    {
        using ModelDirectory model = ModelDirectory.Open(Repository.Model("kjv-0.9m"));
        ModelManifest manifest = ModelManifest.Compute(model);
        Assert.That(manifest.ModelRoot.ToString(), Is.EqualTo("d1743d7866dca736d09185d42c9b480c429972c1f3d95699a6cdc161dc4b7d67"));
        Assert.That(manifest.Units, Is.EqualTo(new WorkUnits(128, (128 * (256 + 128)) + (3 * 128 * 352) + (2 * 128 * 256), 258 * 128, 258)));
    }

    [Test]
    public void AFlippedBitAnywhereChangesTheRootAndItsPart()
    {
        using ModelDirectory model = ModelDirectory.Open(Repository.Vector("golden", "qwen2"));
        ModelManifest honest = ModelManifest.Compute(model);
        var random = new Random(1);
        foreach (TensorSpec spec in ModelFolder.Specs(model.Config))
        {
            SubstitutedWeights cheat = SubstitutedWeights.WithFlippedBit(model, spec.Name, random.Next(spec.Rows), random.Next(spec.Columns), random.Next(16));
            ModelManifest other = ModelManifest.Compute(cheat);
            Assert.That(other.ModelRoot, Is.Not.EqualTo(honest.ModelRoot), spec.Name);
            for (int layer = 0; layer < model.Config.Layers; layer++)
                Assert.That(other.Layers[layer] != honest.Layers[layer], Is.EqualTo(spec.Name.StartsWith(TensorNames.Layer(layer) + ".", StringComparison.Ordinal)), spec.Name);
            // Embeddings are tied in this model, so the table is part of the head as well.
            Assert.That(other.Embedding != honest.Embedding, Is.EqualTo(spec.Name == TensorNames.Embedding), spec.Name);
            Assert.That(other.Head != honest.Head, Is.EqualTo(spec.Name is TensorNames.Embedding or TensorNames.FinalNorm), spec.Name);
        }
    }

    [Test]
    public void EveryConfigScalarIsBound()
    {
        using ModelDirectory model = ModelDirectory.Open(Repository.Vector("golden", "llama3"));
        Func<ModelConfig, ModelConfig>[] changes =
        [
            c => c with { Architecture = ModelArchitecture.Mistral }, c => c with { Heads = 2, KvHeads = 2 }, c => c with { KvHeads = 2 }, c => c with { HeadDim = 30 },
            c => c with { HiddenSize = 127 }, c => c with { IntermediateSize = 383 }, c => c with { VocabularySize = 514 }, c => c with { MaxPositions = 513 },
            c => c with { RmsNormEpsilon = MathF.BitIncrement(c.RmsNormEpsilon) }, c => c with { RopeTheta = 500001 }, c => c with { RopeScaling = null },
            c => c with { RopeScaling = c.RopeScaling! with { Factor = 9 } }, c => c with { RopeScaling = c.RopeScaling! with { LowFrequencyFactor = 2 } },
            c => c with { RopeScaling = c.RopeScaling! with { HighFrequencyFactor = 5 } }, c => c with { RopeScaling = c.RopeScaling! with { OriginalMaxPositions = 65 } },
            c => c with { SlidingWindow = 64 }, c => c with { QkNorm = true }, c => c with { AttentionBias = true }, c => c with { TiedEmbeddings = false },
            c => c with { BeginToken = null }, c => c with { BeginToken = 3 }, c => c with { EndTokens = [2, 3] }, c => c with { EndTokens = [] },
            c => c with { Tokenizer = TokenizerIdentity.Bytes }, c => c with { Tokenizer = new TokenizerIdentity(TokenizerKind.File, Digest.Parse(new string('a', 64))) },
        ];
        var seen = new HashSet<string> { Encoding(model.Config) };
        foreach (Func<ModelConfig, ModelConfig> change in changes) Assert.That(seen.Add(Encoding(change(model.Config))));
        // The encoding is what the root binds: one changed scalar, another root.
        ModelManifest changed = ModelManifest.Compute(SubstitutedWeights.WithConfig(model, c => c with { RopeTheta = 10000 }));
        Assert.That(changed.ModelRoot, Is.Not.EqualTo(ModelManifest.Compute(model).ModelRoot));

        static string Encoding(ModelConfig config)
        {
            var writer = new ByteWriter();
            ModelConfigEncoding.Write(writer, config);
            return Convert.ToHexString(writer.Written);
        }
    }

    [Test]
    public void NameTypeAndShapeAreBound()
    {
        var spec = new TensorSpec("model.norm.weight", 1, 8, IsVector: true);
        Digest content = Digest.Parse(new string('5', 64));
        Digest[] leaves =
        [
            PartTree.TensorLeaf(spec, ElementType.BF16, content), PartTree.TensorLeaf(spec with { Name = "model.norm.weighs" }, ElementType.BF16, content),
            PartTree.TensorLeaf(spec, ElementType.F16, content), PartTree.TensorLeaf(spec with { IsVector = false }, ElementType.BF16, content),
            PartTree.TensorLeaf(spec with { Rows = 2, Columns = 4 }, ElementType.BF16, content), PartTree.TensorLeaf(spec, ElementType.BF16, default),
        ];
        Assert.That(leaves.Distinct().Count(), Is.EqualTo(leaves.Length));
    }

    [Test]
    public void PartsProveWhatASegmentHoldsAndNothingElse()
    {
        using ModelDirectory model = ModelDirectory.Open(Repository.Model("kjv-0.9m"));
        ModelManifest manifest = ModelManifest.Compute(model);
        List<ModelPartProof> proofs = [manifest.ProveEmbedding(), .. Enumerable.Range(0, 5).Select(manifest.ProveLayer), manifest.ProveHead()];
        foreach (ModelPartProof proof in proofs)
        {
            Assert.That(proof.Verify(manifest.ModelRoot), proof.Part.ToString());
            Assert.That(proof.Verify(manifest.Head), Is.False);
            ModelPart part = proof.Part;
            ModelPart[] forged =
            [
                part with { Layer = part.Layer + 1 }, part with { Layers = part.Layers + 1 }, part with { Layers = part.Layers * 2 }, part with { Root = manifest.ModelRoot },
                part with { Kind = part.Kind == ModelPartKind.Layer ? ModelPartKind.Head : ModelPartKind.Layer },
            ];
            foreach (ModelPart forgery in forged) Assert.That(new ModelPartProof(forgery, proof.Path).Verify(manifest.ModelRoot), Is.False, forgery.ToString());
            ImmutableArray<Digest> path = proof.Path.Path;
            Assert.That(new ModelPartProof(part, new MerkleProof(path.RemoveAt(0))).Verify(manifest.ModelRoot), Is.False);
            Assert.That(new ModelPartProof(part, new MerkleProof(path.Add(manifest.Head))).Verify(manifest.ModelRoot), Is.False);
        }
        Assert.That(proofs.Select(p => p.Part.Root).Distinct().Count(), Is.EqualTo(7));
    }

    [Test]
    public void OneTypeOfStorageIsNotAnother()
    {
        ModelConfig config = ConfigReader.Parse(System.Text.Encoding.UTF8.GetBytes(ModelFolder.SmallConfig().ToJsonString()), "c");
        using var folder = new ModelFolder(ModelFolder.SmallConfig());
        folder.WriteBytes("model.safetensors", SafetensorsWriter.File(ModelFolder.Tensors(config, "BF16")));
        using ModelDirectory bf16 = folder.Open();
        Digest root = ModelManifest.Compute(bf16).ModelRoot;
        using var other = new ModelFolder(ModelFolder.SmallConfig());
        other.WriteBytes("model.safetensors", SafetensorsWriter.File(ModelFolder.Tensors(config, "F16")));
        using ModelDirectory f16 = other.Open();
        Assert.That(ModelManifest.Compute(f16).ModelRoot, Is.Not.EqualTo(root));
    }

    [Test]
    public void TheCacheAnswersForUnchangedFilesOnly()
    {
        using var folder = new ModelFolder(ModelFolder.SmallConfig());
        using var cacheFolder = new ModelFolder(ModelFolder.SmallConfig(), write: false);
        string? before = Environment.GetEnvironmentVariable(CacheFolder.Variable);
        Environment.SetEnvironmentVariable(CacheFolder.Variable, cacheFolder.Folder);
        try
        {
            string path = Path.Combine(folder.Folder, "model.safetensors");
            DateTime old = DateTime.UtcNow.AddHours(-1);

            Digest first = Compute(useCache: true);
            Assert.That(CacheFiles(), Is.Empty, "a file written just now is not cached");
            File.SetLastWriteTimeUtc(path, old);
            Assert.That(Compute(useCache: true), Is.EqualTo(first));
            string cached = CacheFiles().Single();

            // Another content under the same size and time shows whether the cache answers, and that it can be told not to.
            byte[] bytes = File.ReadAllBytes(path);
            bytes[^1] ^= 1;
            File.WriteAllBytes(path, bytes);
            File.SetLastWriteTimeUtc(path, old);
            Digest second = Compute(useCache: false);
            Assert.That(second, Is.Not.EqualTo(first));
            Assert.That(Compute(useCache: true), Is.EqualTo(first));

            File.SetLastWriteTimeUtc(path, old.AddSeconds(1));
            Assert.That(Compute(useCache: true), Is.EqualTo(second), "a new modification time");
            Assert.That(Compute(useCache: true), Is.EqualTo(second));

            // A damaged cache is ignored and replaced.
            byte[] good = File.ReadAllBytes(cached);
            for (int i = 0; i < good.Length; i += 7)
            {
                byte[] bad = [.. good];
                bad[i] ^= 0x10;
                File.WriteAllBytes(cached, bad);
                Assert.That(Compute(useCache: true), Is.EqualTo(second));
                Assert.That(File.ReadAllBytes(cached), Is.EqualTo(good));
            }
            File.WriteAllBytes(cached, good[..20]);
            Assert.That(Compute(useCache: true), Is.EqualTo(second));

            Environment.SetEnvironmentVariable(CacheFolder.Variable, "off");
            File.Delete(cached);
            Assert.That(Compute(useCache: true), Is.EqualTo(second));
            Assert.That(CacheFiles(), Is.Empty);
        }
        finally
        {
            Environment.SetEnvironmentVariable(CacheFolder.Variable, before);
        }

        Digest Compute(bool useCache)
        {
            using ModelDirectory model = folder.Open();
            return ModelManifest.Compute(model, useCache).ModelRoot;
        }

        string[] CacheFiles() => Directory.GetFiles(cacheFolder.Folder, "*", SearchOption.AllDirectories);
    }

    [Test]
    public void HashingCanBeCancelled()
    {
        using ModelDirectory model = ModelDirectory.Open(Repository.Model("kjv-0.9m"));
        Assert.Catch<OperationCanceledException>(() => ModelManifest.Compute(model, cancellationToken: new CancellationToken(canceled: true)));
    }
}

using System.Text;
using System.Text.Json.Nodes;
using NUnit.Framework;
using Ogong.Bytes;
using Ogong.Diffusion;
using Ogong.Models;

namespace Ogong.Tests.Models;

/// <summary>Mutated and truncated files: a value or <see cref="ModelFormatException"/>, nothing else. Seeded, so a failure repeats.</summary>
[Parallelizable(ParallelScope.All)]
public class ModelFormatFuzzTests
{
    private const int Cases = 100_000;

    /// <summary>Pieces that turn one legal JSON text into another that means something hostile.</summary>
    private static readonly string[] s_tokens =
    [
        "{", "}", "[", "]", ",", ":", "\"", "null", "true", "-1", "0", "1e999", "9223372036854775807", "18446744073709551616", "\\ud800", "\"F64\"", "\"F16\"",
        "\"shape\"", "\"data_offsets\"", "\"__metadata__\"", "\"..\"", "../", "[[[[[[[[", "{\"a\":{\"a\":{\"a\":", "\u0000", "4", "8", "16",
    ];

    [Test]
    public void SafetensorsHeaders()
    {
        byte[] valid = Encoding.UTF8.GetBytes("""{"__metadata__":{"format":"pt"},"a.weight":{"dtype":"BF16","shape":[4,8],"data_offsets":[0,64]},"b":{"dtype":"F32","shape":[2],"data_offsets":[64,72]}}""");
        SafetensorsHeader.Parse(valid, 72, "m");
        (int ok, int refused) = Fuzz(valid, 1, bytes => SafetensorsHeader.Parse(bytes, 72, "m"));
        Assert.That((ok > 100, refused > Cases / 2), Is.EqualTo((true, true)), $"{ok} accepted, {refused} refused");
    }

    [Test]
    public void ShardIndices()
    {
        byte[] valid = Encoding.UTF8.GetBytes("""{"metadata":{"total_size":72},"weight_map":{"a.weight":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}}""");
        SafetensorsIndex.Parse(valid, "m");
        (int ok, int refused) = Fuzz(valid, 2, bytes =>
        {
            foreach (string shard in SafetensorsIndex.Parse(bytes, "m").Values)
                Assert.That(Path.GetFileName(shard), Is.EqualTo(shard)); // whatever is accepted stays in the folder
        });
        Assert.That((ok > 100, refused > Cases / 4), Is.EqualTo((true, true)), $"{ok} accepted, {refused} refused");
    }

    [Test]
    public void Configs()
    {
        JsonObject json = ModelFolder.SmallConfig("Qwen2");
        json["rope_scaling"] = JsonNode.Parse("""{"rope_type":"llama3","factor":8,"low_freq_factor":1,"high_freq_factor":4,"original_max_position_embeddings":64}""");
        byte[] valid = Encoding.UTF8.GetBytes(json.ToJsonString());
        ConfigReader.Parse(valid, "config.json");
        (int ok, int refused) = Fuzz(valid, 3, bytes =>
        {
            // Whatever is accepted has a canonical encoding that reads back: its sizes are within the bounds everything else relies on.
            var writer = new ByteWriter();
            ModelConfigEncoding.Write(writer, ConfigReader.Parse(bytes, "config.json"));
            var reader = new ByteReader(writer.Written);
            Assert.That(ModelConfigEncoding.TryRead(ref reader, out _) && reader.TryEnd(), reader.Failure.ToString());
        });
        Assert.That((ok > 100, refused > Cases / 4), Is.EqualTo((true, true)), $"{ok} accepted, {refused} refused");
    }

    [Test]
    public void GenerationConfigs()
    {
        ModelConfig config = ConfigReader.Parse(Encoding.UTF8.GetBytes(ModelFolder.SmallConfig().ToJsonString()), "config.json");
        byte[] valid = Encoding.UTF8.GetBytes("""{"bos_token_id":1,"eos_token_id":[2,3],"do_sample":true,"temperature":0.6,"top_p":0.9,"top_k":50}""");
        (int ok, int refused) = Fuzz(valid, 4, bytes => GenerationConfigReader.Parse(bytes, config, "generation_config.json"));
        Assert.That((ok > 100, refused > Cases / 4), Is.EqualTo((true, true)), $"{ok} accepted, {refused} refused");
    }

    [Test]
    public void SchedulerConfigs()
    {
        byte[] valid = Encoding.UTF8.GetBytes("""{"_class_name":"EulerDiscreteScheduler","beta_end":0.012,"beta_schedule":"scaled_linear","beta_start":0.00085,"num_train_timesteps":1000,"steps_offset":1,"timestep_spacing":"leading","prediction_type":"epsilon"}""");
        SchedulerConfigReader.Parse(valid, "scheduler_config.json");
        (int ok, int refused) = Fuzz(valid, 7, bytes =>
        {
            // Whatever is accepted can be signed.
            ScheduleParameters parameters = SchedulerConfigReader.Parse(bytes, "scheduler_config.json").For(1);
            Assert.That(Canonical.Decode<ScheduleParameters>(parameters.Encode()).Value, Is.EqualTo(parameters));
        });
        Assert.That((ok > 100, refused > Cases / 4), Is.EqualTo((true, true)), $"{ok} accepted, {refused} refused");
    }

    [Test]
    public void Manifests()
    {
        using ModelDirectory model = ModelDirectory.Open(Repository.Vector("golden", "llama3"));
        ModelManifest manifest = ModelManifest.Compute(model);
        byte[] valid = manifest.Encode();
        Assert.That(Canonical.Decode<ModelManifest>(valid).Value.ModelRoot, Is.EqualTo(manifest.ModelRoot));
        byte[] proof = manifest.ProveLayer(1).Encode();
        var random = new Random(5);
        for (int i = 0; i < Cases; i++)
        {
            byte[] bytes = Mutate(i % 2 == 0 ? valid : proof, random);
            if (i % 2 == 0)
            {
                // One value, one byte string, and every byte counts.
                if (Canonical.Decode<ModelManifest>(bytes).TryGet(out ModelManifest? read))
                {
                    Assert.That(read.Encode(), Is.EqualTo(bytes));
                    Assert.That(read.ModelRoot == manifest.ModelRoot, Is.EqualTo(bytes.AsSpan().SequenceEqual(valid)));
                }
            }
            else if (Canonical.Decode<ModelPartProof>(bytes).TryGet(out ModelPartProof? read))
            {
                Assert.That(read.Verify(manifest.ModelRoot), Is.EqualTo(bytes.AsSpan().SequenceEqual(proof)));
            }
        }
    }

    [Test]
    public void DenoiserConfigs()
    {
        JsonObject json = DenoiserFolder.SmallConfig();
        (json["sample_size"], json["patch_size"], json["class_labels"]) = (JsonNode.Parse("[8,4]"), JsonNode.Parse("[2,1]"), "ABCDE");
        byte[] valid = Encoding.UTF8.GetBytes(json.ToJsonString());
        DenoiserConfigReader.Parse(valid, "config.json");
        (int ok, int refused) = Fuzz(valid, 7, bytes =>
        {
            var writer = new ByteWriter();
            DenoiserConfigEncoding.Write(writer, DenoiserConfigReader.Parse(bytes, "config.json"));
            var reader = new ByteReader(writer.Written);
            Assert.That(DenoiserConfigEncoding.TryRead(ref reader, out _) && reader.TryEnd(), reader.Failure.ToString());
        }, Cases / 5);
        Assert.That((ok > 100, refused > Cases / 20), Is.EqualTo((true, true)), $"{ok} accepted, {refused} refused");
    }

    [Test]
    public void DenoiserManifests()
    {
        DenoiserManifest manifest = DenoiserManifest.Compute(new Engine.TinyDenoiser(Engine.TinyDenoiser.Image with { ClassLabels = "ABCD" }));
        byte[] valid = manifest.Encode();
        var random = new Random(8);
        int accepted = 0;
        for (int i = 0; i < Cases / 5; i++)
        {
            byte[] bytes = Mutate(valid, random);
            if (!Canonical.Decode<DenoiserManifest>(bytes).TryGet(out DenoiserManifest? read)) continue;
            accepted++;
            Assert.That(read.Encode(), Is.EqualTo(bytes));
            Assert.That(read.ModelRoot == manifest.ModelRoot, Is.EqualTo(bytes.AsSpan().SequenceEqual(valid)));
        }
        Assert.That(accepted, Is.GreaterThan(100));
    }

    [Test]
    public void WholeFiles()
    {
        // The reader as the user meets it, through the file system: fewer cases, the same rule.
        using var folder = new ModelFolder(ModelFolder.SmallConfig());
        string path = Path.Combine(folder.Folder, "model.safetensors");
        byte[] valid = File.ReadAllBytes(path);
        var random = new Random(6);
        for (int i = 0; i < 500; i++)
        {
            File.WriteAllBytes(path, Mutate(valid, random));
            try
            {
                using ModelDirectory model = folder.Open();
                foreach (TensorSpec spec in ModelFolder.Specs(model.Config)) model.Tensor(spec.Name).ReadRows(0, spec.Rows);
            }
            catch (ModelFormatException)
            {
            }
        }
    }

    internal static (int Ok, int Refused) Fuzz(byte[] valid, int seed, Action<byte[]> parse, int cases = Cases)
    {
        var random = new Random(seed);
        int ok = 0;
        for (int i = 0; i < cases; i++)
        {
            byte[] bytes = Mutate(valid, random);
            try
            {
                parse(bytes);
                ok++;
            }
            catch (ModelFormatException)
            {
            }
        }
        return (ok, cases - ok);
    }

    private static byte[] Mutate(byte[] valid, Random random)
    {
        var bytes = new List<byte>(valid);
        for (int edits = random.Next(1, 4); edits > 0; edits--)
        {
            int at = random.Next(bytes.Count + 1);
            switch (random.Next(6))
            {
                case 0 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1 when at < bytes.Count:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 3:
                    int removed = Math.Min(random.Next(1, 12), bytes.Count - at);
                    bytes.RemoveRange(at, removed);
                    break;
                case 4:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(s_tokens[random.Next(s_tokens.Length)]));
                    break;
                default:
                    int length = Math.Min(random.Next(1, 60), bytes.Count - at);
                    bytes.InsertRange(random.Next(bytes.Count + 1), bytes.GetRange(at, length));
                    break;
            }
        }
        return [.. bytes];
    }
}

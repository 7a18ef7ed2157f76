using System.Text.Json;
using System.Text.Json.Nodes;
using Ogong.Models;
using Ogong.Tests.Engine;

namespace Ogong.Tests.Models;

/// <summary>A throw-away diffusion model folder, valid unless changed.</summary>
internal sealed class DenoiserFolder : IDisposable
{
    public DenoiserFolder(JsonObject? config = null)
    {
        Config = config ?? SmallConfig();
        Directory.CreateDirectory(Path.Combine(Folder, "transformer"));
        Directory.CreateDirectory(Path.Combine(Folder, "scheduler"));
        Write();
    }

    public string Folder { get; } = Path.Combine(Path.GetTempPath(), $"ogong-denoiser-{Guid.NewGuid():N}");

    public JsonObject Config { get; }

    public string ConfigPath => Path.Combine(Folder, "transformer", "config.json");

    public string TensorsPath => Path.Combine(Folder, "transformer", "diffusion_pytorch_model.safetensors");

    public string SchedulerPath => Path.Combine(Folder, "scheduler", "scheduler_config.json");

    public static JsonObject SmallConfig() => new()
    {
        ["_class_name"] = "DiTTransformer2DModel",
        ["num_attention_heads"] = 2,
        ["attention_head_dim"] = 4,
        ["in_channels"] = 3,
        ["num_layers"] = 2,
        ["sample_size"] = 4,
        ["patch_size"] = 2,
        ["num_embeds_ada_norm"] = 5,
        ["norm_eps"] = 1e-5,
    };

    public static DenoiserConfig Parse(JsonObject config) => DenoiserConfigReader.Parse(JsonSerializer.SerializeToUtf8Bytes(config), "config.json");

    /// <summary>The tensors a config demands, filled from a seed, in the shapes diffusers stores.</summary>
    public static List<CraftedTensor> Tensors(DenoiserConfig config)
    {
        var random = new Random(1);
        return [.. TinyDenoiser.Specs(config).Select(spec =>
        {
            byte[] bytes = new byte[2L * spec.Rows * spec.Columns];
            random.NextBytes(bytes);
            long[] shape = spec.Name == DenoiserTensors.PatchProjection ? [spec.Rows, config.Shape.Channels, .. config.Patch.Select(s => (long)s)] : spec.IsVector ? [spec.Columns] : [spec.Rows, spec.Columns];
            return new CraftedTensor(spec.Name, "BF16", shape, bytes);
        })];
    }

    public void Write()
    {
        File.WriteAllText(ConfigPath, Config.ToJsonString());
        File.WriteAllBytes(TensorsPath, SafetensorsWriter.File(Tensors(Parse(Config))));
        File.WriteAllText(SchedulerPath, """{"_class_name":"DDIMScheduler"}""");
    }

    public DenoiserDirectory Open() => DenoiserDirectory.Open(Folder);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}

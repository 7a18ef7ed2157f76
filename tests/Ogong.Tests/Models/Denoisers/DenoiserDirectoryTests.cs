using NUnit.Framework;
using Ogong.Models;
using Ogong.Tests.Engine;

namespace Ogong.Tests.Models;

[Parallelizable(ParallelScope.All)]
public class DenoiserDirectoryTests
{
    [Test]
    public void AFolderOpensAndMissingFilesAreNamed()
    {
        using var folder = new DenoiserFolder();
        using (DenoiserDirectory model = folder.Open())
        {
            Assert.That(model.Tensor("pos_embed.proj.weight"), Has.Property("Rows").EqualTo(8).And.Property("Columns").EqualTo(12));
            Assert.That(DenoiserDirectory.IsDenoiser(folder.Folder) && !DenoiserDirectory.IsDenoiser(Repository.Model("kjv-0.9m")));
        }
        foreach (string path in (string[])[folder.TensorsPath, folder.SchedulerPath, folder.ConfigPath]) // each is looked for before those already gone
        {
            File.Delete(path);
            Assert.That(Assert.Throws<ModelFormatException>(() => folder.Open())!.Message, Does.StartWith($"{Path.GetFileName(path)}: The file is missing"));
        }
        Assert.Throws<DirectoryNotFoundException>(() => DenoiserDirectory.Open(Path.Combine(folder.Folder, "absent")));
    }

    [Test]
    public void MissingMisshapenAndMistypedTensorsAreRefusedByName()
    {
        using var folder = new DenoiserFolder();
        DenoiserConfig config = DenoiserFolder.Parse(folder.Config);
        foreach (TensorSpec spec in TinyDenoiser.Specs(config))
        {
            List<CraftedTensor> tensors = DenoiserFolder.Tensors(config);
            CraftedTensor tensor = tensors.Single(t => t.Name == spec.Name);
            Refused(tensors.Where(t => t != tensor), $"Tensor {spec.Name} is missing");
            Refused(tensors.Select(t => t == tensor ? t with { Shape = [.. t.Shape, 1] } : t), $"Tensor {spec.Name} has shape");
            Refused(tensors.Select(t => t == tensor ? t with { DType = "I16" } : t), $"Tensor '{spec.Name}' has dtype I16");
        }
        // As many elements, another layout: the channel last.
        Refused(DenoiserFolder.Tensors(config).Select(t => t.Name == DenoiserTensors.PatchProjection ? t with { Shape = [8, 2, 2, 3] } : t), "shape [8, 2, 2, 3] where the config demands [8, 3, 2, 2]");
        Refused(DenoiserFolder.Tensors(config).Select(t => t.Name == DenoiserTensors.PatchProjection ? t with { Shape = [8, 1, 1, 3, 2, 2] } : t), "rank 1 to 5");

        void Refused(IEnumerable<CraftedTensor> tensors, string reason)
        {
            File.WriteAllBytes(folder.TensorsPath, SafetensorsWriter.File(tensors));
            Assert.That(Assert.Throws<ModelFormatException>(() => folder.Open().Dispose())!.Message, Does.Contain(reason));
        }
    }

    [Test]
    public void ExtraTensorsAreListedButForAStoredPositionEmbedding()
    {
        using var folder = new DenoiserFolder();
        List<CraftedTensor> tensors = DenoiserFolder.Tensors(DenoiserFolder.Parse(folder.Config));
        tensors.Add(new CraftedTensor("pos_embed.pos_embed", "F32", [1, 4, 8], new byte[128]));
        tensors.Add(new CraftedTensor("extra", "I64", [1], new byte[8]));
        File.WriteAllBytes(folder.TensorsPath, SafetensorsWriter.File(tensors));
        using DenoiserDirectory model = folder.Open();
        Assert.That(model.ExtraTensors, Is.EqualTo(new[] { "extra" }));
    }
}

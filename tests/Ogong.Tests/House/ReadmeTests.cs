using NUnit.Framework;
using Ogong.Audit;
using Ogong.Bytes;
using Ogong.Engine;
using Ogong.Kernels.Cpu;
using Ogong.Models;
using Ogong.Records;
using Ogong.Tests.Cli;

namespace Ogong.Tests.House;

/// <summary>The README's programs are these methods, line for line, so what it shows compiles and runs.</summary>
public sealed class ReadmeTests
{
    [Test]
    public async Task GeneratesAsTheReadmeSays()
    {
        string folder = Repository.Model("kjv-0.9m");
        using var output = new StringWriter();
        // README
        using ModelDirectory model = ModelDirectory.Open(folder);
        using var backend = new CpuBackend();
        using Segment segment = await Segment.LoadAsync(backend, model);
        await using var generator = new TextGenerator([segment]);

        Generation generation = generator.Start(new GenerationRequest
        {
            Prompt = Tokenizer.Bytes.Encode("In the beginning "),
            MaxTokens = 64,
            Sampling = SamplingParameters.Create(seed: 7, temperature: 0.8f),
        });
        await foreach (GeneratedToken token in generation) output.Write((char)token.Token);
        GenerationResult reply = await generation.Completion;
        output.WriteLine($"\ncommitted to {reply.CommitRoot}, {reply.Stop}, on {reply.Device.Name}");
        // end
        Assert.That(output.ToString(), Does.Contain($"committed to {reply.CommitRoot}, MaxTokens, on cpu"));
        Assert.That(reply.Tokens.Length, Is.EqualTo(64));
    }

    [Test]
    public async Task AuditsAsTheReadmeSays()
    {
        string folder = Repository.Model("kjv-0.9m"), path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.ogong");
        Assert.That(CommandLine.Run("generate", "--model", folder, "--prompt", "And", "--max-tokens", "40", "--segments", "2", "--out", path).Code, Is.Zero);
        using ModelDirectory model = ModelDirectory.Open(folder);
        using var backend = new CpuBackend();
        using Segment first = await Segment.LoadAsync(backend, model, new LayerRange(0, 3)), second = await Segment.LoadAsync(backend, model, new LayerRange(3, 5));
        Segment[] segments = [first, second];
        var beacon = new Digest(new byte[32]);
        using var output = new StringWriter();
        using (FileStream file = File.OpenRead(path))
        {
            // README
            Reply received = ReplyReader.Read(file).Value;
            using var reexecutor = new Reexecutor(segments, ModelManifest.Compute(model).ModelRoot);
            Verdict verdict = await new Auditor(reexecutor).AuditAsync(received, beacon);
            output.WriteLine($"{verdict.Outcome}: {verdict.Explanation} {verdict.Offender?.ProviderKeyId}");
            // end
        }
        File.Delete(path);
        Assert.That(output.ToString(), Does.StartWith("Accept: "));
    }

    [Test]
    public void TheReadmeShowsThesePrograms()
    {
        string[] source = File.ReadAllLines(Path.Combine(Repository.Root, "tests", "Ogong.Tests", "House", "ReadmeTests.cs"));
        string readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        bool inside = false;
        int lines = 0;
        foreach (string line in source.Select(line => line.Trim()))
        {
            if (line is "// README" or "// end") inside = line == "// README";
            else if (inside) Assert.That(readme, Does.Contain(line));
            if (inside) lines++;
        }
        Assert.That(lines, Is.GreaterThan(15));
    }
}

using NUnit.Framework;
using Ogong.Audit;
using Ogong.Compute;
using Ogong.Engine;
using Ogong.Kernels.Cuda;
using Ogong.Records;
using Ogong.Tests.Emulator;
using Ogong.Tests.Kernels.Cuda;

namespace Ogong.Tests.Engine;

/// <summary>The engine on CUDA: the replies of the CPU, decode steps replayed as graphs, and audits from one kind of device to the other.</summary>
[TestFixture]
internal sealed class CudaEngineTests
{
    [Test]
    public async Task ABatchOfRepliesIsThatOfTheCpuAndItsDecodeStepsAreReplayed()
    {
        int[] tokens = GoldenFile.Read("kjv").Tokens;
        GenerationRequest[] requests = [.. Enumerable.Range(0, 3).Select(i => new GenerationRequest
        {
            Prompt = tokens.AsMemory(7 * i, 9 + (11 * i)),
            MaxTokens = 12 + (9 * i),
            Sampling = i == 0 ? SamplingParameters.Greedy : SamplingParameters.Create((ulong)i, 0.9f, topK: 40, topP: 0.95),
            EndTokens = [],
        })];
        GenerationResult[] expected = await GenerateAsync(TestBackends.Create("cpu"), requests);
        CudaBackend backend = CudaCase.Create();
        long replayed = 0;
        GenerationResult[] replies = await GenerateAsync(backend, requests, () => replayed = backend.StepsReplayed);

        for (int i = 0; i < requests.Length; i++)
        {
            Assert.That(replies[i].Tokens.ToArray(), Is.EqualTo(expected[i].Tokens.ToArray()), $"reply {i}");
            Assert.That(replies[i].CommitRoot, Is.EqualTo(expected[i].CommitRoot), $"reply {i}");
            Assert.That(replies[i].Logprobs.ToArray(), Is.EqualTo(expected[i].Logprobs.ToArray()), $"reply {i}");
        }
        // 29 steps or so decode only, of three shapes, each of which runs twice before it is replayed.
        Assert.That(replayed, Is.GreaterThan(15));
    }

    [TestCase("cuda", "cpu")]
    [TestCase("cpu", "cuda")]
    [TestCase("opencl", "cpu")]
    [TestCase("cpu", "opencl")]
    [TestCase("opencl", "cuda")]
    public async Task AReplyMadeOnOneDeviceIsAuditedOnAnother(string provider, string verifier)
    {
        IBackend providers = TestBackends.Create(provider);
        await using TestCohort cohort = await TestCohort.CreateAsync(providers, TestBackends.Create(verifier));
        Reply reply = await cohort.ReplyAsync(cohort.OrderFor(maxTokens: 36));
        Verdict whole = await cohort.AuditAsync(reply);
        Assert.That(whole.Outcome, Is.EqualTo(AuditOutcome.Accept), whole.Explanation);
        Verdict middle = await cohort.AuditAsync(reply, segment: 1);
        Assert.That(middle.Outcome, Is.EqualTo(AuditOutcome.Accept), middle.Explanation);
        if (providers is CudaBackend cuda) Assert.That(cuda.StepsReplayed, Is.GreaterThan(60), "three segments, 35 decoded tokens");
    }

    [Test]
    [NonParallelizable] // injected failures are the process's
    public async Task AReserveTakesOverFromAProviderWhoseDeviceFails()
    {
        if (CudaCase.IsReal) Assert.Ignore("A real device does not fail when told to.");
        const int LaunchOutOfResources = 701;
        using IBackend sound = TestBackends.Create("cpu");
        await using TestCohort cohort = await TestCohort.CreateAsync(CudaCase.Create(device: EmulatedCuda.Device.OtherBackend), TestBackends.Create("cpu"));
        for (byte i = 0; i < 3; i++) await cohort.AddAsync((byte)(20 + i), TestCohort.Ranges[i], price: 2, backend: sound);
        CohortResult result;
        using (EmulatedCuda.Fail($"cuLaunchKernel:150={LaunchOutOfResources}@{(int)EmulatedCuda.Device.OtherBackend}"))
            result = await cohort.CreateLead().RunAsync(cohort.OrderFor(maxTokens: 4), cohort.Consumer.PublicKey, cohort.Prompt);
        Assert.That(result.Replacements, Has.Count.EqualTo(1));
        Assert.That((await cohort.AuditAsync(result.Reply)).Outcome, Is.EqualTo(AuditOutcome.Accept));
    }

    [Test]
    public async Task AReplyIsTheSameRecordOnEitherDevice()
    {
        await using TestCohort onCpu = await TestCohort.CreateAsync(TestBackends.Create("cpu"), verifier: null), onCuda = await TestCohort.CreateAsync(CudaCase.Create(), verifier: null);
        Reply one = await onCpu.ReplyAsync(onCpu.OrderFor(maxTokens: 5)), other = await onCuda.ReplyAsync(onCuda.OrderFor(maxTokens: 5));
        Assert.That(Untimed(other).Hash(), Is.EqualTo(Untimed(one).Hash()));

        static ReplyRecord Untimed(Reply reply) => reply.Record.Message with { Started = 0, Finished = 0 };
    }

    private static async Task<GenerationResult[]> GenerateAsync(IBackend backend, GenerationRequest[] requests, Action? before = null)
    {
        using TestModel model = await TestModel.LoadAsync(backend, "kjv", segments: 2);
        await using var generator = new TextGenerator(model.Segments, new ExecutionOptions { RowsPerStep = 32, Sequences = 3 });
        GenerationResult[] results = await Task.WhenAll(requests.Select(request => generator.Start(request).Completion));
        before?.Invoke();
        return results;
    }
}

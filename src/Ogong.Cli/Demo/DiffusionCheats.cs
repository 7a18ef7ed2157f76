using Ogong.Cli.Diffusion;
using Ogong.Diffusion;
using Ogong.Models;

namespace Ogong.Cli.Demo;

/// <summary>Latents as a provider makes them who wants to be paid for the order and do less, or something else.</summary>
internal sealed class DiffusionCheats(DiffusionMarket market)
{
    private DenoiserConfig Config => market.Model.Config;

    /// <summary>What each does, by its name.</summary>
    public IEnumerable<(string Name, Func<CancellationToken, Task<IReadOnlyList<ReadOnlyMemory<float>>>> Make)> All()
    {
        DiffusionRequest request = market.Request;
        Conditioning label = market.Conditioning, other = Conditioning.OfLabel((label.Label!.Value + 1) % Config.Classes);
        yield return ("block left out", stop => market.RunAloneAsync(request, label, SubstitutedDenoiser.WithSkippedLayer(market.Model, Config.Layers / 2), stop));
        yield return ("half the steps, stretched", async stop =>
            Stretch(await market.RunAloneAsync(request with { Schedule = market.Model.Scheduler.For(request.Schedule.Steps / 2) }, label, null, stop), request.Schedule.Steps));
        yield return ("other label", stop => market.RunAloneAsync(request, other, null, stop));
        yield return ("other seed", stop => market.RunAloneAsync(request with { Seed = request.Seed + 1 }, label, null, stop));
        yield return ("guidance + 5 %", stop => market.RunAloneAsync(request with { Guidance = request.Guidance * 1.05f }, label, null, stop));
        yield return ("forged final latent", async stop =>
            [.. (await market.RunAloneAsync(request, label, null, stop)).SkipLast(1), (await market.RunAloneAsync(request, other, null, stop))[^1]]);
    }

    /// <summary><paramref name="count"/> steps spread over all but the first, which has no other to copy, and the last, which every audit replays.</summary>
    public static HashSet<int> Skipped(int steps, int count) => [.. Enumerable.Range(0, count).Select(i => 1 + (i * (steps - 2) / count))];

    /// <summary>
    /// Runs the order but for some steps, which repeat the model's output of the step before at their own share of the schedule: fewer evaluations than are billed. Every transition that is
    /// not skipped is right.
    /// </summary>
    public async Task<IReadOnlyList<ReadOnlyMemory<float>>> SkipAsync(IReadOnlySet<int> skipped, CancellationToken cancellationToken)
    {
        DiffusionOrder order = market.Order().Message;
        Schedule schedule = Schedule.Create(order.Schedule);
        List<ReadOnlyMemory<float>> latents = [order.CreateInitialLatent()];
        for (int step = 0; step < order.Steps; step++)
        {
            if (!skipped.Contains(step))
            {
                StepReplay replay = await market.Replayer.ReplayAsync(
                    new StepReplayTask { Order = order, Conditioning = market.Conditioning, Step = step, Latent = latents[^1], FirstLayer = 0, EndLayer = Config.Layers }, cancellationToken);
                latents.Add(replay.Latent);
                continue;
            }
            float share = schedule.Steps[step].FromOutput / schedule.Steps[step - 1].FromOutput;
            (ReadOnlyMemory<float> now, ReadOnlyMemory<float> before) = (latents[^1], latents[^2]);
            latents.Add((float[])[.. Enumerable.Range(0, now.Length).Select(i => now.Span[i] + (share * (now.Span[i] - before.Span[i])))]);
        }
        return latents;
    }

    // Straight lines between the latents of a shorter trajectory.
    private static IReadOnlyList<ReadOnlyMemory<float>> Stretch(IReadOnlyList<ReadOnlyMemory<float>> few, int steps) =>
    [
        .. Enumerable.Range(0, steps + 1).Select(step =>
        {
            float at = step * (few.Count - 1) / (float)steps;
            int from = Math.Min((int)at, few.Count - 2);
            return (ReadOnlyMemory<float>)(float[])[.. Enumerable.Range(0, few[0].Length).Select(i => float.Lerp(few[from].Span[i], few[from + 1].Span[i], at - from))];
        }),
    ];
}

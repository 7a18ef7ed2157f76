using Ogong.Diffusion;
using Ogong.Numerics;

namespace Ogong.Engine;

/// <summary>Runs one step, or some of its layers, of one order: what a provider does first and an auditor again.</summary>
internal static class StepTask
{
    /// <summary>Runs a task whose parts fit the executor's model and layers.</summary>
    /// <exception cref="Compute.NonFiniteException">A value was not finite.</exception>
    public static async ValueTask<StepReplay> RunAsync(DenoiserExecutor executor, StepReplayTask task, Schedule schedule, CancellationToken cancellationToken)
    {
        bool isLast = task.EndLayer == executor.Config.Layers;
        var latent = new float[isLast ? executor.Config.Shape.Count : 0];
        var noise = new float[isLast && schedule.AddsNoise ? latent.Length : 0];
        if (noise.Length > 0) NormalNoise.Fill(task.Order.Seed, (uint)(task.Step + 1), noise);

        executor.Prepare([task.Conditioning], task.Order.IsGuided);
        if (task.FirstLayer == 0 || isLast) executor.WriteLatents(task.Latent.Span);
        executor.Begin(new LayerRange(task.FirstLayer, task.EndLayer), [DenoiserStep.Of(schedule.Steps[task.Step], task.Order.Guidance)], noise, reads: true);
        if (task.FirstLayer == 0) executor.Enter();
        else executor.Enter(task.InputStates.Span);
        var states = new List<ReadOnlyMemory<float>>();
        int next = task.FirstLayer;
        foreach (int layer in task.StatesAfter)
        {
            executor.Run(new LayerRange(next, next = layer + 1));
            var read = new float[executor.StateCount];
            executor.Queue.Read<float>(executor.Hidden, read);
            states.Add(read);
        }
        executor.Run(new LayerRange(next, task.EndLayer));
        if (isLast)
        {
            executor.Predict();
            executor.Advance();
            executor.Queue.Read<float>(executor.Latents, latent);
        }
        executor.End();
        await executor.Queue.CompleteAsync(cancellationToken).ConfigureAwait(false);
        return new StepReplay { Latent = latent, States = states };
    }
}

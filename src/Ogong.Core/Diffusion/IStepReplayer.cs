using System.Collections.Immutable;
using Ogong.Bytes;

namespace Ogong.Diffusion;

/// <summary>
/// Runs single denoising steps again from given latents. The engine implements it; the auditor knows nothing else of models and devices.
/// </summary>
public interface IStepReplayer
{
    /// <summary>Root of the model held.</summary>
    Digest ModelRoot { get; }

    /// <summary>Layers (transformer blocks) of the model, L.</summary>
    int Layers { get; }

    /// <summary>Values per state between layers.</summary>
    int Width { get; }

    /// <summary>Values of the states between layers in one step of an order that the model can run: <see cref="Width"/> for every branch and token.</summary>
    int StateCount(DiffusionOrder order);

    /// <summary>Why the model cannot run an order on this conditioning (its latent shape, its classes, the width of its vectors, a missing unconditional branch); null if it can.</summary>
    string? Objection(DiffusionOrder order, Conditioning conditioning);

    /// <summary>
    /// Work units of layers [<paramref name="firstLayer"/>, <paramref name="endLayer"/>) for all steps and branches of an order, by the model's manifest, with the patch embedding and the head
    /// where the range includes an end. The order is one that the model can run.
    /// </summary>
    ulong WorkUnits(int firstLayer, int endLayer, DiffusionOrder order, Conditioning conditioning);

    /// <summary>Runs a task.</summary>
    /// <exception cref="ArithmeticException">A value was not finite.</exception>
    ValueTask<StepReplay> ReplayAsync(StepReplayTask task, CancellationToken cancellationToken = default);
}

/// <summary>One step, or some of its layers, to run again, and what to run them on.</summary>
public sealed record StepReplayTask
{
    /// <summary>The order: schedule, shape, seed, guidance, profile.</summary>
    public required DiffusionOrder Order { get; init; }

    /// <summary>What the order's hash stands for.</summary>
    public required Conditioning Conditioning { get; init; }

    /// <summary>Index s of the step, from 0: it leads from latent x_s to x_{s+1}.</summary>
    public required int Step { get; init; }

    /// <summary>x_s, <see cref="LatentShape.Count"/> values.</summary>
    public required ReadOnlyMemory<float> Latent { get; init; }

    /// <summary>First layer; 0 starts from the latent.</summary>
    public required int FirstLayer { get; init; }

    /// <summary>One past the last layer; the model's L ends with the head and the scheduler's update.</summary>
    public required int EndLayer { get; init; }

    /// <summary>Input states [branches × tokens × width], conditional branch first, when <see cref="FirstLayer"/> is not 0.</summary>
    public ReadOnlyMemory<float> InputStates { get; init; }

    /// <summary>Layers of the range, ascending, whose output states are wanted.</summary>
    public ImmutableArray<int> StatesAfter { get; init; } = [];
}

/// <summary>What came out of a step.</summary>
public sealed record StepReplay
{
    /// <summary>x_{s+1}; empty when the range does not end with the head.</summary>
    public ReadOnlyMemory<float> Latent { get; init; }

    /// <summary>The states [branches × tokens × width] after each layer of <see cref="StepReplayTask.StatesAfter"/>, in the same order.</summary>
    public IReadOnlyList<ReadOnlyMemory<float>> States { get; init; } = [];
}

using Ogong.Bytes;
using Ogong.Diffusion;

namespace Ogong.Cli.Demo;

/// <summary>Replays each step of one trajectory once, however many audits ask: what many audits catch can then be counted in a second. For one trajectory and one caller at a time.</summary>
internal sealed class CachedReplayer(IStepReplayer replayer) : IStepReplayer
{
    private readonly Dictionary<(int Step, int FirstLayer, int EndLayer, string States), StepReplay> _replays = [];

    public Digest ModelRoot => replayer.ModelRoot;

    public int Layers => replayer.Layers;

    public int Width => replayer.Width;

    public int StateCount(DiffusionOrder order) => replayer.StateCount(order);

    public string? Objection(DiffusionOrder order, Conditioning conditioning) => replayer.Objection(order, conditioning);

    public ulong WorkUnits(int firstLayer, int endLayer, DiffusionOrder order, Conditioning conditioning) => replayer.WorkUnits(firstLayer, endLayer, order, conditioning);

    public async ValueTask<StepReplay> ReplayAsync(StepReplayTask task, CancellationToken cancellationToken = default)
    {
        var key = (task.Step, task.FirstLayer, task.EndLayer, string.Join(',', task.StatesAfter));
        if (!_replays.TryGetValue(key, out StepReplay? replay)) _replays[key] = replay = await replayer.ReplayAsync(task, cancellationToken);
        return replay;
    }
}

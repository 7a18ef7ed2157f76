using System.Runtime.CompilerServices;
using Ogong.Audit;
using Ogong.Diffusion;
using Ogong.Models;
using Ogong.Records;

namespace Ogong.Cli.Demo;

/// <summary>The same order, run honestly and in every way of doing less or something else; each run is audited in a few drawn steps.</summary>
internal sealed class DiffusionCases(DiffusionMarket market, int auditSteps)
{
    private readonly DiffusionCheats _cheats = new(market);

    /// <summary>Runs them one after the other.</summary>
    public async IAsyncEnumerable<DiffusionCase> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        DenoiserDirectory model = market.Model;
        TrajectoryReply honest = await market.RunCohortAsync(model, cancellationToken);
        var guard = new MemoryReplayGuard();
        yield return await AuditAsync("honest", honest, guard, cancellationToken);
        yield return await AuditAsync("same record sold twice", honest, guard, cancellationToken);
        yield return await AuditAsync("old record, new order", WithOrder(honest, market.Order()), null, cancellationToken);
        yield return await AuditAsync("8-bit weights", await market.RunCohortAsync(SubstitutedDenoiser.WithEightBitLayers(model, 0, model.Config.Layers), cancellationToken), null, cancellationToken);
        foreach ((string name, Func<CancellationToken, Task<IReadOnlyList<ReadOnlyMemory<float>>>> make) in _cheats.All())
            yield return await AuditAsync(name, market.Sign(market.Order(), await make(cancellationToken)), null, cancellationToken);
    }

    private async Task<DiffusionCase> AuditAsync(string name, TrajectoryReply reply, IReplayGuard? guard, CancellationToken cancellationToken) =>
        new(name, reply, await market.AuditAsync(reply, auditSteps, guard, cancellationToken));

    private static TrajectoryReply WithOrder(TrajectoryReply reply, Signed<DiffusionOrder> order) => new()
    {
        Order = order,
        ConsumerKey = reply.ConsumerKey,
        Conditioning = reply.Conditioning,
        Latents = reply.Latents,
        Segments = reply.Segments,
        Record = reply.Record,
        ProviderKey = reply.ProviderKey,
    };
}

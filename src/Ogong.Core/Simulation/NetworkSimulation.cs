using Ogong.Audit;
using Ogong.Beacon;
using Ogong.Bytes;
using Ogong.Cohorts;
using Ogong.Settlement;
using Ogong.Verifiers;

namespace Ogong.Simulation;

/// <summary>
/// A deterministic discrete-event run of the audit economy. Draws, verifier selection, verdicts, ejection, routing, settlement and ledger are the library's own; model execution and signatures are
/// replaced by distributions of their outcomes: relative L2 distances as measured on the shipped text model, latencies per provider.
/// </summary>
public sealed class NetworkSimulation
{
    private const ulong UnitsPerLayer = 1000;
    private readonly SimulationParameters parameters;
    private readonly SplitMix random;
    private readonly SimulatedProvider[] providers;
    private readonly Dictionary<Digest, SimulatedProvider> byKey;
    private readonly Market market;
    private readonly LocalBeacon beacon;
    private readonly Ledger ledger = new();
    private readonly PriorityQueue<Pending, (long Time, long Number)> events = new();
    private readonly SimulationReport report = new();
    private readonly Digest consumer = SimulatedProvider.Number(2, 0);
    private List<Digest> verifiers = [];
    private BeaconRound? round;
    private ulong providerUnits, verifierUnits;
    private long wrongReplies, lastMoment, ordered;

    /// <summary>Sets a network up.</summary>
    public NetworkSimulation(SimulationParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentOutOfRangeException.ThrowIfLessThan(parameters.Providers, 8);
        ArgumentOutOfRangeException.ThrowIfLessThan(parameters.Replies, 1);
        this.parameters = parameters;
        random = new SplitMix(parameters.Seed);
        providers = [.. Enumerable.Range(0, parameters.Providers).Select(MakeProvider)];
        byKey = providers.ToDictionary(provider => provider.KeyId);
        market = new Market(providers, random);
        beacon = new LocalBeacon(SimulatedProvider.Number(3, (long)(parameters.Seed >> 1)));
        report.Cheaters = providers.Count(provider => provider.Cheats);
        report.Stampers = providers.Count(provider => provider.Stamps);
        verifiers = [.. providers.Select(provider => provider.KeyId).Order()];
    }

    // What is under way: an order (no route yet), or a reply whose receipt is countersigned at the time of the event.
    private sealed record Pending(long Number, Route? Route, UInt128 Fee, bool[] Wrong, bool[] Cheated);

    /// <summary>Runs to the end.</summary>
    /// <exception cref="InvalidOperationException">Money was made or lost: a defect, and the run stops at the event that did it.</exception>
    public SimulationReport Run(CancellationToken cancellationToken = default)
    {
        Schedule(0, new Pending(0, null, 0, [], []));
        while (events.TryDequeue(out Pending? pending, out (long Time, long Number) at))
        {
            if ((++report.Events & 0xFFFF) == 0) cancellationToken.ThrowIfCancellationRequested();
            if (pending.Route is null) Order(at.Time);
            else Settle(pending, at.Time);
            report.ConservationChecks++;
            if (!ledger.IsConserved) throw new InvalidOperationException($"Money was made or lost at event {report.Events}.");
        }
        EndEpoch();
        Finish();
        return report;
    }

    private void Order(long time)
    {
        long number = ordered++;
        if (ordered < parameters.Replies) Schedule(time + parameters.OrderInterval, new Pending(ordered, null, 0, [], []));
        if (market.Next() is not { } route)
        {
            report.Unserved++;
            return;
        }
        // The providers' part of the fee is what they ask; audit and protocol come on top.
        uint shares = parameters.Terms.AuditPerMillion + parameters.Terms.ProtocolPerMillion;
        UInt128 fee = route.Price * SettlementTerms.Million / (SettlementTerms.Million - shares);
        ledger.Deposit(consumer, fee);
        if (!ledger.TryEscrow(SimulatedProvider.Number(4, number), consumer, fee)) throw new InvalidOperationException("An order was escrowed twice.");
        int segments = route.Segments.Count;
        bool[] wrong = new bool[segments], cheated = new bool[segments];
        for (int i = 0; i < segments; i++)
        {
            SimulatedProvider provider = byKey[route.Segments[i].Provider];
            provider.Slices++;
            cheated[i] = provider.Cheats && random.Chance(parameters.CheatRate);
            wrong[i] = cheated[i] || random.Chance(parameters.FaultRate);
            if (cheated[i]) report.CheatedSlices++;
        }
        int steps = 20 + random.Below(100);
        Schedule(time + (long)route.LatencyMilliseconds * steps, new Pending(number, route, fee, wrong, cheated));
    }

    private void Settle(Pending reply, long time)
    {
        IReadOnlyList<RouteOffer> segments = reply.Route!.Segments;
        var draw = new AuditDraw(RoundAfter(time), SimulatedProvider.Number(5, reply.Number));
        int rejected = draw.IsAudited(parameters.CoveragePerMillion) ? Audit(reply, draw) : -1;
        Slice[] slices = [.. segments.Select((offer, i) => new Slice(offer.Provider, Units(offer), i == rejected))];
        FeeSplit split = FeeSplit.Compute(reply.Fee, parameters.Terms, slices, lead: 0);
        if (!ledger.TrySettle(SimulatedProvider.Number(4, reply.Number), split)) throw new InvalidOperationException("A reply was settled twice.");
        report.Fees += reply.Fee;
        report.Refunds += split.Refund;
        foreach (Slice slice in slices) providerUnits += slice.WorkUnits;
        if (reply.Wrong.Contains(true)) wrongReplies++;
        if (++report.Replies % parameters.RepliesPerEpoch == 0) EndEpoch();
        if (report.Replies * 100 / parameters.Replies > (report.Replies - 1) * 100 / parameters.Replies) Moment();
    }

    /// <summary>Index of the slice that is rejected, or −1: the first wrong one, if the verifier computes and a second opinion agrees.</summary>
    private int Audit(Pending reply, AuditDraw draw)
    {
        IReadOnlyList<RouteOffer> segments = reply.Route!.Segments;
        report.Audits++;
        List<Digest> candidates = [.. verifiers];
        foreach (RouteOffer offer in segments)
            if (candidates.BinarySearch(offer.Provider) is >= 0 and var index) candidates.RemoveAt(index);
        if (VerifierSelection.Draw(draw, candidates) is not { } first) return -1;
        Honeypot(byKey[first]);
        int rejected = Verify(reply, draw.RecordHash, byKey[first]);
        // A Reject is computed again by the next draw, and stands if that rejects as well.
        if (rejected >= 0 && VerifierSelection.Draw(draw, candidates, attempt: 1) is { } second) rejected = Verify(reply, draw.RecordHash, byKey[second]);
        if (rejected < 0 && Array.IndexOf(reply.Cheated, true) >= 0) report.StampedSlices += reply.Cheated.Count(cheated => cheated);
        // Segments are compared in order, up to the one found at fault.
        for (int i = 0; i < (rejected < 0 ? segments.Count : rejected + 1); i++)
        {
            SimulatedProvider provider = byKey[segments[i].Provider];
            provider.Audits++;
            provider.EpochAudits++;
            if (i == rejected) provider.EpochFailures++;
        }
        if (rejected < 0) return -1;
        report.Rejections++;
        if (reply.Cheated[rejected]) report.CaughtSlices++;
        return rejected;
    }

    private int Verify(Pending reply, Digest recordHash, SimulatedProvider verifier)
    {
        IReadOnlyList<RouteOffer> segments = reply.Route!.Segments;
        UInt128 pay = reply.Fee * parameters.VerifierPayPerMillion / SettlementTerms.Million;
        if (ledger.TryPayVerifier(verifier.KeyId, pay)) report.VerifierPay += pay;
        else report.UnpaidVerifications++;
        if (verifier.Stamps) return -1;
        var trail = new AuditTrail(recordHash);
        for (int i = 0; i < segments.Count; i++)
        {
            verifierUnits += Units(segments[i]);
            // Measured: rounding moves states by 0.002 to 0.004, 4-bit weights by 0.12 to 0.17, a skipped layer by up to 0.70.
            double distance = reply.Wrong[i] ? 0.12 + 0.58 * random.Uniform() : 0.002 + 0.002 * random.Uniform();
            var figure = new AuditFigure(AuditCheck.BoundaryStates, "relative L2 distance at one position", distance, 0.10, i, 0, 0);
            if (!trail.Measure(figure, new Offender(OffenderRole.Provider, i, segments[i].Provider), "BoundaryStates: too far.")) break;
        }
        return trail.ToVerdict().Offender?.Segment ?? -1;
    }

    // A task of the verifier's that is a trap: who computes finds it, who stamps is exposed.
    private void Honeypot(SimulatedProvider verifier)
    {
        if (!random.Chance(parameters.Honeypots)) return;
        verifierUnits += verifier.Stamps ? 0 : Market.Layers * UnitsPerLayer / 4;
        if (!verifier.Stamps || verifier.IsExposed) return;
        verifier.IsExposed = true;
        report.StampersExposed++;
        verifiers.Remove(verifier.KeyId);
    }

    private void EndEpoch()
    {
        foreach (SimulatedProvider provider in providers)
        {
            if (provider.EpochAudits == 0) continue;
            bool before = provider.Test.IsEjected;
            bool ejected = provider.Test.Add(provider.EpochAudits, provider.EpochFailures);
            (provider.EpochAudits, provider.EpochFailures) = (0, 0);
            if (before || !ejected) continue;
            market.Eject(provider);
            verifiers.Remove(provider.KeyId);
            if (provider.Cheats) report.CheatersEjected++;
            else report.HonestEjected++;
        }
    }

    private void Moment()
    {
        if (!ledger.Recount()) throw new InvalidOperationException("The accounts do not add up to the supply.");
        report.Moments.Add(new SimulationMoment(report.Replies, report.Cheaters - report.CheatersEjected, (double)wrongReplies / (report.Replies - lastMoment)));
        (wrongReplies, lastMoment) = (0, report.Replies);
    }

    private void Finish()
    {
        List<SimulatedProvider> caught = [.. providers.Where(provider => provider.Cheats && provider.Test.IsEjected)];
        report.MeanCheaterSlices = caught.Count == 0 ? 0 : caught.Average(provider => provider.Slices);
        report.MeanCheaterAudits = caught.Count == 0 ? 0 : caught.Average(provider => provider.Audits);
        report.AuditCostShare = providerUnits == 0 ? 0 : (double)verifierUnits / providerUnits;
        if (!ledger.Recount()) throw new InvalidOperationException("The accounts do not add up to the supply.");
    }

    private BeaconRound RoundAfter(long time)
    {
        ulong number = beacon.FirstRoundAfter(time);
        return round?.Round == number ? round : round = beacon.Round(number);
    }

    private void Schedule(long time, Pending pending) => events.Enqueue(pending, (time, pending.Route is null ? -1 : pending.Number));

    private static ulong Units(RouteOffer offer) => (ulong)(offer.End - offer.First) * UnitsPerLayer;

    private SimulatedProvider MakeProvider(int index)
    {
        int quarters = 1 + random.Below(2), first = random.Below(5 - quarters) * (Market.Layers / 4);
        bool cheats = random.Chance(parameters.Cheaters), stamps = random.Chance(parameters.Stampers);
        // Who saves compute can afford to ask a little less.
        int price = 900 + random.Below(200) - (cheats ? 50 : 0);
        return new SimulatedProvider(index, cheats, stamps, first, first + quarters * (Market.Layers / 4), price, 5 + random.Below(40), parameters.Ejection);
    }
}

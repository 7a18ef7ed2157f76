using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Ogong.Cli.Plots;
using Ogong.Simulation;

namespace Ogong.Cli.Economy;

/// <summary><c>simulate</c>: runs the audit economy of a whole network.</summary>
internal static class SimulateCommand
{
    public static Command Create()
    {
        var defaults = new SimulationParameters();
        Option<int?> providers = CommonOptions.Number("--providers", "N", "Providers.", 8, 1_000_000), replies = CommonOptions.Number("--replies", "N", "Replies to order.", 1, 1_000_000_000);
        Option<int?> seed = CommonOptions.Number("--seed", "N", "Decides every random choice.", 0, int.MaxValue);
        Option<double> cheaters = Share("--cheaters", "Share of providers that cheat.", defaults.Cheaters), rate = Share("--cheat-rate", "Share of its slices a cheater computes wrong.", defaults.CheatRate);
        Option<double> stampers = Share("--stampers", "Share of verifiers that accept without computing.", defaults.Stampers);
        Option<double> coverage = Share("--coverage", "Share of replies audited.", defaults.CoveragePerMillion / 1e6);
        Option<string?> plot = new("--plot") { Description = "Write the run as a plot.", HelpName = "FILE.svg" };
        var command = new Command("simulate", "Run the audit economy of a whole network, with the real draws, verdicts, ejection, routing and settlement.")
        {
            providers, cheaters, rate, stampers, coverage, replies, seed, plot,
        };
        return command.Handle((context, cancellationToken) =>
        {
            SimulationParameters parameters = defaults with
            {
                Providers = context.Get(providers) ?? defaults.Providers,
                Replies = context.Get(replies) ?? defaults.Replies,
                Seed = (ulong)(context.Get(seed) ?? 1),
                Cheaters = context.Get(cheaters),
                CheatRate = context.Get(rate),
                Stampers = context.Get(stampers),
                CoveragePerMillion = (uint)Math.Round(context.Get(coverage) * 1e6),
            };
            long start = Stopwatch.GetTimestamp();
            SimulationReport report = new NetworkSimulation(parameters).Run(cancellationToken);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            context.Output.Json(json =>
            {
                json.WriteNumber("providers", parameters.Providers);
                json.WriteNumber("replies", report.Replies);
                json.WriteNumber("unserved", report.Unserved);
                json.WriteNumber("events", report.Events);
                json.WriteNumber("audits", report.Audits);
                json.WriteNumber("rejections", report.Rejections);
                json.WriteNumber("cheaters", report.Cheaters);
                json.WriteNumber("cheaters_ejected", report.CheatersEjected);
                json.WriteNumber("honest_ejected", report.HonestEjected);
                json.WriteNumber("cheated_slices", report.CheatedSlices);
                json.WriteNumber("caught_slices", report.CaughtSlices);
                json.WriteNumber("stamped_slices", report.StampedSlices);
                json.WriteNumber("mean_cheater_slices", report.MeanCheaterSlices);
                json.WriteNumber("mean_cheater_audits", report.MeanCheaterAudits);
                json.WriteNumber("stampers", report.Stampers);
                json.WriteNumber("stampers_exposed", report.StampersExposed);
                json.WriteNumber("honest_exposed", report.HonestExposed);
                json.WriteNumber("audit_cost_share", report.AuditCostShare);
                json.WriteString("fees", report.Fees.ToString(CultureInfo.InvariantCulture));
                json.WriteString("refunds", report.Refunds.ToString(CultureInfo.InvariantCulture));
                json.WriteString("verifier_pay", report.VerifierPay.ToString(CultureInfo.InvariantCulture));
                json.WriteNumber("unpaid_verifications", report.UnpaidVerifications);
                json.WriteNumber("conservation_checks", report.ConservationChecks);
                json.WriteNumber("seconds", seconds);
            });
            context.Output.Facts(
                Text($"{parameters.Providers} providers, {report.Replies} replies, {report.Events} events in {seconds:F1} s"),
                ("cheaters ejected", Text($"{report.CheatersEjected} of {report.Cheaters}, after {report.MeanCheaterSlices:F0} slices and {report.MeanCheaterAudits:F0} audits")),
                ("honest providers ejected", Text($"{report.HonestEjected}")),
                ("cheated slices", Text($"{report.CheatedSlices}, caught {report.CaughtSlices}, let pass by stamps {report.StampedSlices}")),
                ("stamping verifiers exposed", Text($"{report.StampersExposed} of {report.Stampers}; honest ones {report.HonestExposed}")),
                ("audits", Text($"{report.Audits}; verifiers' work is {report.AuditCostShare:P1} of providers'")),
                ("fees, refunds, verifiers' pay", Text($"{report.Fees}, {report.Refunds}, {report.VerifierPay} ({report.UnpaidVerifications} unpaid)")),
                ("conservation", Text($"checked {report.ConservationChecks} times")));
            if (context.Get(plot) is { } file) File.WriteAllText(file, Plot(report));
            return ExitCode.Ok;
        });
    }

    /// <summary>Cheaters left and replies with a wrong slice, over the run.</summary>
    internal static string Plot(SimulationReport report) =>
        new LinePlot("A network rids itself of cheaters", "replies settled", "share of its start")
        {
            MaxY = 1,
        }
        .Add("cheaters left", report.Moments.Select(m => ((double)m.Replies, (double)m.CheatersLeft / Math.Max(1, report.Cheaters))))
        .Add("replies with a wrong slice", report.Moments.Select(m => ((double)m.Replies, report.Moments[0].WrongShare == 0 ? 0 : m.WrongShare / report.Moments[0].WrongShare)))
        .ToSvg();

    private static Option<double> Share(string name, string description, double otherwise) => new(name)
    {
        Description = description,
        HelpName = "X",
        DefaultValueFactory = _ => otherwise,
        CustomParser = result => double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value is >= 0 and <= 1
            ? value
            : CommonOptions.Refuse<double>(result, $"{name} is a share from 0 to 1."),
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

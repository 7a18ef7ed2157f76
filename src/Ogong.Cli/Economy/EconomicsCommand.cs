using System.CommandLine;
using System.Globalization;
using Ogong.Economics;

namespace Ogong.Cli.Economy;

/// <summary><c>economics</c>: whether honesty is a best response, and what would make it one.</summary>
internal static class EconomicsCommand
{
    public static Command Create()
    {
        Option<double> fee = Amount("--fee", "Fee of the work, p.", null), saving = Amount("--saving", "Compute a cheat saves, Δ.", null);
        Option<double> franchise = Amount("--franchise", "Worth of the future income that ejection ends, Φ.", 0), bond = Amount("--bond", "A stake that a caught cheat forfeits, B.", 0);
        Option<double> detection = Amount("--detection", "Probability that a cheated reply is caught, q: coverage × catch rate.", null);
        Option<double> share = Amount("--share", "Share of the work in one slice, in (0, 1].", 1);
        Option<string?> plots = new("--plots") { Description = "Folder to write the plots of the documentation to.", HelpName = "FOLDER" };
        var command = new Command("economics", "When honesty is a best response: q ≥ Δ/(p + Φ + B).") { fee, saving, franchise, bond, detection, share, plots };
        return command.Handle((context, _) =>
        {
            double q = context.Get(detection), s = context.Get(share);
            if (!(context.Get(fee) > 0)) throw new BadInputException("--fee is a positive amount.");
            if (q > 1) throw new BadInputException("--detection is a probability.");
            if (!(s is > 0 and <= 1)) throw new BadInputException("--share is in (0, 1].");
            var whole = new Deterrence(context.Get(fee), context.Get(saving), context.Get(franchise), context.Get(bond));
            Deterrence slice = whole.Slice(s);
            context.Output.Json(json =>
            {
                json.WriteBoolean("honest", slice.IsHonest(q));
                json.WriteNumber("required_detection", slice.RequiredDetection);
                json.WriteNumber("required_detection_unsharded", whole.RequiredDetection);
                json.WriteNumber("cheat_gain", slice.CheatGain(q));
                json.WriteBoolean("bond_redundant", slice.IsBondRedundant(q));
                if (q > 0) json.WriteNumber("required_bond", slice.RequiredBond(q));
                if (q > 0) json.WriteNumber("required_franchise", slice.RequiredFranchise(q));
            });
            context.Output.Facts(
                slice.IsHonest(q) ? "Honesty is a best response" : "Cheating pays",
                ("required detection", Text(slice.RequiredDetection)),
                ("detection", Text(q)),
                ("gain of a cheat over honest work", Text(slice.CheatGain(q))),
                ("bond", slice.IsBondRedundant(q) ? "redundant" : q > 0 ? $"at least {Text(slice.RequiredBond(q))}" : "none suffices without detection"),
                ("required detection without sharding", Text(whole.RequiredDetection)));
            if (context.Get(plots) is { } folder) Write(folder);
            return ExitCode.Ok;
        });
    }

    private static void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "honesty-region.svg"), EconomicsPlots.HonestyRegion());
        File.WriteAllText(Path.Combine(folder, "sharding.svg"), EconomicsPlots.Sharding());
        File.WriteAllText(Path.Combine(folder, "bond.svg"), EconomicsPlots.Bond());
    }

    private static Option<double> Amount(string name, string description, double? otherwise)
    {
        var option = new Option<double>(name)
        {
            Description = description,
            HelpName = "X",
            Required = otherwise is null,
            CustomParser = result => double.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= 0 && double.IsFinite(value)
                ? value
                : CommonOptions.Refuse<double>(result, $"{name} is a number, not negative."),
        };
        if (otherwise is { } value) option.DefaultValueFactory = _ => value;
        return option;
    }

    private static string Text(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
}

using System.Text.Json;
using NUnit.Framework;

namespace Ogong.Tests.Cli;

public sealed class EconomicsCommandTests
{
    [Test]
    public void The_calculator_says_whether_honesty_pays()
    {
        (int code, JsonElement result, _) = CommandLine.RunJson("economics", "--fee", "1", "--saving", "0.9", "--franchise", "8", "--detection", "0.1");
        Assert.That(code, Is.Zero);
        Assert.That(result.GetProperty("honest").GetBoolean());
        Assert.That(result.GetProperty("required_detection").GetDouble(), Is.EqualTo(0.1).Within(1e-12));
        (_, result, _) = CommandLine.RunJson("economics", "--fee", "1", "--saving", "0.9", "--detection", "0.1");
        Assert.That(result.GetProperty("honest").GetBoolean(), Is.False);
        Assert.That(result.GetProperty("required_bond").GetDouble(), Is.EqualTo(8).Within(1e-9));
    }

    [TestCase("--detection", "1.5")]
    [TestCase("--detection", "-1")]
    [TestCase("--detection", "x")]
    public void What_is_no_probability_is_bad_input(string option, string value) =>
        Assert.That(CommandLine.Run("economics", "--fee", "1", "--saving", "1", option, value).Code, Is.EqualTo(2));

    [Test]
    public void The_plots_in_the_documentation_are_what_the_calculator_draws()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}");
        Assert.That(CommandLine.Run("economics", "--fee", "1", "--saving", "0.9", "--detection", "1", "--plots", folder).Code, Is.Zero);
        foreach (string name in new[] { "honesty-region.svg", "sharding.svg", "bond.svg" })
            Assert.That(File.ReadAllText(Path.Combine(folder, name)), Is.EqualTo(File.ReadAllText(Path.Combine(Repository.Root, "docs", "plots", name))), name);
        Directory.Delete(folder, recursive: true);
    }
}

using System.Text.RegularExpressions;
using NUnit.Framework;

namespace Ogong.Tests.Proofs;

/// <summary>
/// Runs every file of proofs/ through Z3: each check must answer what its comment expects, theorems <c>unsat</c> and controls <c>sat</c>. A theorem whose hypotheses contradict each other would
/// be unsat as well; the controls, which share them, then fail.
/// </summary>
internal sealed partial class ProofTests
{
    private static readonly string Folder = Path.Combine(Repository.Root, "proofs");

    private static IEnumerable<string> Files => Directory.GetFiles(Folder, "*.smt2").Select(file => Path.GetFileName(file));

    [TestCaseSource(nameof(Files))]
    public void Every_check_answers_as_expected(string file)
    {
        string path = Path.Combine(Folder, file);
        string[] expected = [.. Expectation().Matches(File.ReadAllText(path)).Select(match => match.Groups[1].Value)];
        Assert.That(expected, Does.Contain("unsat").And.Contain("sat"), "a proof has a theorem and a control");
        Assert.That(expected, Has.Length.EqualTo(Check().Count(File.ReadAllText(path))), "every check says what it expects");
        string[] answers = Requirement.Run(Requirement.Z3(), ["-T:120", path]).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.That(answers, Is.EqualTo(expected));
    }

    [Test]
    public void The_statements_of_the_documentation_are_there() =>
        Assert.That(Files, Is.SupersetOf(new[] { "bond-redundancy.smt2", "sharding.smt2", "settlement.smt2", "settlement-width.smt2", "router.smt2" }));

    [GeneratedRegex(@"^\(check-sat\) ; expect: (sat|unsat)$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Expectation();

    [GeneratedRegex(@"\(check-sat", RegexOptions.CultureInvariant)]
    private static partial Regex Check();
}

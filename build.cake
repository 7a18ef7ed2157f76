// Targets: Build, Test (default), Bench, Pack, Api, Proofs. Run through build.sh or build.ps1.
using System.Xml.Linq;

var target = Argument("target", "Test");
var configuration = Argument("configuration", "Release");
var filter = Argument("filter", "");

const string Solution = "Ogong.sln";
const string Tests = "tests/Ogong.Tests/Ogong.Tests.csproj";
const string PublicApiTests = "FullyQualifiedName~Ogong.Tests.House.PublicApi";
var results = Directory("artifacts/test-results");
var packages = Directory("artifacts/packages");

Task("Build")
    .Does(() => DotNetBuild(Solution, new DotNetBuildSettings
    {
        Configuration = configuration,
        NoLogo = true,
        Verbosity = DotNetVerbosity.Quiet,
    }));

Task("Test")
    .Description("Runs every test, or those of --filter=EXPRESSION, and ends with one line that counts them.")
    .IsDependentOn("Build")
    .Does(() => RunTests(filter));

Task("Api")
    .Description("Rewrites the checked-in listings of the public API.")
    .IsDependentOn("Build")
    .Does(() =>
    {
        System.Environment.SetEnvironmentVariable("OGONG_UPDATE_PUBLIC_API", "1");
        RunTests(PublicApiTests);
    });

Task("Proofs")
    .Description("Checks the proofs: proofs/*.smt2 with z3, answer by answer, and proofs/coq with coqc.")
    .Does(() =>
    {
        foreach (var file in GetFiles("proofs/*.smt2"))
        {
            var expected = System.IO.File.ReadLines(file.FullPath).Where(line => line.StartsWith("(check-sat)")).Select(line => line.Split(' ')[^1]).ToList();
            StartProcess("z3", new ProcessSettings { Arguments = $"-T:120 {file.FullPath}", RedirectStandardOutput = true }, out IEnumerable<string> answers);
            if (!answers.SequenceEqual(expected)) throw new CakeException($"{file.GetFilename()}: expected {string.Join(' ', expected)}, got {string.Join(' ', answers)}.");
            Console.WriteLine($"{file.GetFilename()}: {string.Join(' ', expected)}");
        }
        var compiled = Directory("artifacts/proofs");
        EnsureDirectoryExists(compiled);
        foreach (var file in GetFiles("proofs/coq/*.v"))
        {
            var copy = compiled.Path.CombineWithFilePath(file.GetFilename());
            CopyFile(file, copy); // coqc writes beside its source.
            if (StartProcess("coqc", copy.FullPath) != 0) throw new CakeException($"{file.GetFilename()} does not check.");
            Console.WriteLine($"{file.GetFilename()}: checked");
        }
    });

Task("Bench")
    .Description("Runs the benchmarks; --filter=GLOB chooses some.")
    .IsDependentOn("Build")
    .Does(() => DotNetRun("bench/Ogong.Bench", new ProcessArgumentBuilder().Append("--filter").AppendQuoted(filter == "" ? "*" : filter),
        new DotNetRunSettings { Configuration = configuration, NoBuild = true }));

Task("Pack")
    .Description("Makes the NuGet packages in artifacts/packages.")
    .IsDependentOn("Build")
    .Does(() => DotNetPack(Solution, new DotNetPackSettings
    {
        Configuration = configuration,
        NoBuild = true,
        NoLogo = true,
        OutputDirectory = packages,
        Verbosity = DotNetVerbosity.Minimal,
    }));

RunTarget(target);

void RunTests(string expression)
{
    CleanDirectory(results);
    Exception failure = null;
    try
    {
        DotNetTest(Tests, new DotNetTestSettings
        {
            Configuration = configuration,
            Filter = expression,
            Loggers = ["trx;LogFileName=tests.trx", "console;verbosity=minimal"],
            NoBuild = true,
            NoLogo = true,
            ResultsDirectory = results,
        });
    }
    catch (CakeException e)
    {
        // The count below is wanted most when a test failed; the failure itself is thrown after it.
        failure = e;
    }

    var (passed, failed, skipped) = Count(results.Path.CombineWithFilePath("tests.trx"));
    Console.WriteLine($"{passed} passed, {failed} failed, {skipped} skipped");
    if (failure is not null || failed > 0)
        throw new CakeException("Tests failed.", failure);
    if (passed == 0)
        throw new CakeException("No test ran.");
}

(int Passed, int Failed, int Skipped) Count(FilePath report)
{
    if (!FileExists(report))
        throw new CakeException($"The test run left no report at {report}.");
    var outcomes = XDocument.Load(report.FullPath).Descendants()
        .Where(e => e.Name.LocalName == "UnitTestResult")
        .Select(e => (string)e.Attribute("outcome"))
        .ToList();
    int passed = outcomes.Count(o => o == "Passed"), skipped = outcomes.Count(o => o == "NotExecuted");
    return (passed, outcomes.Count - passed - skipped, skipped);
}

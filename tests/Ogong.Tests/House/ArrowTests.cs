using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using NUnit.Framework;

namespace Ogong.Tests.House;

/// <summary>The arrows of docs/architecture.md, between the projects and between the folders of Ogong.Core.</summary>
internal sealed class ArrowTests
{
    private static readonly string[] Foundations = ["Numerics", "Bytes", "Merkle", "Signatures", "Commitments"];
    private static readonly string[] Protocol = [.. Foundations, "Beacon", "Records", "Cohorts", "Audit"];

    // What each folder of Ogong.Core may use. A new folder must be given its place here, and in the drawing.
    private static readonly Dictionary<string, string[]> MayUse = new()
    {
        ["Numerics"] = [],
        ["Bytes"] = [],
        ["Merkle"] = ["Bytes"],
        ["Signatures"] = ["Bytes"],
        ["Beacon"] = ["Bytes"],
        ["Commitments"] = ["Bytes", "Merkle", "Numerics"],
        ["Records"] = Foundations,
        ["Cohorts"] = [.. Foundations, "Records"],
        ["Audit"] = [.. Foundations, "Beacon", "Records", "Cohorts"],
        ["Ejection"] = ["Bytes"],
        ["Verifiers"] = Protocol,
        ["Economics"] = [],
        ["Settlement"] = Protocol,
        ["Disputes"] = ["Bytes", "Merkle"],
        ["Devices"] = [.. Foundations, "Beacon"],
        ["Simulation"] = [.. Protocol, "Ejection", "Settlement", "Verifiers"],
        ["Diffusion"] = Protocol,
        ["Compute"] = ["Bytes", "Numerics"],
        ["Models"] = [.. Foundations, "Diffusion", "Compute"],
        ["Engine"] = [.. Protocol, "Diffusion", "Compute", "Models"],
    };

    [Test]
    public void Folders_of_Core_use_only_what_the_drawing_allows()
    {
        var wrong = Load("Ogong.Core").GetTypes()
            .Where(t => t.Namespace?.StartsWith("Ogong.", StringComparison.Ordinal) == true)
            .SelectMany(t => TypeReferences.Of(t)
                .Where(r => r.Assembly == t.Assembly && r.Namespace?.StartsWith("Ogong.", StringComparison.Ordinal) == true)
                .Select(r => (User: t, From: Folder(t), Used: r, To: Folder(r))))
            .Where(use => use.From != use.To && !(MayUse.TryGetValue(use.From, out var allowed) && allowed.Contains(use.To)))
            .Select(use => $"{use.From} -> {use.To}: {use.User} uses {use.Used}")
            .Distinct();
        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void Every_folder_of_Core_has_its_place_and_its_namespace()
    {
        var folders = Directory.GetDirectories(Path.Combine(Repository.Root, "src", "Ogong.Core")).Select(f => Path.GetFileName(f)).Except(["bin", "obj"]);
        Assert.That(folders, Is.SubsetOf(MayUse.Keys));
        Assert.That(Load("Ogong.Core").GetExportedTypes().Select(Folder).Distinct(), Is.SubsetOf(MayUse.Keys));
    }

    [Test]
    public void The_walk_through_a_type_sees_code_and_signatures()
    {
        var seen = TypeReferences.Of(typeof(Specimen<>));
        Assert.That(seen, Is.SupersetOf(new[] { typeof(List<>), typeof(Uri), typeof(Version), typeof(Guid), typeof(StringComparer), typeof(TimeSpan) }));
    }

    [Test]
    public void Core_and_Native_need_only_the_base_class_library()
    {
        string framework = RuntimeEnvironment.GetRuntimeDirectory();
        foreach (string name in new[] { "Ogong.Core", "Ogong.Native" })
        {
            var foreign = Load(name).GetReferencedAssemblies().Select(r => r.Name!).Where(r => !File.Exists(Path.Combine(framework, r + ".dll")));
            Assert.That(foreign, Is.Empty, name);
        }
    }

    [Test]
    public void Kernels_and_Cli_use_the_projects_drawn_below_them()
    {
        Assert.That(Ours("Ogong.Kernels"), Is.SubsetOf(new[] { "Ogong.Core", "Ogong.Native" }));
        Assert.That(Ours("ogong"), Is.SubsetOf(new[] { "Ogong.Core", "Ogong.Kernels", "Ogong.Native" }));
    }

    [Test]
    public void Only_Native_binds_native_functions()
    {
        var bound = new[] { "Ogong.Core", "Ogong.Kernels", "ogong" }
            .SelectMany(name => Load(name).GetTypes())
            .SelectMany(t => t.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(m => m.Attributes.HasFlag(MethodAttributes.PinvokeImpl))
            .Select(m => $"{m.DeclaringType}.{m.Name}");
        Assert.That(bound, Is.Empty);
        var loading = new[] { "Ogong.Core", "Ogong.Kernels", "ogong" }
            .SelectMany(name => Load(name).GetTypes())
            .Where(t => TypeReferences.Of(t).Contains(typeof(NativeLibrary)));
        Assert.That(loading, Is.Empty);
    }

    [Test]
    [NonParallelizable]
    public void Type_initialisers_load_no_compute_library()
    {
        var before = ComputeModules();
        foreach (var type in new[] { "Ogong.Core", "Ogong.Native", "Ogong.Kernels" }.SelectMany(name => Load(name).GetTypes()))
        {
            if (!type.ContainsGenericParameters)
                RuntimeHelpers.RunClassConstructor(type.TypeHandle);
        }

        Assert.That(ComputeModules(), Is.SubsetOf(before));
    }

    private static Assembly Load(string name) => Assembly.Load(name);

    private static IEnumerable<string> Ours(string assembly) =>
        Load(assembly).GetReferencedAssemblies().Select(r => r.Name!).Where(r => r.StartsWith("Ogong.", StringComparison.Ordinal));

    // "Ogong.Records.Something" -> "Records"; a namespace below a folder's belongs to the folder.
    private static string Folder(Type type) => type.Namespace is { } name && name.Split('.') is [_, var folder, ..] ? folder : "";

    private static HashSet<string> ComputeModules()
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return [.. process.Modules.Cast<System.Diagnostics.ProcessModule>().Select(m => m.FileName!)
            .Where(f => Ogong.Native.LibraryDescription.All.Any(library => library.Matches(Path.GetFileName(f))))];
    }

    /// <summary>Mentions a type in each of the ways a type can be mentioned.</summary>
    private abstract class Specimen<T> : List<Uri>
    {
        private readonly Version? _field = null;

        public abstract Guid Returned(T parameter);

        public string Body() => $"{_field}{StringComparer.Ordinal}{TimeSpan.FromDays(1)}";
    }
}

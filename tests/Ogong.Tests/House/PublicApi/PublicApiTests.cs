using System.Reflection;
using NUnit.Framework;

namespace Ogong.Tests.House.PublicApi;

/// <summary>
/// Holds the public surface of each package to the listing checked in beside its project, so that a change of it shows in a diff.
/// <c>./build.sh api</c> sets <c>OGONG_UPDATE_PUBLIC_API=1</c>, and the listings are rewritten instead.
/// </summary>
internal sealed class PublicApiTests
{
    [TestCase("Ogong.Core")]
    [TestCase("Ogong.Native")]
    [TestCase("Ogong.Kernels")]
    public void Public_surface_is_the_one_listed(string assembly)
    {
        string file = Path.Combine(Repository.Root, "src", assembly, "PublicApi.txt");
        string actual = Listing.Of(Assembly.Load(assembly));
        if (Environment.GetEnvironmentVariable("OGONG_UPDATE_PUBLIC_API") == "1")
            File.WriteAllText(file, actual);

        string listed = File.Exists(file) ? File.ReadAllText(file) : "";
        Assert.That(actual == listed, Is.True, () => $"src/{assembly}/PublicApi.txt is not up to date; if the change is meant, run ./build.sh api.\n{Difference(listed, actual)}");
    }

    [Test]
    public void Listing_shows_what_a_caller_sees()
    {
        string listing = Listing.Of(typeof(PublicApiSpecimen<>).Assembly);
        Assert.That(listing, Does.Contain("""

            namespace Ogong.Tests.House.PublicApi
              abstract class PublicApiSpecimen<T> : IDisposable where T : unmanaged
                IAsyncEnumerable<ValueTuple<int, T?>> ReadAsync<TKey>(TKey key, params TKey[]? others) where TKey : class, IComparable<TKey>
                abstract ReadOnlySpan<byte> Bytes { get; }
                const int Limit = 32
                protected PublicApiSpecimen()
                protected virtual int this[int index] { get; }
                required string Name { get; init; }
                static bool TryRead(ReadOnlySpan<byte> source, in T start, out List<string?>? values, int limit = 32, CancellationToken cancellation = default)
                string? Note { get; protected set; }
                void Dispose()
            """));
    }

    // Lines on one side only, each under the type it belongs to.
    private static string Difference(string listed, string actual)
    {
        static List<string> Qualified(string text)
        {
            string type = "";
            var lines = new List<string>();
            foreach (string line in text.Split('\n').Where(l => l.StartsWith(' ')))
            {
                if (!line.StartsWith("    ", StringComparison.Ordinal))
                    type = line.Trim();
                lines.Add(line.Trim() == type ? type : $"{type}  ::  {line.Trim()}");
            }

            return lines;
        }

        var (before, after) = (Qualified(listed), Qualified(actual));
        return string.Join('\n', before.Except(after).Select(l => "- " + l).Concat(after.Except(before).Select(l => "+ " + l)));
    }
}

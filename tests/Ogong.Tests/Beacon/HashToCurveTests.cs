using System.Text;
using System.Text.Json;
using NUnit.Framework;
using Ogong.Beacon.Bls12381;

namespace Ogong.Tests.Beacon;

/// <summary>The vectors of RFC 9380.</summary>
public sealed class HashToCurveTests
{
    private static readonly JsonElement Vectors = JsonDocument.Parse(File.ReadAllBytes(Repository.Vector("beacon", "rfc9380.json"))).RootElement;

    [Test]
    public void Messages_expand_as_the_vectors_say()
    {
        JsonElement expand = Vectors.GetProperty("expand");
        foreach (JsonElement vector in expand.GetProperty("vectors").EnumerateArray())
        {
            byte[] expected = Convert.FromHexString(vector.GetProperty("uniform").GetString()!), uniform = new byte[expected.Length];
            HashToCurve.ExpandMessage(Text(vector, "msg"), Text(expand, "dst"), uniform);
            Assert.That(uniform, Is.EqualTo(expected));
        }
    }

    [Test]
    public void Lengths_past_the_format_are_misuse()
    {
        Assert.That(() => HashToCurve.ExpandMessage([], new byte[256], new byte[32]), Throws.ArgumentException);
        Assert.That(() => HashToCurve.ExpandMessage([], [], new byte[8161]), Throws.ArgumentException);
        Assert.That(() => HashToCurve.ExpandMessage([], [], new byte[8160]), Throws.Nothing);
    }

    [Test]
    public void Messages_hash_to_the_points_of_the_vectors()
    {
        JsonElement g1 = Vectors.GetProperty("suites")[0], g2 = Vectors.GetProperty("suites")[1];
        foreach (JsonElement vector in g1.GetProperty("vectors").EnumerateArray())
        {
            (Fp x, Fp y) = HashToCurve.ToG1(Text(vector, "msg"), Text(g1, "dst")).ToAffine();
            Assert.That((x, y), Is.EqualTo((Element(vector, "x", 0), Element(vector, "y", 0))));
        }
        foreach (JsonElement vector in g2.GetProperty("vectors").EnumerateArray())
        {
            (Fp2 x, Fp2 y) = HashToCurve.ToG2(Text(vector, "msg"), Text(g2, "dst")).ToAffine();
            Assert.That(x, Is.EqualTo(new Fp2(Element(vector, "x", 0), Element(vector, "x", 1))));
            Assert.That(y, Is.EqualTo(new Fp2(Element(vector, "y", 0), Element(vector, "y", 1))));
        }
    }

    [Test]
    public void The_exceptional_field_elements_still_give_points()
    {
        // u = 0 makes Z²u⁴ + Zu² vanish.
        CurvePoint<G1, Fp> p = IsogenyG1.Map.Apply(SimplifiedSwu.G1.Map(Fp.Zero));
        CurvePoint<G2, Fp2> q = IsogenyG2.Map.Apply(SimplifiedSwu.G2.Map(Fp2.Zero));
        Assert.That(p.IsOnCurve && !p.IsInfinity && q.IsOnCurve && !q.IsInfinity);
    }

    private static byte[] Text(JsonElement element, string name) => Encoding.ASCII.GetBytes(element.GetProperty(name).GetString()!);

    private static Fp Element(JsonElement vector, string name, int index) => Fp.Parse(vector.GetProperty(name)[index].GetString()!);
}

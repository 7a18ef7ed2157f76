using NUnit.Framework;
using Ogong.Beacon.Bls12381;

namespace Ogong.Tests.Beacon;

/// <summary>Compressed points: what is read, and every reason not to.</summary>
public sealed class PointEncodingTests
{
    private static readonly byte[] Generator1 = PointEncoding.Encode(CurvePoint<G1, Fp>.Generator), Generator2 = PointEncoding.Encode(CurvePoint<G2, Fp2>.Generator);

    [Test]
    public void Generators_have_their_known_encodings()
    {
        Assert.That(Convert.ToHexStringLower(Generator1), Is.EqualTo("97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb"));
        Assert.That(Convert.ToHexStringLower(Generator2), Is.EqualTo("93e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e"
            + "024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8"));
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(12345)]
    public void Points_are_read_back(int scalar)
    {
        CurvePoint<G1, Fp> p = CurvePoint<G1, Fp>.Generator.Multiply(scalar);
        CurvePoint<G2, Fp2> q = CurvePoint<G2, Fp2>.Generator.Multiply(scalar);
        Assert.That(PointEncoding.DecodeG1(PointEncoding.Encode(p), out CurvePoint<G1, Fp> p2) == PointFailure.None && p2.IsSame(p));
        Assert.That(PointEncoding.DecodeG1(PointEncoding.Encode(-p), out p2) == PointFailure.None && p2.IsSame(-p));
        Assert.That(PointEncoding.DecodeG2(PointEncoding.Encode(q), out CurvePoint<G2, Fp2> q2) == PointFailure.None && q2.IsSame(q));
        Assert.That(PointEncoding.DecodeG2(PointEncoding.Encode(-q), out q2) == PointFailure.None && q2.IsSame(-q));
    }

    [Test]
    public void Every_other_string_is_refused_for_its_reason()
    {
        Assert.That(Decode(Generator1[..47]), Is.EqualTo(PointFailure.WrongLength));
        Assert.That(Decode([.. Generator1, 0]), Is.EqualTo(PointFailure.WrongLength));
        Assert.That(Decode([]), Is.EqualTo(PointFailure.WrongLength));
        Assert.That(Decode(With(Generator1, first: 0x17)), Is.EqualTo(PointFailure.NotCompressed));
        Assert.That(Decode(PointEncoding.Encode(CurvePoint<G1, Fp>.Infinity)), Is.EqualTo(PointFailure.Infinity));
        Assert.That(Decode(With(Generator1, first: 0xd7)), Is.EqualTo(PointFailure.Infinity));
        Assert.That(Decode(Convert.FromHexString("9a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab")), Is.EqualTo(PointFailure.NotReduced));
        Assert.That(Decode(Smallest(PointFailure.NotOnCurve, 48)), Is.EqualTo(PointFailure.NotOnCurve));
        Assert.That(Decode(Smallest(PointFailure.NotInSubgroup, 48)), Is.EqualTo(PointFailure.NotInSubgroup));

        Assert.That(Decode2(Generator2[..95]), Is.EqualTo(PointFailure.WrongLength));
        Assert.That(Decode2(With(Generator2, first: 0x13)), Is.EqualTo(PointFailure.NotCompressed));
        Assert.That(Decode2(PointEncoding.Encode(CurvePoint<G2, Fp2>.Infinity)), Is.EqualTo(PointFailure.Infinity));
        byte[] large = [.. Generator2];
        large.AsSpan(48).Fill(0xff); // The second coordinate has no flag bits to hide in.
        Assert.That(Decode2(large), Is.EqualTo(PointFailure.NotReduced));
        Assert.That(Decode2(Smallest(PointFailure.NotOnCurve, 96)), Is.EqualTo(PointFailure.NotOnCurve));
        Assert.That(Decode2(Smallest(PointFailure.NotInSubgroup, 96)), Is.EqualTo(PointFailure.NotInSubgroup));
    }

    [Test]
    public void What_is_read_encodes_to_the_same_bytes()
    {
        var random = new Random(3);
        var seen = new HashSet<PointFailure>();
        for (int i = 0; i < 300; i++)
        {
            byte[] bytes = i % 3 == 0 ? PointEncoding.Encode(CurvePoint<G1, Fp>.Generator.Multiply(i + 1)) : [.. Generator1];
            if (i % 2 == 0) bytes[random.Next(48)] ^= (byte)(1 << random.Next(8));
            PointFailure failure = PointEncoding.DecodeG1(bytes, out CurvePoint<G1, Fp> point);
            seen.Add(failure);
            if (failure == PointFailure.None) Assert.That(PointEncoding.Encode(point), Is.EqualTo(bytes));
        }
        Assert.That(seen, Is.SupersetOf(new[] { PointFailure.None, PointFailure.NotOnCurve, PointFailure.NotInSubgroup }));
    }

    private static byte[] Smallest(PointFailure wanted, int size)
    {
        for (byte x = 1; x < 100; x++)
        {
            byte[] bytes = new byte[size];
            (bytes[0], bytes[^1]) = (0x80, x);
            if ((size == 48 ? Decode(bytes) : Decode2(bytes)) == wanted) return bytes;
        }
        throw new InvalidOperationException($"No small x is {wanted}.");
    }

    private static byte[] With(byte[] bytes, byte first) => [first, .. bytes[1..]];

    private static PointFailure Decode(byte[] bytes) => PointEncoding.DecodeG1(bytes, out _);

    private static PointFailure Decode2(byte[] bytes) => PointEncoding.DecodeG2(bytes, out _);
}

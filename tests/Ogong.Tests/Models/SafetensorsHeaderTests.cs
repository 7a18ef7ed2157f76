using System.Text;
using NUnit.Framework;
using Ogong.Models;

namespace Ogong.Tests.Models;

public class SafetensorsHeaderTests
{
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}""", 16, "'a' appears twice")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "'b' overlaps")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, "'b' overlaps")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "'a' leaves a hole of 4 bytes")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 12, "4 bytes at the end belong to no tensor")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "'a' ends 4 bytes past the end")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "'a' ends before it begins")]
    [TestCase("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "'a' has 8 bytes of data where its shape and dtype make 12")]
    [TestCase("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "'a' has a dimension or offset")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}""", 8, "'a' has a dimension or offset")]
    [TestCase("""{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,8]}}""", 8, "'a' has a dimension or offset")]
    [TestCase("""{"a":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807],"data_offsets":[0,8]}}""", 8, "'a' has a shape that overflows")]
    [TestCase("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}""", 0, "'a' has a shape that overflows")]
    [TestCase("""{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}}""", 4, "'a' has more than 8 dimensions")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}""", 8, "'a' has more than 2")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""", 8, "'a' has no pair of data_offsets")]
    [TestCase("""{"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}""", 8, "not an array")]
    [TestCase("""{"a":{"dtype":"Q4","shape":[2],"data_offsets":[0,8]}}""", 8, "'a' has the unknown dtype 'Q4'")]
    [TestCase("""{"a":{"dtype":7,"shape":[2],"data_offsets":[0,8]}}""", 8, "'a' has a dtype that is not a string")]
    [TestCase("""{"a":{"shape":[2],"data_offsets":[0,8]}}""", 8, "'a' has no dtype")]
    [TestCase("""{"a":{"dtype":"F32","data_offsets":[0,8]}}""", 8, "'a' has no shape")]
    [TestCase("""{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, "'a' states a field twice")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}}""", 8, "'a' has an unknown field 'x'")]
    [TestCase("""{"a":[]}""", 0, "'a' is not an object")]
    [TestCase("""{"z":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"a":{"dtype":"F32","shape":[1],"data_offsets":[3,7]}}""", 7, "'a' begins at 3, which is not aligned")]
    [TestCase("""{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,1]}}""", 1, "'a' has 1 bytes of data where its shape and dtype make 1.5")]
    [TestCase("""{"__metadata__":{"format":1}}""", 0, "__metadata__ is not a string")]
    [TestCase("""{"__metadata__":{},"__metadata__":{}}""", 0, "'__metadata__' appears twice")]
    [TestCase("""{"__metadata__":{"a":{"b":{"c":{"d":{}}}}}}""", 0, "")]
    [TestCase("""{}{}""", 0, "")]
    [TestCase(""" {}""", 0, "not a JSON object")]
    [TestCase("""[]""", 0, "not a JSON object")]
    [TestCase("""{"\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8, "")]
    [TestCase("{\"a", 0, "")]
    public void HostileHeadersAreRefusedByName(string json, long dataLength, string reason)
        => Assert.That(Assert.Throws<ModelFormatException>(() => SafetensorsHeader.Parse(Encoding.UTF8.GetBytes(json), dataLength, "m.safetensors"))!.Message, Does.Contain(reason));

    [Test]
    public void HeaderLengthIsBounded()
    {
        foreach ((ulong claimed, long file) in ((ulong, long)[])[(100_000_001, long.MaxValue), (ulong.MaxValue, 100), (93, 100), (0, 100), (1, 100), (1UL << 63, long.MaxValue)])
            Assert.Throws<ModelFormatException>(() => SafetensorsHeader.ReadLength(BitConverter.GetBytes(claimed), file, "m"), $"{claimed} in {file}");
        Assert.That(SafetensorsHeader.ReadLength(BitConverter.GetBytes(92L), 100, "m"), Is.EqualTo(92));
        Assert.Throws<ModelFormatException>(() => SafetensorsHeader.ReadLength([1, 2, 3], 3, "m"));
    }

    [Test]
    public void ValidHeadersAreReadInDataOrder()
    {
        const string Json = """{"__metadata__":{"k":"v"},"b":{"dtype":"BF16","shape":[2,3],"data_offsets":[8,20]},"empty":{"dtype":"F32","shape":[0,5],"data_offsets":[8,8]},"a":{"data_offsets":[0,8],"shape":[],"dtype":"I64"}}   """;
        List<SafetensorsEntry> entries = SafetensorsHeader.Parse(Encoding.UTF8.GetBytes(Json), 20, "m");
        Assert.That(entries.Select(e => e.Name), Is.EqualTo(new[] { "a", "empty", "b" }));
        Assert.That(entries[2].Shape, Is.EqualTo(new long[] { 2, 3 }));
    }
}

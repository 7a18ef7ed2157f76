using Ogong.Compute;

namespace Ogong.Models;

/// <summary>The numbers GGUF gives tensor types.</summary>
internal static class GgmlTypes
{
    private static readonly Dictionary<uint, ElementType> s_supported = new()
    {
        [0] = ElementType.F32,
        [1] = ElementType.F16,
        [2] = ElementType.Q4_0,
        [8] = ElementType.Q8_0,
        [12] = ElementType.Q4_K,
        [14] = ElementType.Q6_K,
        [30] = ElementType.BF16,
    };

    /// <summary>Names of types that are refused, so that the refusal can say what the file holds.</summary>
    private static readonly Dictionary<uint, string> s_others = new()
    {
        [3] = "Q4_1", [6] = "Q5_0", [7] = "Q5_1", [9] = "Q8_1", [10] = "Q2_K", [11] = "Q3_K", [13] = "Q5_K", [15] = "Q8_K",
        [16] = "IQ2_XXS", [17] = "IQ2_XS", [18] = "IQ3_XXS", [19] = "IQ1_S", [20] = "IQ4_NL", [21] = "IQ3_S", [22] = "IQ2_S", [23] = "IQ4_XS",
        [24] = "I8", [25] = "I16", [26] = "I32", [27] = "I64", [28] = "F64", [29] = "IQ1_M", [34] = "TQ1_0", [35] = "TQ2_0", [39] = "MXFP4",
    };

    public static bool TryGet(uint number, out ElementType type) => s_supported.TryGetValue(number, out type);

    public static uint Number(ElementType type) => s_supported.First(pair => pair.Value == type).Key;

    public static string Name(uint number) => s_others.TryGetValue(number, out string? name) ? name : $"number {number}";
}

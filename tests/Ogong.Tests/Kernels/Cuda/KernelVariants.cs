using Ogong.Compute;
using Ogong.Kernels.Cuda;

namespace Ogong.Tests.Kernels.Cuda;

/// <summary>Every file of native/cuda that is compiled, with each set of definitions it is compiled with.</summary>
internal static class KernelVariants
{
    private static readonly string[] None = [""];
    private static readonly string[] Types = ["=0", "=1", "=2"];
    private static readonly string[] BlockTypes = ["=3", "=4", "=5", "=6", "=7"];

    /// <summary>The variants for devices whose blocks may have so much shared memory.</summary>
    public static IReadOnlyDictionary<string, string[]> For(params int[] sharedLimits) => new Dictionary<string, string[]>
    {
        ["append_kv.cu"] = Define("CACHE_TYPE", Types),
        ["attention_decode.cu"] = Define("CACHE_TYPE", Types, Define("HEAD_DIM", ["=0", "=64", "=128"], Define("QUERY_HEADS", ["=1", "=2", "=4", "=8"]))),
        ["attention_fast.cu"] = Define("CACHE_TYPE", ["=1", "=2"], Define("HEAD_DIM", ["=64", "=128"])),
        ["attention_merge.cu"] = None,
        ["attention_prefill.cu"] = Define("CACHE_TYPE", Types, Define("HEAD_DIM", ["=0", "=64", "=128"])),
        ["bidirectional_attention.cu"] = None,
        ["denoise_input.cu"] = None,
        ["denoise_step.cu"] = None,
        ["embed.cu"] = Define("WEIGHT_TYPE", Types),
        ["gated_activation.cu"] = None,
        ["gated_residual.cu"] = None,
        ["gather_rows.cu"] = None,
        ["gelu.cu"] = None,
        ["integer_decode.cu"] = [.. sharedLimits.SelectMany(IntegerDecodePlans).Distinct()],
        ["integer_embed.cu"] = Define("WEIGHT_TYPE", BlockTypes),
        ["integer_prefill.cu"] = [.. sharedLimits.SelectMany(IntegerPrefillPlans).Distinct()],
        ["latent_distance.cu"] = None,
        ["layer_norm.cu"] = None,
        ["linear_decode.cu"] = [.. sharedLimits.SelectMany(DecodePlans).Distinct()],
        ["linear_fast.cu"] = Define("WEIGHT_TYPE", Types),
        ["linear_prefill.cu"] = Define("WEIGHT_TYPE", Types, [.. sharedLimits.SelectMany(PrefillPlans).Distinct()]),
        ["logprob_digest.cu"] = None,
        ["modulate.cu"] = None,
        ["quantize_rows.cu"] = None,
        ["residual.cu"] = None,
        ["rms_norm.cu"] = None,
        ["rope.cu"] = None,
        ["sample.cu"] = None,
        ["sample_keep.cu"] = None,
        ["sample_margin.cu"] = None,
        ["silu.cu"] = None,
        ["srp_project.cu"] = None,
    };

    private static IEnumerable<string> DecodePlans(int sharedLimit) =>
        from type in new[] { ElementType.F32, ElementType.F16, ElementType.BF16 }
        from rows in Enumerable.Range(1, DecodePlan.MostRows)
        let plan = DecodePlan.For(rows, 4096, type, sharedLimit, 108)
        select $"-DWEIGHT_TYPE={(int)type} -DROWS={plan.Rows} -DSLOTS={plan.Slots} -DSTAGES={plan.Stages}";

    private static IEnumerable<string> IntegerDecodePlans(int sharedLimit) =>
        from type in BlockTypesAttribute.All
        from rows in Enumerable.Range(1, DecodePlan.MostRows)
        from columns in new[] { 4096, 65536 }
        let plan = IntegerDecodePlan.For(rows, 4096, columns, type, sharedLimit, 108)
        let shape = plan.Shape
        select $"-DWEIGHT_TYPE={(int)type} -DROWS={shape.Rows} -DSLOTS={shape.Slots} -DSTAGES={shape.Stages} -DFUSED={(plan.Fused ? 1 : 0)}";

    private static IEnumerable<string> PrefillPlans(int sharedLimit) =>
        from rows in new[] { 32, 64, 256, 4096 }
        let plan = PrefillPlan.For(rows, 4096, 4096, sharedLimit, 108)
        select $"-DTILE_ROWS={plan.TileRows} -DTILE_COLUMNS={plan.TileColumns}";

    private static IEnumerable<string> IntegerPrefillPlans(int sharedLimit) =>
        from type in BlockTypesAttribute.All
        from operands in Enum.GetValues<IntegerOperands>()
        where operands == IntegerOperands.Bytes || sharedLimit == 227 << 10 // as much as the devices have that take 16-bit operands
        from rows in new[] { 32, 160, 4096 }
        let plan = IntegerPrefillPlan.For(rows, 4096, type, sharedLimit, 108)
        select $"-DWEIGHT_TYPE={(int)type} -DOPERANDS={(int)operands} -DTILE_ROWS={plan.TileRows} -DTILE_COLUMNS={plan.TileColumns} -DSTAGES={plan.Stages}";

    // Every value with every set of further definitions.
    private static string[] Define(string name, string[] values, string[]? further = null) =>
        [.. values.SelectMany(value => (further ?? None).Select(more => $"-D{name}{value} {more}".TrimEnd()))];
}

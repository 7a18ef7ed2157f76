namespace Ogong.Models;

/// <summary>What GGUF calls the tensors of the four text architectures, which all have the same names there.</summary>
internal static class GgufNames
{
    /// <summary>Divisors of the rotary frequencies, [head_dim / 2]; part of the config here.</summary>
    public const string RopeFactors = "rope_freqs.weight";

    /// <summary>GGUF's name of a tensor.</summary>
    /// <param name="name">This library's name, one that <see cref="TensorNames"/> gives.</param>
    public static string Of(string name) => name switch
    {
        TensorNames.Embedding => "token_embd.weight",
        TensorNames.FinalNorm => "output_norm.weight",
        TensorNames.LmHead => "output.weight",
        _ => OfLayer(name.Split('.')),
    };

    /// <summary><c>model.layers.3.self_attn.q_proj.weight</c> is <c>blk.3.attn_q.weight</c>.</summary>
    private static string OfLayer(string[] parts) => $"blk.{parts[2]}.{Role(parts[^2])}.{parts[^1]}";

    private static string Role(string module) => module switch
    {
        "input_layernorm" => "attn_norm",
        "q_proj" => "attn_q",
        "k_proj" => "attn_k",
        "v_proj" => "attn_v",
        "q_norm" => "attn_q_norm",
        "k_norm" => "attn_k_norm",
        "o_proj" => "attn_output",
        "post_attention_layernorm" => "ffn_norm",
        "gate_proj" => "ffn_gate",
        "up_proj" => "ffn_up",
        "down_proj" => "ffn_down",
        _ => throw new ArgumentOutOfRangeException(nameof(module), module, "No tensor of a text model."),
    };
}

using System.Text;
using System.Text.Json.Nodes;
using NUnit.Framework;
using Ogong.Models;

namespace Ogong.Tests.Models;

public class ConfigReaderTests
{
    private static readonly string[] s_architectures = ["Llama", "Mistral", "Qwen2", "Qwen3"];

    // Architecture, members merged into a valid config, what the refusal says.
    [TestCase("Llama", """{"architectures":["GPT2LMHeadModel"]}""", "architectures names 'GPT2LMHeadModel'")]
    [TestCase("Llama", """{"architectures":["LlamaForCausalLM","MistralForCausalLM"]}""", "architectures lists 2 names")]
    [TestCase("Llama", """{"architectures":null}""", "architectures is missing")]
    [TestCase("Llama", """{"architectures":"LlamaForCausalLM"}""", "architectures is not a list of strings")]
    [TestCase("Llama", """{"model_type":"mistral"}""", "model_type is 'mistral'")]
    [TestCase("Llama", """{"quantization_config":{"bits":4}}""", "quantization_config is not supported")]
    [TestCase("Llama", """{"attention_bias":true}""", "attention_bias is not supported")]
    [TestCase("Qwen3", """{"attention_bias":true}""", "attention_bias is not supported")]
    [TestCase("Llama", """{"mlp_bias":true}""", "mlp_bias is not supported")]
    [TestCase("Llama", """{"attn_logit_softcapping":50.0}""", "attn_logit_softcapping is not supported")]
    [TestCase("Qwen2", """{"num_experts":8}""", "num_experts is not supported")]
    [TestCase("Llama", """{"hidden_act":"gelu"}""", "hidden_act 'gelu' is not supported")]
    [TestCase("Llama", """{"torch_dtype":"float8_e4m3fn"}""", "torch_dtype 'float8_e4m3fn' is not supported")]
    [TestCase("Llama", """{"dtype":"int8"}""", "dtype 'int8' is not supported")]
    [TestCase("Llama", """{"hidden_size":null}""", "hidden_size is missing")]
    [TestCase("Llama", """{"hidden_size":-8}""", "hidden_size is -8")]
    [TestCase("Llama", """{"hidden_size":8.5}""", "hidden_size is not an integer")]
    [TestCase("Llama", """{"hidden_size":"8"}""", "hidden_size is not an integer")]
    [TestCase("Llama", """{"hidden_size":9223372036854775807}""", "hidden_size is 9223372036854775807")]
    [TestCase("Llama", """{"hidden_size":1e99}""", "hidden_size is not an integer")]
    [TestCase("Llama", """{"num_hidden_layers":100000}""", "num_hidden_layers is 100000")]
    [TestCase("Llama", """{"num_hidden_layers":0}""", "num_hidden_layers is 0")]
    [TestCase("Llama", """{"num_attention_heads":3}""", null)]
    [TestCase("Llama", """{"num_attention_heads":3,"head_dim":null}""", "hidden_size (8) is not a multiple of num_attention_heads (3)")]
    [TestCase("Llama", """{"num_key_value_heads":3}""", "num_key_value_heads (3) does not divide")]
    [TestCase("Llama", """{"head_dim":3}""", "head_dim is 3")]
    [TestCase("Llama", """{"num_attention_heads":8,"head_dim":null}""", "head_dim is 1")]
    [TestCase("Llama", """{"intermediate_size":null}""", "intermediate_size is missing")]
    [TestCase("Llama", """{"vocab_size":4294967296}""", "vocab_size is 4294967296")]
    [TestCase("Llama", """{"max_position_embeddings":null}""", "max_position_embeddings is missing")]
    [TestCase("Llama", """{"rms_norm_eps":null}""", "rms_norm_eps is missing")]
    [TestCase("Llama", """{"rms_norm_eps":-1e-5}""", "rms_norm_eps is -1E-05")]
    [TestCase("Llama", """{"rms_norm_eps":1e-60}""", "rms_norm_eps rounds to zero")]
    [TestCase("Llama", """{"rms_norm_eps":"1e-5"}""", "rms_norm_eps is not a number")]
    [TestCase("Llama", """{"rope_theta":0}""", "rope_theta is 0")]
    [TestCase("Llama", """{"rope_theta":1e400}""", "rope_theta is")]
    [TestCase("Llama", """{"rope_scaling":{"type":"linear","factor":2.0}}""", "rope_scaling.rope_type 'linear' is not supported")]
    [TestCase("Llama", """{"rope_scaling":{"rope_type":"yarn","factor":2.0}}""", "rope_scaling.rope_type 'yarn' is not supported")]
    [TestCase("Llama", """{"rope_parameters":{"rope_type":"dynamic","rope_theta":10000.0,"factor":2.0}}""", "rope_parameters.rope_type 'dynamic' is not supported")]
    [TestCase("Llama", """{"rope_scaling":{"factor":2.0}}""", "rope_scaling.rope_type is missing")]
    [TestCase("Llama", """{"rope_scaling":{"rope_type":"llama3","type":"linear"}}""", "rope_scaling.type differs from rope_type")]
    [TestCase("Llama", """{"rope_scaling":{"rope_type":"llama3"}}""", "rope_scaling.low_freq_factor is missing")]
    [TestCase("Llama", """{"rope_scaling":{"rope_type":"llama3","factor":8,"low_freq_factor":4,"high_freq_factor":4,"original_max_position_embeddings":64}}""", "high_freq_factor must exceed")]
    [TestCase("Llama", """{"rope_scaling":{"rope_type":"llama3","factor":0.5,"low_freq_factor":1,"high_freq_factor":4,"original_max_position_embeddings":64}}""", "rope_scaling.factor is 0.5")]
    [TestCase("Llama", """{"rope_scaling":{"rope_type":"llama3","factor":8,"low_freq_factor":1,"high_freq_factor":4}}""", "original_max_position_embeddings is missing")]
    [TestCase("Llama", """{"rope_scaling":"llama3"}""", "rope_scaling is not an object")]
    [TestCase("Llama", """{"rope_scaling":{"type":"default"},"rope_parameters":{"rope_type":"default"}}""", "rope_parameters and rope_scaling are both set")]
    [TestCase("Llama", """{"rope_parameters":{"rope_theta":5000.0}}""", "rope_theta differs")]
    [TestCase("Llama", """{"partial_rotary_factor":0.5}""", "partial_rotary_factor below 1")]
    [TestCase("Mistral", """{"sliding_window":0}""", "sliding_window is 0")]
    [TestCase("Mistral", """{"layer_types":["full_attention","sliding_attention"]}""", "layer_types mixes")]
    [TestCase("Mistral", """{"layer_types":["full_attention"]}""", "layer_types lists 1 layers of 2")]
    [TestCase("Mistral", """{"layer_types":["linear_attention","linear_attention"]}""", "layer_types names 'linear_attention'")]
    [TestCase("Mistral", """{"layer_types":["sliding_attention","sliding_attention"]}""", "without a sliding_window")]
    [TestCase("Qwen2", """{"use_sliding_window":true,"sliding_window":16,"max_window_layers":1}""", "max_window_layers (1) below num_hidden_layers (2)")]
    [TestCase("Llama", """{"tie_word_embeddings":"yes"}""", "tie_word_embeddings is not true or false")]
    [TestCase("Llama", """{"eos_token_id":10}""", "eos_token_id is 10")]
    [TestCase("Llama", """{"eos_token_id":[1,"2"]}""", "eos_token_id is not an integer")]
    [TestCase("Llama", """{"bos_token_id":-1}""", "bos_token_id is -1")]
    public void RefusalsNameTheKey(string architecture, string change, string? reason)
    {
        byte[] json = Changed(architecture, change);
        if (reason is null)
        {
            Assert.DoesNotThrow(() => ConfigReader.Parse(json, "config.json"));
            return;
        }
        Assert.That(Assert.Throws<ModelFormatException>(() => ConfigReader.Parse(json, "config.json"))!.Message, Does.StartWith("config.json: ").And.Contain(reason));
    }

    [TestCase("")]
    [TestCase("[]")]
    [TestCase("null")]
    [TestCase("{")]
    [TestCase("{}x")]
    [TestCase("{\"hidden_size\":8,\"hidden_size\":8}")]
    [TestCase("{\"architectures\":[\"\\ud800\"]}")]
    [TestCase("{\"\\ud800\":1}")]
    public void BrokenJsonIsRefused(string json)
        => Assert.Throws<ModelFormatException>(() => ConfigReader.Parse(Encoding.UTF8.GetBytes(json), "config.json"));

    [Test]
    public void DeepNestingIsRefused()
        => Assert.Throws<ModelFormatException>(() => ConfigReader.Parse(Encoding.UTF8.GetBytes("{\"a\":" + new string('[', 100_000) + "}"), "config.json"));

    [Test]
    public void OldAndNewRopeKeysMeanTheSame()
    {
        var expected = new Llama3RopeScaling(8, 1, 4, 64);
        const string Scaling = "\"factor\":8.0,\"low_freq_factor\":1.0,\"high_freq_factor\":4.0,\"original_max_position_embeddings\":64";
        foreach (string change in (string[])
        [
            $$$"""{"rope_theta":500000,"rope_scaling":{"rope_type":"llama3",{{{Scaling}}}}}""",
            $$$"""{"rope_theta":500000,"rope_scaling":{"type":"llama3",{{{Scaling}}}}}""",
            $$$"""{"rope_theta":null,"rope_parameters":{"rope_theta":500000.0,"rope_type":"llama3",{{{Scaling}}}}}""",
        ])
        {
            ModelConfig config = ConfigReader.Parse(Changed("Llama", change), "config.json");
            Assert.That((config.RopeTheta, config.RopeScaling), Is.EqualTo((500000.0, expected)), change);
        }
        Assert.That(ConfigReader.Parse(Changed("Llama", """{"rope_theta":null,"rope_parameters":{"rope_theta":250.0}}"""), "config.json").RopeTheta, Is.EqualTo(250));
        Assert.That(ConfigReader.Parse(Changed("Llama", """{"rope_theta":null,"rope_parameters":{"rope_type":"default"}}"""), "config.json").RopeTheta, Is.EqualTo(10000));
    }

    [Test]
    public void EpsilonRoundsThroughBinary64ToBinary32AndThetaStaysBinary64()
    {
        // Just above the tie between 1 + 2⁻²⁴ neighbours in decimal, on it in binary64: the double rounding gives the even neighbour, a direct one the upper.
        ModelConfig config = ConfigReader.Parse(Changed("Llama", """{"rms_norm_eps":0.500000029802322387695312500000001,"rope_theta":10000.0001}"""), "config.json");
        Assert.That(config.RmsNormEpsilon, Is.EqualTo(0.5f));
        Assert.That(config.RopeTheta, Is.EqualTo(10000.0001));
    }

    [Test]
    public void AbsentKeysTakeTheArchitecturesDefaults()
    {
        Assert.That(Parse("Llama", """{"num_key_value_heads":null,"head_dim":null,"rope_theta":null,"eos_token_id":null}"""),
            Is.EqualTo((2, 4, 10000.0, (int?)null)));
        Assert.That(Parse("Mistral", """{"sliding_window":7}"""), Is.EqualTo((1, 4, 10000.0, (int?)7)));
        Assert.That(Parse("Mistral", """{"sliding_window":null}"""), Is.EqualTo((1, 4, 10000.0, (int?)null)));
        JsonObject mistral = ModelFolder.SmallConfig("Mistral");
        mistral.Remove("sliding_window");
        Assert.That(ConfigReader.Parse(Encoding.UTF8.GetBytes(mistral.ToJsonString()), "config.json").SlidingWindow, Is.EqualTo(4096));
        Assert.That(Parse("Llama", """{"sliding_window":7}"""), Is.EqualTo((1, 4, 10000.0, (int?)null)));
        Assert.That(Parse("Qwen2", """{"sliding_window":7,"use_sliding_window":false}"""), Is.EqualTo((1, 4, 10000.0, (int?)null)));
        Assert.That(Parse("Qwen2", """{"sliding_window":7,"use_sliding_window":true,"max_window_layers":0}"""), Is.EqualTo((1, 4, 10000.0, (int?)7)));
        Assert.That(Parse("Qwen2", """{"sliding_window":7,"use_sliding_window":true,"max_window_layers":2}"""), Is.EqualTo((1, 4, 10000.0, (int?)null)));
        Assert.That(Parse("Qwen3", """{"sliding_window":7,"use_sliding_window":true,"layer_types":["sliding_attention","sliding_attention"]}"""), Is.EqualTo((1, 4, 10000.0, (int?)7)));
        Assert.That(Parse("Qwen3", """{"head_dim":null}"""), Is.EqualTo((1, 128, 10000.0, (int?)null)));

        static (int, int, double, int?) Parse(string architecture, string change)
        {
            ModelConfig c = ConfigReader.Parse(Changed(architecture, change), "config.json");
            return (c.KvHeads, c.HeadDim, c.RopeTheta, c.SlidingWindow);
        }
    }

    [Test]
    public void HarmlessKeysAreNotRead()
    {
        foreach (string architecture in s_architectures)
            Assert.DoesNotThrow(() => ConfigReader.Parse(Changed(architecture, """{"use_cache":true,"pretraining_tp":1,"attention_dropout":0.0,"_name_or_path":"x","quantization_config":null,"pad_token_id":null}"""), "config.json"));
        Assert.DoesNotThrow(() => ConfigReader.Parse(Changed("Qwen2", """{"attention_bias":true}"""), "config.json"));
    }

    private static byte[] Changed(string architecture, string change)
    {
        JsonObject config = ModelFolder.SmallConfig(architecture);
        foreach ((string key, JsonNode? value) in JsonNode.Parse(change)!.AsObject()) config[key] = value?.DeepClone();
        return Encoding.UTF8.GetBytes(config.ToJsonString());
    }
}

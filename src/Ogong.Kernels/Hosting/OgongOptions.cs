using Ogong.Engine;

namespace Ogong.Kernels.Hosting;

/// <summary>What <see cref="OgongServiceCollectionExtensions.AddOgong"/> sets up.</summary>
public sealed class OgongOptions
{
    /// <summary>Backend by name (<see cref="Backends.Names"/>); one that cannot be used here is an error, never replaced by another.</summary>
    public string Device { get; set; } = "cpu";

    /// <summary>Threads of a host backend; 0 means one per processor.</summary>
    public int Threads { get; set; }

    /// <summary>The model: a Hugging Face folder or a GGUF file.</summary>
    public string ModelPath { get; set; } = "";

    /// <summary>How steps are run.</summary>
    public ExecutionOptions Execution { get; set; } = new();

    /// <summary>Whether replies are committed to.</summary>
    public bool Commit { get; set; } = true;
}

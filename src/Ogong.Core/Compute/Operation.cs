namespace Ogong.Compute;

/// <summary>The operations of the port; one name per operation on every backend.</summary>
public enum Operation : byte
{
    /// <summary><see cref="ComputeQueue.Embed"/></summary>
    Embed,

    /// <summary><see cref="ComputeQueue.RmsNorm"/></summary>
    RmsNorm,

    /// <summary><see cref="ComputeQueue.Linear"/></summary>
    Linear,

    /// <summary><see cref="ComputeQueue.Rope"/></summary>
    Rope,

    /// <summary><see cref="ComputeQueue.AppendKv"/></summary>
    AppendKv,

    /// <summary><see cref="ComputeQueue.Attention"/></summary>
    Attention,

    /// <summary><see cref="ComputeQueue.GatedActivation"/></summary>
    GatedActivation,

    /// <summary><see cref="ComputeQueue.Residual"/></summary>
    Residual,

    /// <summary><see cref="ComputeQueue.GatherRows"/></summary>
    GatherRows,

    /// <summary><see cref="ComputeQueue.SrpProject"/></summary>
    SrpProject,

    /// <summary><see cref="ComputeQueue.LogprobDigest"/></summary>
    LogprobDigest,

    /// <summary><see cref="ComputeQueue.Sample"/></summary>
    Sample,

    /// <summary><see cref="ComputeQueue.SampleMargin"/></summary>
    SampleMargin,

    /// <summary><see cref="ComputeQueue.LayerNorm"/></summary>
    LayerNorm,

    /// <summary><see cref="ComputeQueue.Modulate"/></summary>
    Modulate,

    /// <summary><see cref="ComputeQueue.GatedResidual"/></summary>
    GatedResidual,

    /// <summary><see cref="ComputeQueue.Gelu"/></summary>
    Gelu,

    /// <summary><see cref="ComputeQueue.Silu"/></summary>
    Silu,

    /// <summary><see cref="ComputeQueue.BidirectionalAttention"/></summary>
    BidirectionalAttention,

    /// <summary><see cref="ComputeQueue.DenoiseInput"/></summary>
    DenoiseInput,

    /// <summary><see cref="ComputeQueue.DenoiseStep"/></summary>
    DenoiseStep,

    /// <summary><see cref="ComputeQueue.LatentDistance"/></summary>
    LatentDistance,
}

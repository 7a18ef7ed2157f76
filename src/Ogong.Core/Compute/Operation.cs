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
}

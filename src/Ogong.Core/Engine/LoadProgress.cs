namespace Ogong.Engine;

/// <summary>How far loading has come.</summary>
/// <param name="Tensor">The tensor just loaded.</param>
/// <param name="LoadedBytes">Stored bytes loaded so far, this tensor included.</param>
/// <param name="TotalBytes">Stored bytes of all tensors of the segment.</param>
public readonly record struct LoadProgress(string Tensor, long LoadedBytes, long TotalBytes);

namespace Ogong.Models;

/// <summary>
/// Bounds on hyper-parameters: generous against published models, and small enough that every size computed from them fits 64 bits, and
/// every row 32.
/// </summary>
internal static class ModelLimits
{
    public const int HiddenSize = 1 << 20;
    public const int Layers = 4096;
    public const int Heads = 1 << 14;
    public const int HeadDim = 1 << 12;
    public const int IntermediateSize = 1 << 22;
    public const int VocabularySize = 1 << 24;
    public const int MaxPositions = 1 << 28;
}

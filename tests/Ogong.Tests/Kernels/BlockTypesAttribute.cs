using NUnit.Framework;
using Ogong.Compute;

namespace Ogong.Tests.Kernels;

/// <summary>A parameter that takes each type whose elements are stored in blocks.</summary>
internal sealed class BlockTypesAttribute() : ValuesAttribute([.. All.Cast<object>()])
{
    public static readonly ElementType[] All = [.. Enum.GetValues<ElementType>().Where(type => type.IsBlock())];
}

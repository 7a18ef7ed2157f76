using NUnit.Framework;
using Ogong.Compute;

namespace Ogong.Tests.Kernels;

/// <summary>A parameter that takes each type whose elements have bytes of their own.</summary>
internal sealed class PlainTypesAttribute() : ValuesAttribute(ElementType.F32, ElementType.F16, ElementType.BF16);

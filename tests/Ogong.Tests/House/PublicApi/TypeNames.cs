using System.Reflection;

namespace Ogong.Tests.House.PublicApi;

/// <summary>Writes types as C# would, without namespaces, with the nullability of references where it is known.</summary>
internal static class TypeNames
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void", [typeof(bool)] = "bool", [typeof(char)] = "char", [typeof(string)] = "string", [typeof(object)] = "object",
        [typeof(byte)] = "byte", [typeof(sbyte)] = "sbyte", [typeof(short)] = "short", [typeof(ushort)] = "ushort", [typeof(int)] = "int",
        [typeof(uint)] = "uint", [typeof(long)] = "long", [typeof(ulong)] = "ulong", [typeof(nint)] = "nint", [typeof(nuint)] = "nuint",
        [typeof(float)] = "float", [typeof(double)] = "double", [typeof(decimal)] = "decimal",
    };

    public static string Of(Type type, NullabilityInfo? info = null)
    {
        if (type.IsByRef)
            return Of(type.GetElementType()!, info);
        if (type.IsPointer)
            return Of(type.GetElementType()!) + "*";
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Of(underlying, Argument(info, 0)) + "?";

        string mark = info is { ReadState: NullabilityState.Nullable } or { WriteState: NullabilityState.Nullable } && !type.IsValueType ? "?" : "";
        if (type.IsArray)
            return $"{Of(type.GetElementType()!, info?.ElementType)}[{new string(',', type.GetArrayRank() - 1)}]{mark}";
        if (Keywords.TryGetValue(type, out string? keyword))
            return keyword + mark;
        if (type.IsGenericParameter)
            return type.Name + mark;

        string outer = type.DeclaringType is { } declaring && !type.IsGenericParameter ? Declared(declaring) + "." : "";
        var arguments = type.GetGenericArguments();
        // A nested type repeats the parameters of the type around it; only its own are written.
        int inherited = type.DeclaringType?.GetGenericArguments().Length ?? 0;
        var own = arguments.Skip(inherited).Select((a, i) => Of(a, Argument(info, inherited + i))).ToArray();
        return outer + Simple(type) + (own.Length == 0 ? "" : $"<{string.Join(", ", own)}>") + mark;
    }

    /// <summary>The name of a type where it is declared: with its type parameters, without nullability.</summary>
    public static string Declared(Type type)
    {
        string outer = type.DeclaringType is { } declaring ? Declared(declaring) + "." : "";
        var own = type.GetGenericArguments().Skip(type.DeclaringType?.GetGenericArguments().Length ?? 0).Select(a => a.Name).ToArray();
        return outer + Simple(type) + (own.Length == 0 ? "" : $"<{string.Join(", ", own)}>");
    }

    public static string Constraints(Type[] parameters)
    {
        var clauses = parameters.Select(p =>
        {
            var flags = p.GenericParameterAttributes;
            var parts = new List<string>();
            bool isValue = flags.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
            if (flags.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
                parts.Add("class");
            if (isValue)
                parts.Add(p.CustomAttributes.Any(a => a.AttributeType.Name == "IsUnmanagedAttribute") ? "unmanaged" : "struct");
            parts.AddRange(p.GetGenericParameterConstraints().Where(c => c != typeof(ValueType)).Select(c => Of(c)).Order(StringComparer.Ordinal));
            if (flags.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint) && !isValue)
                parts.Add("new()");
            return parts.Count == 0 ? "" : $" where {p.Name} : {string.Join(", ", parts)}";
        });
        return string.Concat(clauses);
    }

    private static string Simple(Type type) => type.Name.Split('`')[0];

    private static NullabilityInfo? Argument(NullabilityInfo? info, int index) =>
        info is not null && index < info.GenericTypeArguments.Length ? info.GenericTypeArguments[index] : null;
}

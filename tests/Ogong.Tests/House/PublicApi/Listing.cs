using System.Reflection;
using System.Runtime.CompilerServices;

namespace Ogong.Tests.House.PublicApi;

/// <summary>The public surface of an assembly as sorted lines of text: what a user of the package can see, and nothing else.</summary>
internal static class Listing
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static string Of(Assembly assembly)
    {
        var lines = new List<string> { "# Public API. Written by a test: ./build.sh api" };
        foreach (var group in assembly.GetExportedTypes().GroupBy(t => t.Namespace).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            lines.Add("");
            lines.Add($"namespace {group.Key}");
            foreach (var type in group.OrderBy(TypeNames.Declared, StringComparer.Ordinal))
            {
                lines.Add("  " + Header(type));
                lines.AddRange(Members(type).Order(StringComparer.Ordinal).Select(m => "    " + m));
            }
        }

        return string.Join('\n', lines) + '\n';
    }

    private static string Header(Type type)
    {
        if (typeof(Delegate).IsAssignableFrom(type))
        {
            var invoke = type.GetMethod("Invoke")!;
            return Obsolete(type) + $"delegate {Signatures.Returned(invoke)} {TypeNames.Declared(type)}({Signatures.Parameters(invoke)})";
        }

        if (type.IsEnum)
            return Flags(type) + Obsolete(type) + $"enum {TypeNames.Declared(type)} : {TypeNames.Of(Enum.GetUnderlyingType(type))}";

        string kind = type switch
        {
            { IsInterface: true } => "interface",
            { IsValueType: true } => (Has<IsReadOnlyAttribute>(type) ? "readonly " : "") + (type.IsByRefLike ? "ref " : "") + (IsRecord(type) ? "record struct" : "struct"),
            { IsAbstract: true, IsSealed: true } => "static class",
            _ => (type.IsAbstract ? "abstract " : type.IsSealed ? "sealed " : "") + (IsRecord(type) ? "record" : "class"),
        };
        var bases = new List<string>();
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType))
            bases.Add(TypeNames.Of(parent));
        bases.AddRange(OwnInterfaces(type).Select(i => TypeNames.Of(i)).Order(StringComparer.Ordinal));
        return Obsolete(type) + $"{kind} {TypeNames.Declared(type)}" + (bases.Count == 0 ? "" : " : " + string.Join(", ", bases))
            + TypeNames.Constraints(type.GetGenericArguments());
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (typeof(Delegate).IsAssignableFrom(type))
            return [];
        if (type.IsEnum)
            return Enum.GetNames(type).Select(n => $"{n} = {Convert.ToInt64(type.GetField(n)!.GetRawConstantValue(), null)}");

        var listed = new List<string>();
        listed.AddRange(type.GetFields(Declared).Where(f => IsVisible(type, f.Attributes & FieldAttributes.FieldAccessMask) && !f.IsSpecialName)
            .Select(f => Obsolete(f) + Signatures.Of(f)));
        listed.AddRange(type.GetProperties(Declared).Where(p => p.GetAccessors(true).Any(a => IsVisible(type, a)) && !IsSynthesised(p.GetAccessors(true)[0], p))
            .Select(p => Obsolete(p) + Signatures.Of(p, a => IsVisible(type, a))));
        listed.AddRange(type.GetEvents(Declared).Where(e => IsVisible(type, e.AddMethod!)).Select(e => Obsolete(e) + Signatures.Of(e)));
        listed.AddRange(type.GetConstructors(Declared).Where(c => IsVisible(type, c) && !c.IsStatic && !Has<CompilerGeneratedAttribute>(c))
            .Select(c => Obsolete(c) + Signatures.Of(c)));
        listed.AddRange(type.GetMethods(Declared).Where(m => IsVisible(type, m) && IsListed(m)).Select(m => Obsolete(m) + Signatures.Of(m)));
        return listed;
    }

    // Accessors are part of their property; what the compiler writes for a record, and overrides of object's own methods, say nothing new.
    private static bool IsListed(MethodInfo method) =>
        (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal))
        && !Has<CompilerGeneratedAttribute>(method)
        && method.Name != "<Clone>$"
        && method.GetBaseDefinition().DeclaringType != typeof(object);

    private static bool IsSynthesised(MethodInfo accessor, PropertyInfo property) =>
        property.Name == "EqualityContract" && Has<CompilerGeneratedAttribute>(accessor);

    private static bool IsVisible(Type type, MethodBase method) => IsVisible(type, (FieldAttributes)(method.Attributes & MethodAttributes.MemberAccessMask));

    // The access bits of fields and methods have the same values. A protected member of a sealed type is seen by nobody.
    private static bool IsVisible(Type type, FieldAttributes access) =>
        access == FieldAttributes.Public || (!type.IsSealed && access is (FieldAttributes.Family or FieldAttributes.FamORAssem));

    private static bool IsRecord(Type type) =>
        type.GetMethod("<Clone>$") is not null
        || (type.IsValueType && type.GetMethod("PrintMembers", Declared) is { } print && Has<CompilerGeneratedAttribute>(print));

    private static IEnumerable<Type> OwnInterfaces(Type type)
    {
        var all = type.GetInterfaces();
        var inherited = all.SelectMany(i => i.GetInterfaces()).Concat(type.BaseType?.GetInterfaces() ?? []).ToHashSet();
        return all.Where(i => i.IsVisible && !inherited.Contains(i));
    }

    // On ref structs and on constructors of types with required members, the compiler writes the attribute itself, for old compilers.
    private static string Obsolete(MemberInfo member) =>
        Has<ObsoleteAttribute>(member) && !Has<CompilerFeatureRequiredAttribute>(member) ? "[Obsolete] " : "";

    private static string Flags(Type type) => Has<FlagsAttribute>(type) ? "[Flags] " : "";

    private static bool Has<T>(MemberInfo member) where T : Attribute => member.IsDefined(typeof(T), inherit: false);
}

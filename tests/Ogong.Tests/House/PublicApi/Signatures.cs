using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Ogong.Tests.House.PublicApi;

/// <summary>Writes one member as a line of C#-like text.</summary>
internal static class Signatures
{
    // NullabilityInfoContext is not thread-safe; the fixtures run side by side.
    private static readonly ThreadLocal<NullabilityInfoContext> Nullability = new(() => new NullabilityInfoContext());

    public static string Of(FieldInfo field)
    {
        string modifiers = Access(field.IsPublic) + (field.IsLiteral ? "const " : (field.IsStatic ? "static " : "") + (field.IsInitOnly ? "readonly " : ""));
        string value = field.IsLiteral ? " = " + Literal(field.GetRawConstantValue()) : "";
        return $"{modifiers}{TypeNames.Of(field.FieldType, Nullability.Value!.Create(field))} {field.Name}{value}";
    }

    public static string Of(PropertyInfo property, Func<MethodInfo, bool> isVisible)
    {
        var visible = property.GetAccessors(true).Where(isVisible).ToArray();
        bool isPublic = visible.Any(a => a.IsPublic);
        var accessors = visible.Select(a => (a.IsPublic == isPublic ? "" : "protected ") + AccessorKeyword(property, a)).OrderBy(a => !a.EndsWith("get", StringComparison.Ordinal));
        string required = property.IsDefined(typeof(RequiredMemberAttribute), false) ? "required " : "";
        var index = property.GetIndexParameters();
        string name = index.Length == 0 ? property.Name : $"this[{Join(index)}]";
        string reference = property.PropertyType.IsByRef ? "ref " : "";
        string type = TypeNames.Of(property.PropertyType, Nullability.Value!.Create(property));
        return $"{Access(isPublic)}{Modifiers(visible[0])}{required}{reference}{type} {name} {{ {string.Concat(accessors.Select(a => a + "; "))}}}";
    }

    public static string Of(EventInfo added) =>
        $"{Access(added.AddMethod!.IsPublic)}{Modifiers(added.AddMethod)}event {TypeNames.Of(added.EventHandlerType!, Nullability.Value!.Create(added))} {added.Name}";

    public static string Of(ConstructorInfo constructor) =>
        $"{Access(constructor.IsPublic)}{constructor.DeclaringType!.Name.Split('`')[0]}({Parameters(constructor)})";

    public static string Of(MethodInfo method)
    {
        var generic = method.GetGenericArguments();
        string parameters = generic.Length == 0 ? "" : $"<{string.Join(", ", generic.Select(g => g.Name))}>";
        return $"{Access(method.IsPublic)}{Modifiers(method)}{Returned(method)} {method.Name}{parameters}({Parameters(method)}){TypeNames.Constraints(generic)}";
    }

    public static string Returned(MethodInfo method) =>
        (method.ReturnType.IsByRef ? IsReadOnly(method.ReturnParameter) ? "ref readonly " : "ref " : "")
        + TypeNames.Of(method.ReturnType, Nullability.Value!.Create(method.ReturnParameter));

    public static string Parameters(MethodBase method) =>
        (method.IsDefined(typeof(ExtensionAttribute), false) ? "this " : "") + Join(method.GetParameters());

    private static string Join(ParameterInfo[] parameters) => string.Join(", ", parameters.Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        string passing = parameter switch
        {
            { ParameterType.IsByRef: true, IsOut: true } => "out ",
            { ParameterType.IsByRef: true, IsIn: true } => "in ",
            { ParameterType.IsByRef: true } => "ref ",
            _ when parameter.IsDefined(typeof(ParamArrayAttribute), false) || parameter.IsDefined(typeof(ParamCollectionAttribute), false) => "params ",
            _ => "",
        };
        string value = parameter.HasDefaultValue ? " = " + Default(parameter) : "";
        return $"{passing}{TypeNames.Of(parameter.ParameterType, Nullability.Value!.Create(parameter))} {parameter.Name}{value}";
    }

    private static string Default(ParameterInfo parameter) =>
        parameter.RawDefaultValue is null ? parameter.ParameterType.IsValueType ? "default" : "null" : Literal(parameter.RawDefaultValue);

    private static string Literal(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text.Replace("\n", "\\n", StringComparison.Ordinal)}\"",
        bool flag => flag ? "true" : "false",
        char letter => $"'{letter}'",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Access(bool isPublic) => isPublic ? "" : "protected ";

    private static string Modifiers(MethodInfo method)
    {
        if (method.DeclaringType!.IsInterface)
            return method.IsStatic ? method.IsAbstract ? "static abstract " : "static " : method.IsAbstract ? "" : "default ";
        if (method.IsStatic)
            return "static ";
        if (method.IsAbstract)
            return method.GetBaseDefinition() == method ? "abstract " : "abstract override ";
        if (!method.IsVirtual)
            return "";
        if (method.GetBaseDefinition() != method)
            return method.IsFinal ? "sealed override " : "override ";
        return method.IsFinal ? "" : "virtual ";
    }

    private static string AccessorKeyword(PropertyInfo property, MethodInfo accessor) =>
        accessor == property.GetMethod ? "get"
        : accessor.ReturnParameter.GetRequiredCustomModifiers().Any(m => m.Name == "IsExternalInit") ? "init" : "set";

    private static bool IsReadOnly(ParameterInfo parameter) => parameter.IsDefined(typeof(IsReadOnlyAttribute), false);
}

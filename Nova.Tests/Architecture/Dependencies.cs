using System.Reflection;
using System.Reflection.Emit;

namespace Nova.Tests.Architecture;

/// <summary>Which folder's types use which other folder's, in signatures and in the code of methods.</summary>
internal static class Dependencies
{
    private const BindingFlags Everything = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<int, OpCode> OpCodesByValue = typeof(OpCodes).GetFields()
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => (int)(ushort)code.Value);

    /// <summary>The other folders that a folder uses, each with one example.</summary>
    public static IReadOnlyDictionary<string, string> OfFolder(Assembly assembly, string root, string folder)
    {
        var found = new Dictionary<string, string>();
        foreach (var type in assembly.GetTypes().Where(type => Folder(type, root) == folder))
            foreach (var used in Used(type))
                if (Folder(used, root) is { } other && other != folder)
                    found.TryAdd(other, $"{type.FullName} → {used.FullName}");
        return found;
    }

    /// <summary>The first part of a type's namespace below a root, or null.</summary>
    public static string? Folder(Type type, string root) =>
        type.Namespace is { } space && space.StartsWith(root + ".", StringComparison.Ordinal) ? space[(root.Length + 1)..].Split('.')[0] : null;

    private static IEnumerable<Type> Used(Type type) =>
        OfSignatures(type).Concat(type.GetMethods(Everything).Cast<MethodBase>().Concat(type.GetConstructors(Everything)).SelectMany(OfBody)).SelectMany(Parts);

    private static IEnumerable<Type> OfSignatures(Type type) =>
    [
        .. type.BaseType is { } parent ? new[] { parent } : [],
        .. type.GetInterfaces(),
        .. type.GetFields(Everything).Select(field => field.FieldType),
        .. type.GetProperties(Everything).Select(property => property.PropertyType),
        .. type.GetMethods(Everything).SelectMany(method => method.GetParameters().Select(parameter => parameter.ParameterType).Append(method.ReturnType)),
        .. type.GetConstructors(Everything).SelectMany(constructor => constructor.GetParameters().Select(parameter => parameter.ParameterType)),
    ];

    private static IEnumerable<Type> OfBody(MethodBase method)
    {
        if (method.GetMethodBody()?.GetILAsByteArray() is not { } code)
            yield break;

        for (var at = 0; at < code.Length;)
        {
            var value = code[at] == 0xfe ? 0xfe00 | code[at + 1] : code[at];
            at += value > 0xff ? 2 : 1;
            var operand = OpCodesByValue[value].OperandType;
            if (operand is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok)
                foreach (var type in Resolve(method, BitConverter.ToInt32(code, at)))
                    yield return type;
            at += Size(operand, code, at);
        }
    }

    private static IEnumerable<Type> Resolve(MethodBase method, int token)
    {
        var ofType = method.DeclaringType is { IsGenericType: true } generic ? generic.GetGenericArguments() : null;
        var ofMethod = method is { IsGenericMethod: true } and not ConstructorInfo ? method.GetGenericArguments() : null;
        return method.Module.ResolveMember(token, ofType, ofMethod) switch
        {
            Type type => [type],
            MethodInfo called => [.. called.DeclaringType is { } owner ? new[] { owner } : [], .. called.IsGenericMethod ? called.GetGenericArguments() : []],
            { DeclaringType: { } owner } => [owner],
            _ => [],
        };
    }

    private static int Size(OperandType operand, byte[] code, int at) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(code, at),
        _ => 4,
    };

    private static IEnumerable<Type> Parts(Type type) =>
        type.HasElementType ? Parts(type.GetElementType()!)
        : type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type)
        : [type];
}

using System.Reflection;
using System.Reflection.Emit;
using Nova.Modules.Shared;

namespace Nova.Tests.Messages;

/// <summary>
/// Every template of a message, read from the compiled code: the compiler turns <c>$"…"</c> into a new
/// <see cref="MessageTemplate"/>, one call for each literal part and one for each expression with its text.
/// </summary>
internal static class CodeTemplates
{
    private const BindingFlags Everything = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<int, OpCode> OpCodesByValue = typeof(OpCodes).GetFields()
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => (int)(ushort)code.Value);

    private static readonly Assembly[] Assemblies = [typeof(Nova.Host.Server).Assembly, typeof(Nova.Drivers.Database.DatabaseProblem).Assembly, typeof(Message).Assembly];

    /// <summary>All of them, sorted.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        .. Assemblies.SelectMany(assembly => assembly.GetTypes())
            .SelectMany(type => type.GetMethods(Everything).Cast<MethodBase>().Concat(type.GetConstructors(Everything)))
            .SelectMany(Of).Distinct().Order(StringComparer.Ordinal),
    ];

    /// <summary>The templates that a method makes.</summary>
    private static IEnumerable<string> Of(MethodBase method)
    {
        if (method.DeclaringType == typeof(MessageTemplate) || method.GetMethodBody()?.GetILAsByteArray() is not { } code)
            yield break;

        (MessageTemplate Handler, bool IsOpen) template = default;
        var text = "";
        foreach (var (op, operand) in Instructions(code))
        {
            if (op == OpCodes.Ldstr)
                text = method.Module.ResolveString(BitConverter.ToInt32(code, operand));
            if (op.OperandType != OperandType.InlineMethod || Called(method, BitConverter.ToInt32(code, operand)) is not { } called)
                continue;

            if (called == ".ctor")
            {
                if (template.IsOpen)
                    yield return template.Handler.ToMessage().Template;
                template = (new MessageTemplate(0, 0), true);
            }
            else if (called == nameof(MessageTemplate.AppendLiteral))
            {
                template.Handler.AppendLiteral(text);
            }
            else if (called == nameof(MessageTemplate.AppendFormatted))
            {
                template.Handler.AppendFormatted("", text);
            }
        }

        if (template.IsOpen)
            yield return template.Handler.ToMessage().Template;
    }

    private static IEnumerable<(OpCode Op, int Operand)> Instructions(byte[] code)
    {
        for (var at = 0; at < code.Length;)
        {
            var value = code[at] == 0xfe ? 0xfe00 | code[at + 1] : code[at];
            at += value > 0xff ? 2 : 1;
            var op = OpCodesByValue[value];
            yield return (op, at);
            at += op.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(code, at),
                _ => 4,
            };
        }
    }

    private static string? Called(MethodBase method, int token)
    {
        var ofType = method.DeclaringType is { IsGenericType: true } generic ? generic.GetGenericArguments() : null;
        var ofMethod = method is { IsGenericMethod: true } and not ConstructorInfo ? method.GetGenericArguments() : null;
        return method.Module.ResolveMethod(token, ofType, ofMethod) is { } called && called.DeclaringType == typeof(MessageTemplate) ? called.Name : null;
    }
}

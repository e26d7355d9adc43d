using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace Nova.Modules.Api.OpenApi;

/// <summary>One instruction of a compiled method.</summary>
/// <param name="Op">What it does.</param>
/// <param name="Value">The number that it pushes, the local that it loads, or the member that it names; null for anything else.</param>
internal readonly record struct Instruction(OpCode Op, object? Value);

/// <summary>The compiled code of methods. Of an asynchronous method that is the code of its state machine.</summary>
internal static class MethodCode
{
    private static readonly Dictionary<ushort, OpCode> Ops = typeof(OpCodes).GetFields().Select(field => (OpCode)field.GetValue(null)!).ToDictionary(op => (ushort)op.Value);

    /// <summary>Its instructions in the order in which they stand.</summary>
    public static IEnumerable<Instruction> Of(MethodBase method)
    {
        var real = Real(method);
        if (real.GetMethodBody() is not { } body || body.GetILAsByteArray() is not { } code)
            yield break;

        for (var at = 0; at < code.Length;)
        {
            var isLong = code[at] == 0xfe;
            var op = Ops[(ushort)(isLong ? 0xfe00 | code[at + 1] : code[at])];
            at += isLong ? 2 : 1;
            yield return new(op, Operand(op, code, at, real, body));
            at += SizeOf(op, code, at);
        }
    }

    private static MethodBase Real(MethodBase method)
    {
        if (method.GetCustomAttribute<AsyncStateMachineAttribute>()?.StateMachineType is not { } machine)
            return method;
        if (machine.IsGenericTypeDefinition)
            machine = machine.MakeGenericType([.. method.DeclaringType!.GetGenericArguments(), .. method.IsGenericMethod ? method.GetGenericArguments() : []]);
        return machine.GetMethod("MoveNext", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)!;
    }

    private static object? Operand(OpCode op, byte[] code, int at, MethodBase method, MethodBody body)
    {
        if (op.Value >= OpCodes.Ldc_I4_0.Value && op.Value <= OpCodes.Ldc_I4_8.Value)
            return op.Value - OpCodes.Ldc_I4_0.Value;
        if (op.Value >= OpCodes.Ldloc_0.Value && op.Value <= OpCodes.Ldloc_3.Value)
            return body.LocalVariables[op.Value - OpCodes.Ldloc_0.Value].LocalType;
        if (op == OpCodes.Ldc_I4_S)
            return (int)(sbyte)code[at];
        if (op == OpCodes.Ldc_I4)
            return BitConverter.ToInt32(code, at);
        if (op == OpCodes.Ldloc_S)
            return body.LocalVariables[code[at]].LocalType;
        return op.OperandType is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineTok ? Resolve(method, BitConverter.ToInt32(code, at)) : null;
    }

    private static MemberInfo? Resolve(MethodBase method, int token) => method.Module.ResolveMember(
        token,
        method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null,
        method is { IsGenericMethod: true } and not ConstructorInfo ? method.GetGenericArguments() : null);

    private static int SizeOf(OpCode op, byte[] code, int at) => op.OperandType switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(code, at),
        _ => 4,
    };
}

using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Api.OpenApi;

/// <summary>One answer of a handler.</summary>
/// <param name="Status">Of success.</param>
/// <param name="Body">The record that is written; null for none.</param>
/// <param name="IsJson">False for plain text and streams.</param>
internal readonly record struct HandlerAnswer(int Status, Type? Body, bool IsJson);

/// <summary>
/// What a handler reads and answers, read from its compiled code: the calls of <see cref="RequestContext.Body{T}"/>,
/// <see cref="RequestContext.QueryAs{T}"/> and of <see cref="Answer"/>, there and in the methods of its slice that it hands
/// the request on to. So a route says each record once, where it is used, and a document cannot differ from the code.
/// </summary>
internal sealed class HandlerShape
{
    private readonly Microversion _version;
    private readonly HashSet<MethodBase> _seen = [];

    private HandlerShape(Microversion version) => _version = version;

    /// <summary>The records of the body; mostly one.</summary>
    public HashSet<Type> Bodies { get; } = [];

    /// <summary>The records of the query; mostly one.</summary>
    public HashSet<Type> Queries { get; } = [];

    /// <summary>The answers of success.</summary>
    public HashSet<HandlerAnswer> Answers { get; } = [];

    /// <summary>The faults that the handler and its slice name themselves; what they call may have others.</summary>
    public HashSet<FaultKind> Faults { get; } = [];

    /// <summary>The shape of a handler in a version.</summary>
    public static HandlerShape Of(Handler handler, Microversion version)
    {
        var shape = new HandlerShape(version);
        shape.Read(handler.Method);
        return shape;
    }

    private void Read(MethodBase method)
    {
        if (!_seen.Add(method))
            return;

        var pushed = new Pushed(_version);
        foreach (var (op, value) in MethodCode.Of(method))
        {
            if (value is int number)
                pushed.Number(number);
            else if (op.StackBehaviourPop == StackBehaviour.Pop1 && op.StackBehaviourPush == StackBehaviour.Push0)
                pushed.End();
            else if (value is Type local)
                pushed.Loaded(local);
            else if (value is FieldInfo field)
                Field(op, field, pushed);
            else if (value is MethodBase called)
                Called(op, called, pushed);
        }
    }

    private static void Field(OpCode op, FieldInfo field, Pushed pushed)
    {
        if (op == OpCodes.Ldfld || op == OpCodes.Ldsfld)
            pushed.Loaded(field.FieldType);
        else
            pushed.End();
    }

    private void Called(OpCode op, MethodBase called, Pushed pushed)
    {
        if (called.DeclaringType == typeof(RequestContext) && called is MethodInfo { IsGenericMethod: true } reads)
            (reads.Name == nameof(RequestContext.Body) ? Bodies : Queries).Add(reads.GetGenericArguments()[0]);
        else if (called.DeclaringType == typeof(RequestContext) && called.Name == nameof(RequestContext.Since))
            pushed.Since();
        else if (called.DeclaringType == typeof(Answer))
            Answered(called, pushed);
        else if (called.DeclaringType == typeof(Fault))
            Failed(called, pushed);
        else if (op == OpCodes.Newobj)
            pushed.Made(called.DeclaringType!);
        else
            HandedOn(called, pushed);
    }

    private void Answered(MethodBase called, Pushed pushed)
    {
        if (called is { Name: nameof(Answer.Json) or nameof(Answer.Empty) or nameof(Answer.Text) or ".ctor" })
            foreach (var status in pushed.Statuses())
                Answers.Add(new(status, called.Name == nameof(Answer.Json) ? pushed.Body : null, called.Name is nameof(Answer.Json) or nameof(Answer.Empty)));
        pushed.Made(typeof(Answer));
    }

    private void Failed(MethodBase called, Pushed pushed)
    {
        if (Enum.TryParse<FaultKind>(called.Name, out var named))
            Faults.Add(named);
        else if (called.IsConstructor && pushed.First is { } number && Enum.IsDefined((FaultKind)number))
            Faults.Add((FaultKind)number);
        pushed.Made(typeof(Fault));
    }

    private void HandedOn(MethodBase called, Pushed pushed)
    {
        if (!called.IsAbstract && called.DeclaringType?.Namespace is { } space && space.StartsWith("Nova.Modules.", StringComparison.Ordinal)
            && !space.StartsWith("Nova.Modules.Shared", StringComparison.Ordinal) && (IsAnswer(called) || TakesRequest(called) || called is MethodInfo { ReturnType: var made } && made == typeof(Fault)))
            Read(called);
        if (called is MethodInfo { ReturnType: { IsValueType: false } result } && result != typeof(string) && result != typeof(void) && !typeof(Task).IsAssignableFrom(result))
            pushed.Made(result);
        else if (called is MethodInfo { Name: "GetResult" } awaited && !awaited.ReturnType.IsValueType && awaited.ReturnType != typeof(void))
            pushed.Made(awaited.ReturnType);
    }

    private static bool IsAnswer(MethodBase method) => method is MethodInfo { ReturnType: var type }
        && (type == typeof(Answer) || type == typeof(Task<Answer>) || type == typeof(ValueTask<Answer>));

    private static bool TakesRequest(MethodBase method) => Array.Exists(method.GetParameters(), parameter => parameter.ParameterType == typeof(RequestContext));

    /// <summary>What the present expression has pushed so far: its last object, and numbers behind it.</summary>
    private sealed class Pushed(Microversion version)
    {
        private readonly List<int> _numbers = [];
        private Type? _made, _loaded;
        private int? _since;

        public Type? Body => _made ?? _loaded;

        /// <summary>The first number of the statement.</summary>
        public int? First { get; private set; }

        public void Number(int number)
        {
            First ??= number;
            _numbers.Add(number);
        }

        // The version is known here, so of "Since(2) ? 201 : 200" one remains; the compiler writes the one for false first.
        public void Since()
        {
            if (_numbers.Count > 0)
                (_since, _) = (_numbers[^1], _numbers.Remove(_numbers[^1]));
        }

        public void Made(Type type)
        {
            if (type.IsDefined(typeof(CompilerGeneratedAttribute), false) || typeof(Delegate).IsAssignableFrom(type) || type == typeof(RequestContext))
                return;
            Clear();
            _made = type;
        }

        public void Loaded(Type type)
        {
            if (!type.IsValueType && type != typeof(RequestContext) && type != typeof(string))
                _loaded = type;
        }

        public IEnumerable<int> Statuses()
        {
            var statuses = _numbers.Where(number => number is >= 200 and < 600).ToList();
            return statuses.Count == 2 && _since is { } since ? [statuses[version.Minor >= since ? 1 : 0]] : statuses;
        }

        /// <summary>The statement ends: nothing is left of it.</summary>
        public void End()
        {
            First = null;
            Clear();
        }

        private void Clear()
        {
            _numbers.Clear();
            (_made, _loaded, _since) = (null, null, null);
        }
    }
}

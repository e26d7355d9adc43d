using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Modules.Api;

/// <summary>The root of the service, which is under no microversion: version discovery only.</summary>
public sealed class RootSurface(ComputeSurface compute) : ApiSurface
{
    /// <inheritdoc />
    public override string Name => "root";

    /// <inheritdoc />
    public override Answer Render(Fault fault, RequestContext? caller) => compute.Render(fault, caller);

    /// <inheritdoc />
    public override Fault WrongMethod(string method) => UnknownPath(method);
}

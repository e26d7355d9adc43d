using Nova.Modules.Rpc;

namespace Nova.Modules.Compute.Link;

/// <summary>How a host reaches a conductor by its address: over the network, or within the process in tests.</summary>
/// <param name="To">The channel to HOST:PORT; the same each time.</param>
public sealed record ConductorChannels(Func<string, RpcChannel> To);

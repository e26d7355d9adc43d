using Nova.Modules.Shared;

namespace Nova.Drivers.Network.Embedded.Routers;

/// <summary>What routers and floating addresses refuse.</summary>
internal static class RouterFaults
{
    public static Fault NotFound(string id) => NetworkFaults.Typed(Fault.NotFound($"Router {id} could not be found"), "RouterNotFound");

    public static Fault Bad(string reason) => NetworkFaults.Typed(Fault.BadRequest($"Bad router request: {reason}."), "BadRequest");

    public static Fault InUse(Guid id) => NetworkFaults.Typed(Fault.Conflict($"Router {id} still has ports"), "RouterInUse");

    public static Fault NoLegOnPort(Guid id, string port) =>
        NetworkFaults.Typed(Fault.NotFound($"Router {id} does not have an interface with id {port}"), "RouterInterfaceNotFound");

    public static Fault NoLegInSubnet(Guid id, string subnet) =>
        NetworkFaults.Typed(Fault.NotFound($"Router {id} has no interface on subnet {subnet}"), "RouterInterfaceNotFoundForSubnet");

    public static Fault LegInUse(Guid id, Guid subnet) => NetworkFaults.Typed(
        Fault.Conflict($"Router interface for subnet {subnet} on router {id} cannot be deleted, as it is required by one or more floating IPs."),
        "RouterInterfaceInUseByFloatingIP");

    public static Fault LegInUseByRoute(Guid id, Guid subnet) => NetworkFaults.Typed(
        Fault.Conflict($"Router interface for subnet {subnet} on router {id} cannot be deleted, as it is required by one or more routes."),
        "RouterInterfaceInUseByRoute");

    public static Fault GatewayInUse(Guid id, Guid network) => NetworkFaults.Typed(
        Fault.Conflict($"Gateway cannot be updated for router {id}, since a gateway to external network {network} is required by one or more floating IPs."),
        "RouterExternalGatewayInUseByFloatingIp");

    public static Fault SubnetMismatch(Guid port, string subnet) =>
        NetworkFaults.Typed(Fault.BadRequest($"Subnet on port {port} does not match the requested subnet {subnet}."), "SubnetMismatchForPort");

    public static Fault PortInUse(PortRow port) => NetworkFaults.Typed(
        Fault.Conflict($"Unable to complete operation on port {port.Id} for network {port.NetworkId}. Port already has an attached device {port.DeviceId}."),
        "PortInUse");

    public static Fault Route(string reason) => NetworkFaults.Typed(Fault.BadRequest($"Invalid format for routes: {reason}."), "InvalidRoutes");

    public static Fault FloatingNotFound(string id) => NetworkFaults.Typed(Fault.NotFound($"Floating IP {id} could not be found"), "FloatingIPNotFound");

    public static Fault BadFloating(string reason) => NetworkFaults.Typed(Fault.BadRequest($"Bad floatingip request: {reason}."), "BadRequest");

    public static Fault NotReachable(Guid network, Guid subnet, Guid port) => NetworkFaults.Typed(
        Fault.NotFound($"External network {network} is not reachable from subnet {subnet}.  Therefore, cannot associate Port {port} with a Floating IP."),
        "ExternalGatewayForFloatingIPNotFound");

    public static Fault AlreadyAssociated(string address, Guid id, Guid port, string fixedIp, Guid network) => NetworkFaults.Typed(
        Fault.Conflict($"Cannot associate floating IP {address} ({id}) with port {port} using fixed IP {fixedIp}, as that fixed IP already has a floating IP on external network {network}."),
        "FloatingIPPortAlreadyAssociated");
}

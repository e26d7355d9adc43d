using Nova.Modules.Shared;
using Nova.Modules.Shared.Http;

namespace Nova.Drivers.Network.Embedded;

/// <summary>The network API, v2.0: faults are <c>{"NeutronError": {type, message, detail}}</c>.</summary>
public sealed class NetworkSurface : ApiSurface
{
    /// <inheritdoc />
    public override string Name => "network";

    /// <inheritdoc />
    public override Answer Render(Fault fault, RequestContext? caller)
    {
        if (fault.Kind == FaultKind.Unauthorized)
            return Answer.Json(new { error = new { code = 401, title = "Unauthorized", message = fault.Text.ToString() } }, 401)
                .With("WWW-Authenticate", "Keystone uri=\"/identity\"");

        var error = new { type = NetworkFaults.TypeOf(fault), message = fault.Text.ToString(), detail = "" };
        return Answer.Json(new Dictionary<string, object> { ["NeutronError"] = error }, (int)fault.Kind);
    }

    /// <inheritdoc />
    public override Fault BadBody(string reason) => NetworkFaults.Invalid(reason);
}

/// <summary>Faults with the type names that clients of the network API look at.</summary>
internal static class NetworkFaults
{
    private const string TypeKey = "type";

    /// <summary>The name of a fault on the wire.</summary>
    public static string TypeOf(Fault fault) => fault.Data[TypeKey] as string ?? fault.Kind switch
    {
        FaultKind.BadRequest => "BadRequest",
        FaultKind.Forbidden => "PolicyNotAuthorized",
        FaultKind.NotFound => "HTTPNotFound",
        FaultKind.Conflict => "Conflict",
        FaultKind.MethodNotAllowed => "HTTPMethodNotAllowed",
        FaultKind.TooLarge => "HTTPRequestEntityTooLarge",
        FaultKind.Unavailable => "ServiceUnavailable",
        _ => "HTTPInternalServerError",
    };

    public static Fault Invalid(string reason) => Typed(Fault.BadRequest($"Invalid input for operation: {reason}."), "InvalidInput");

    public static Fault NetworkNotFound(string id) => Typed(Fault.NotFound($"Network {id} could not be found."), "NetworkNotFound");

    public static Fault SubnetNotFound(string id) => Typed(Fault.NotFound($"Subnet {id} could not be found."), "SubnetNotFound");

    public static Fault PortNotFound(string id) => Typed(Fault.NotFound($"Port {id} could not be found."), "PortNotFound");

    public static Fault GroupNotFound(string id) => Typed(Fault.NotFound($"Security group {id} does not exist"), "SecurityGroupNotFound");

    public static Fault RuleNotFound(string id) => Typed(Fault.NotFound($"Security group rule {id} does not exist"), "SecurityGroupRuleNotFound");

    public static Fault NetworkInUse(Guid id) => Typed(
        Fault.Conflict($"Unable to complete operation on network {id}. There are one or more ports still in use on the network."), "NetworkInUse");

    public static Fault SubnetInUse(Guid id) => Typed(
        Fault.Conflict($"Unable to complete operation on subnet {id}: One or more ports have an IP allocation from this subnet."), "SubnetInUse");

    public static Fault NoAddresses(Guid networkId) => Typed(
        Fault.Conflict($"No more IP addresses available on network {networkId}."), "IpAddressGenerationFailure");

    public static Fault AddressTaken(string address, Guid subnetId) => Typed(
        Fault.Conflict($"IP address {address} already allocated in subnet {subnetId}"), "IpAddressAlreadyAllocated");

    public static Fault InvalidAddress(string address, Guid networkId) => Typed(
        Fault.BadRequest($"IP address {address} is not a valid IP for any of the subnets on the specified network {networkId}."), "InvalidIpForNetwork");

    public static Fault MacTaken(Guid networkId, string mac) => Typed(
        Fault.Conflict($"Unable to complete operation for network {networkId}. The mac address {mac} is in use."), "MacAddressInUse");

    public static Fault OverQuota(string resource) => Typed(Fault.Conflict($"Quota exceeded for resources: ['{resource}']."), "OverQuota");

    public static Fault GroupInUse(Guid id) => Typed(Fault.Conflict($"Security Group {id} in use."), "SecurityGroupInUse");

    public static Fault DefaultGroupStays() => Typed(
        Fault.Conflict($"Insufficient rights for removing default security group."), "SecurityGroupCannotRemoveDefault");

    public static Fault DefaultGroupExists() => Typed(Fault.Conflict($"Default security group already exists."), "SecurityGroupDefaultAlreadyExists");

    public static Fault RuleExists(Guid id) => Typed(Fault.Conflict($"Security group rule already exists. Rule id is {id}."), "SecurityGroupRuleExists");

    public static Fault ServicePort(PortRow port) => Typed(
        Fault.Conflict($"Port {port.Id} cannot be deleted directly via the port API: has device owner {port.DeviceOwner}."), "ServicePortInUse");

    public static Fault ServicePortStays(PortRow port) => Typed(
        Fault.Conflict($"Unable to complete operation on port {port.Id} for network {port.NetworkId}. Port already has an attached device {port.DeviceId}."), "PortInUse");

    public static Fault ExternalInUse(Guid id) => Typed(
        Fault.Conflict($"External network {id} cannot be updated to be made non-external, since it has existing gateway ports."), "ExternalNetworkInUse");

    public static Fault GatewayInUse(string address, Guid port) => Typed(
        Fault.Conflict($"Current gateway ip {address} already in use by port {port}. Unable to update."), "GatewayIpInUse");

    public static Fault BindingNotFound(string port, string host) => Typed(
        Fault.NotFound($"Binding for port {port} for host {host} could not be found."), "PortBindingNotFound");

    public static Fault BindingExists(Guid port, string host) => Typed(
        Fault.Conflict($"Binding for port {port} on host {host} already exists."), "PortBindingAlreadyExists");

    public static Fault BindingActive(Guid port, string host) => Typed(
        Fault.Conflict($"Binding for port {port} on host {host} is already active."), "PortBindingAlreadyActive");

    public static Fault TagNotFound(string tag) => Typed(Fault.NotFound($"Tag {tag} could not be found."), "TagNotFound");

    public static Fault AgentNotFound(string id) => Typed(Fault.NotFound($"Agent {id} could not be found."), "AgentNotFound");

    public static Fault IcmpValue(string field, string member, int value) => Typed(
        Fault.BadRequest($"Invalid value for ICMP {field} ({member}) {value}. It must be 0 to 255."), "SecurityGroupInvalidIcmpValue");

    public static Fault NotAllowed(string rule) => Typed(Fault.Forbidden($"rule:{rule} is disallowed by policy"), "PolicyNotAuthorized");

    public static Fault Typed(Fault fault, string type)
    {
        fault.Data[TypeKey] = type;
        return fault;
    }
}

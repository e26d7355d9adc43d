-- description: routers, floating addresses and further port bindings of the embedded network service

-- gateway_ips repeats the addresses of the gateway's port, so that pictures of routers need no ports. JSON columns (gateway_ips, routes,
-- tags) are opaque to SQL.
CREATE TABLE routers (
    id {{uuid}} NOT NULL PRIMARY KEY,
    project_id {{text}} NOT NULL,
    name {{text}} NOT NULL,
    description {{text}} NOT NULL,
    admin_state_up BOOLEAN NOT NULL,
    external_network_id {{uuid}} REFERENCES networks (id),
    gateway_port_id {{uuid}},
    gateway_ips {{text}} NOT NULL,
    enable_snat BOOLEAN NOT NULL,
    routes {{text}} NOT NULL,
    tags {{text}} NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX routers_by_project ON routers (project_id);

-- A leg of a router: one address of its port in a subnet. A router has one leg in a subnet at most.
CREATE TABLE router_legs (
    router_id {{uuid}} NOT NULL REFERENCES routers (id) ON DELETE CASCADE,
    subnet_id {{uuid}} NOT NULL REFERENCES subnets (id),
    network_id {{uuid}} NOT NULL REFERENCES networks (id),
    port_id {{uuid}} NOT NULL REFERENCES ports (id) ON DELETE CASCADE,
    address {{text}} NOT NULL,
    PRIMARY KEY (router_id, subnet_id)
);
CREATE INDEX router_legs_by_port ON router_legs (port_id);
CREATE INDEX router_legs_by_subnet ON router_legs (subnet_id);

-- port_id holds the address on the external network. A fixed port that goes leaves its floating address behind, unbound: fixed_address
-- and router_id count only beside a fixed_port_id.
CREATE TABLE floating_ips (
    id {{uuid}} NOT NULL PRIMARY KEY,
    project_id {{text}} NOT NULL,
    network_id {{uuid}} NOT NULL REFERENCES networks (id),
    port_id {{uuid}} NOT NULL REFERENCES ports (id),
    address {{text}} NOT NULL,
    fixed_port_id {{uuid}} REFERENCES ports (id) ON DELETE SET NULL,
    fixed_address {{text}},
    router_id {{uuid}} REFERENCES routers (id),
    description {{text}} NOT NULL,
    dns_name {{text}} NOT NULL,
    dns_domain {{text}} NOT NULL,
    tags {{text}} NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX floating_ips_by_project ON floating_ips (project_id);
CREATE INDEX floating_ips_by_address ON floating_ips (address);
CREATE INDEX floating_ips_by_router ON floating_ips (router_id);
CREATE UNIQUE INDEX floating_ips_by_port ON floating_ips (port_id);
CREATE UNIQUE INDEX floating_ips_by_fixed ON floating_ips (fixed_port_id, fixed_address, network_id) WHERE fixed_port_id IS NOT NULL;

-- Where a port may go next. The binding that carries traffic is in the port's own row.
CREATE TABLE port_bindings (
    port_id {{uuid}} NOT NULL REFERENCES ports (id) ON DELETE CASCADE,
    host {{text}} NOT NULL,
    vnic_type {{text}} NOT NULL,
    profile {{text}} NOT NULL,
    PRIMARY KEY (port_id, host)
);

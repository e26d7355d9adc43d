-- description: networks, subnets, ports, addresses and security groups of the embedded network service
-- JSON columns (pools, dns_servers, routes, fixed_ips, security_groups, tags) are opaque to SQL: nothing filters by them here.

CREATE TABLE networks (
    id {{uuid}} NOT NULL PRIMARY KEY,
    project_id {{text}} NOT NULL,
    name {{text}} NOT NULL,
    description {{text}} NOT NULL,
    mtu INTEGER NOT NULL,
    admin_state_up BOOLEAN NOT NULL,
    shared BOOLEAN NOT NULL,
    external BOOLEAN NOT NULL,
    is_default BOOLEAN NOT NULL,
    port_security BOOLEAN NOT NULL,
    network_type {{text}} NOT NULL,
    physical_network {{text}},
    segmentation_id BIGINT,
    dns_domain {{text}} NOT NULL,
    tags {{text}} NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE subnets (
    id {{uuid}} NOT NULL PRIMARY KEY,
    network_id {{uuid}} NOT NULL REFERENCES networks (id),
    project_id {{text}} NOT NULL,
    name {{text}} NOT NULL,
    description {{text}} NOT NULL,
    ip_version INTEGER NOT NULL,
    cidr {{text}} NOT NULL,
    gateway {{text}},
    dhcp BOOLEAN NOT NULL,
    pools {{text}} NOT NULL,
    dns_servers {{text}} NOT NULL,
    routes {{text}} NOT NULL,
    ipv6_address_mode {{text}},
    ipv6_ra_mode {{text}},
    tags {{text}} NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Free addresses of a subnet as ranges of offsets from its base, both ends inclusive. Taking moves low, so the key stays.
CREATE TABLE address_ranges (
    subnet_id {{uuid}} NOT NULL REFERENCES subnets (id) ON DELETE CASCADE,
    low BIGINT NOT NULL,
    high BIGINT NOT NULL,
    PRIMARY KEY (subnet_id, high)
);

-- owned: made for a server and deleted with it. with_borrowed: that server also has ports which its user made, so its
-- release must look for them. fixed_ips repeats port_addresses, so that one DELETE … RETURNING says what to give back.
CREATE TABLE ports (
    id {{uuid}} NOT NULL PRIMARY KEY,
    network_id {{uuid}} NOT NULL REFERENCES networks (id),
    project_id {{text}} NOT NULL,
    name {{text}} NOT NULL,
    description {{text}},
    mac {{text}} NOT NULL,
    admin_state_up BOOLEAN NOT NULL,
    port_security BOOLEAN NOT NULL,
    device_id {{text}} NOT NULL,
    device_owner {{text}} NOT NULL,
    host {{text}} NOT NULL,
    vnic_type {{text}},
    profile {{text}},
    dns_name {{text}} NOT NULL,
    fixed_ips {{text}} NOT NULL,
    security_groups {{text}} NOT NULL,
    tags {{text}},
    owned BOOLEAN NOT NULL,
    with_borrowed BOOLEAN NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX ports_by_mac ON ports (network_id, mac);
CREATE INDEX ports_by_device ON ports (device_id) WHERE device_id <> '';

CREATE TABLE port_addresses (
    subnet_id {{uuid}} NOT NULL REFERENCES subnets (id),
    address {{text}} NOT NULL,
    port_id {{uuid}} NOT NULL REFERENCES ports (id) ON DELETE CASCADE,
    PRIMARY KEY (subnet_id, address)
);
CREATE INDEX port_addresses_by_port ON port_addresses (port_id);

CREATE TABLE security_groups (
    id {{uuid}} NOT NULL PRIMARY KEY,
    project_id {{text}} NOT NULL,
    name {{text}} NOT NULL,
    description {{text}} NOT NULL,
    is_default BOOLEAN NOT NULL,
    stateful BOOLEAN NOT NULL,
    tags {{text}} NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX security_groups_default ON security_groups (project_id) WHERE is_default;

CREATE TABLE security_group_rules (
    id {{uuid}} NOT NULL PRIMARY KEY,
    group_id {{uuid}} NOT NULL REFERENCES security_groups (id) ON DELETE CASCADE,
    project_id {{text}} NOT NULL,
    ingress BOOLEAN NOT NULL,
    v6 BOOLEAN NOT NULL,
    protocol {{text}},
    port_min INTEGER,
    port_max INTEGER,
    remote_group_id {{uuid}} REFERENCES security_groups (id) ON DELETE CASCADE,
    remote_prefix {{text}},
    description {{text}} NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX security_group_rules_by_group ON security_group_rules (group_id);

-- Overrides of the configured defaults; -1 is unlimited.
CREATE TABLE network_quotas (
    project_id {{text}} NOT NULL,
    resource {{text}} NOT NULL,
    hard_limit BIGINT NOT NULL,
    PRIMARY KEY (project_id, resource)
);

-- One row. Raised by every change of networks, subnets, groups or rules: other processes then read their pictures anew.
CREATE TABLE network_generation (
    id INTEGER NOT NULL PRIMARY KEY,
    generation BIGINT NOT NULL
);
INSERT INTO network_generation (id, generation) VALUES (1, 1);

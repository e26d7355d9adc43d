-- The whole schema on sqlite, generated from the files beside it (UPDATE_SNAPSHOTS=1 ./test.sh MigrationTests).

CREATE TABLE address_ranges (
    subnet_id TEXT NOT NULL REFERENCES subnets (id) ON DELETE CASCADE,
    low BIGINT NOT NULL,
    high BIGINT NOT NULL,
    PRIMARY KEY (subnet_id, high)
);

CREATE TABLE aggregate_hosts (
    aggregate_id TEXT NOT NULL REFERENCES aggregates (id),
    host_id TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    PRIMARY KEY (aggregate_id, host_id)
);

CREATE INDEX aggregate_hosts_by_host ON aggregate_hosts (host_id, aggregate_id);

CREATE TABLE aggregates (
    id TEXT NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    name TEXT NOT NULL UNIQUE,
    zone TEXT,
    metadata TEXT NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT
);

CREATE TABLE allocations (
    cell INTEGER NOT NULL,
    consumer_id TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    class TEXT NOT NULL,
    used BIGINT NOT NULL,
    PRIMARY KEY (cell, consumer_id, provider_id, class)
);

CREATE INDEX allocations_by_provider ON allocations (provider_id, consumer_id);

CREATE TABLE console_tokens (
    cell INTEGER NOT NULL,
    token_hash TEXT NOT NULL,
    server_id TEXT NOT NULL,
    host_id TEXT NOT NULL,
    type TEXT NOT NULL,
    host TEXT,
    port BIGINT NOT NULL,
    internal_access_path TEXT,
    tls_port BIGINT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (cell, token_hash)
);

CREATE INDEX console_tokens_by_expiry ON console_tokens (expires_at);

CREATE INDEX console_tokens_by_server ON console_tokens (server_id, created_at);

CREATE TABLE consumers (
    cell INTEGER NOT NULL,
    id TEXT NOT NULL,
    generation BIGINT NOT NULL,
    project_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    type TEXT,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (cell, id)
);

CREATE INDEX consumers_by_project ON consumers (project_id, user_id, id);

CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    project_id TEXT,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE flavor_access (
    flavor_id TEXT NOT NULL REFERENCES flavors (id) ON DELETE CASCADE,
    project_id TEXT NOT NULL,
    PRIMARY KEY (flavor_id, project_id)
);

CREATE TABLE flavors (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    memory_mb BIGINT NOT NULL,
    vcpus INTEGER NOT NULL,
    root_gb INTEGER NOT NULL,
    ephemeral_gb INTEGER NOT NULL,
    swap_mb INTEGER NOT NULL,
    rxtx_factor DOUBLE PRECISION NOT NULL,
    is_public BOOLEAN NOT NULL,
    disabled BOOLEAN NOT NULL,
    description TEXT,
    extra_specs TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT
, number BIGINT NOT NULL DEFAULT 0);

CREATE TABLE floating_ips (
    id TEXT NOT NULL PRIMARY KEY,
    project_id TEXT NOT NULL,
    network_id TEXT NOT NULL REFERENCES networks (id),
    port_id TEXT NOT NULL REFERENCES ports (id),
    address TEXT NOT NULL,
    fixed_port_id TEXT REFERENCES ports (id) ON DELETE SET NULL,
    fixed_address TEXT,
    router_id TEXT REFERENCES routers (id),
    description TEXT NOT NULL,
    dns_name TEXT NOT NULL,
    dns_domain TEXT NOT NULL,
    tags TEXT NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE INDEX floating_ips_by_address ON floating_ips (address);

CREATE UNIQUE INDEX floating_ips_by_fixed ON floating_ips (fixed_port_id, fixed_address, network_id) WHERE fixed_port_id IS NOT NULL;

CREATE UNIQUE INDEX floating_ips_by_port ON floating_ips (port_id);

CREATE INDEX floating_ips_by_project ON floating_ips (project_id);

CREATE INDEX floating_ips_by_router ON floating_ips (router_id);

CREATE TABLE given_hardware (
    cell INTEGER NOT NULL,
    host_id TEXT NOT NULL,
    consumer_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    unit TEXT NOT NULL,
    guest INTEGER NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (cell, consumer_id, host_id, kind, unit, guest)
);

CREATE INDEX given_hardware_by_host ON given_hardware (cell, host_id);

CREATE UNIQUE INDEX given_hardware_once ON given_hardware (cell, host_id, kind, unit) WHERE kind IN ('cpu', 'device');

CREATE TABLE host_hardware (
    cell INTEGER NOT NULL,
    host_id TEXT NOT NULL,
    generation BIGINT NOT NULL,
    PRIMARY KEY (cell, host_id)
);

CREATE TABLE hosts (
    cell INTEGER NOT NULL,
    id TEXT NOT NULL,
    number BIGINT NOT NULL UNIQUE,
    service_id TEXT NOT NULL REFERENCES services (id),
    name TEXT NOT NULL UNIQUE,
    node TEXT NOT NULL,
    zone TEXT NOT NULL,
    state TEXT NOT NULL,
    state_since BIGINT NOT NULL,
    hypervisor_type TEXT NOT NULL,
    hypervisor_version INTEGER NOT NULL,
    host_ip TEXT NOT NULL,
    vcpus BIGINT NOT NULL,
    memory_mb BIGINT NOT NULL,
    disk_gb BIGINT NOT NULL,
    cpu_info TEXT NOT NULL,
    supported_instances TEXT NOT NULL,
    created_at BIGINT NOT NULL, revision BIGINT NOT NULL DEFAULT 0, hardware TEXT, metrics TEXT NOT NULL DEFAULT '{}',
    PRIMARY KEY (cell, id)
);

CREATE TABLE idempotency_keys (
    project_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    key TEXT NOT NULL,
    body_hash TEXT NOT NULL,
    answer TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (project_id, user_id, key)
);

CREATE TABLE identity_access_rules (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES identity_users (id) ON DELETE CASCADE,
    service TEXT NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    UNIQUE (user_id, service, method, path)
);

CREATE TABLE identity_application_credentials (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES identity_users (id) ON DELETE CASCADE,
    project_id TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    secret_hash TEXT NOT NULL,
    roles TEXT NOT NULL,
    rules TEXT,
    unrestricted BOOLEAN NOT NULL,
    expires_at BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (user_id, name)
);

CREATE INDEX identity_application_credentials_by_project ON identity_application_credentials (project_id);

CREATE TABLE identity_assignments (
    user_id TEXT NOT NULL REFERENCES identity_users (id) ON DELETE CASCADE,
    scope_kind TEXT NOT NULL,
    scope_id TEXT NOT NULL,
    role_id TEXT NOT NULL REFERENCES identity_roles (id) ON DELETE CASCADE,
    PRIMARY KEY (user_id, scope_kind, scope_id, role_id)
);

CREATE INDEX identity_assignments_by_scope ON identity_assignments (scope_kind, scope_id);

CREATE TABLE identity_credentials (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES identity_users (id) ON DELETE CASCADE,
    project_id TEXT,
    kind TEXT NOT NULL,
    sealed_blob TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE INDEX identity_credentials_by_user ON identity_credentials (user_id);

CREATE TABLE identity_domains (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    tags TEXT NOT NULL,
    options TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE identity_endpoints (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL REFERENCES identity_services (id) ON DELETE CASCADE,
    interface TEXT NOT NULL,
    region_id TEXT,
    url TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    deleted_at BIGINT,
    created_at BIGINT NOT NULL
);

CREATE INDEX identity_endpoints_by_service ON identity_endpoints (service_id);

CREATE TABLE identity_group_assignments (
    group_id TEXT NOT NULL REFERENCES identity_groups (id) ON DELETE CASCADE,
    scope_kind TEXT NOT NULL,
    scope_id TEXT NOT NULL,
    role_id TEXT NOT NULL REFERENCES identity_roles (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, scope_kind, scope_id, role_id)
);

CREATE INDEX identity_group_assignments_by_scope ON identity_group_assignments (scope_kind, scope_id);

CREATE TABLE identity_groups (
    id TEXT NOT NULL PRIMARY KEY,
    domain_id TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (domain_id, name)
);

CREATE TABLE identity_implied_roles (
    prior_id TEXT NOT NULL REFERENCES identity_roles (id) ON DELETE CASCADE,
    implied_id TEXT NOT NULL REFERENCES identity_roles (id) ON DELETE CASCADE,
    PRIMARY KEY (prior_id, implied_id)
);

CREATE TABLE identity_keys (
    id TEXT NOT NULL PRIMARY KEY,
    sealed_key TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE identity_limits (
    id TEXT NOT NULL PRIMARY KEY,
    project_id TEXT NOT NULL,
    domain_id TEXT NOT NULL,
    service_id TEXT NOT NULL,
    region_id TEXT NOT NULL,
    resource_name TEXT NOT NULL,
    resource_limit BIGINT NOT NULL,
    description TEXT,
    UNIQUE (project_id, domain_id, service_id, region_id, resource_name)
);

CREATE TABLE identity_members (
    group_id TEXT NOT NULL REFERENCES identity_groups (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL REFERENCES identity_users (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, user_id)
);

CREATE INDEX identity_members_by_user ON identity_members (user_id);

CREATE TABLE identity_projects (
    id TEXT NOT NULL PRIMARY KEY,
    domain_id TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    enabled BOOLEAN NOT NULL,
    tags TEXT NOT NULL,
    created_at BIGINT NOT NULL, parent_id TEXT, options TEXT NOT NULL DEFAULT '{}',
    UNIQUE (domain_id, name)
);

CREATE INDEX identity_projects_by_parent ON identity_projects (parent_id);

CREATE TABLE identity_regions (
    id TEXT NOT NULL PRIMARY KEY,
    description TEXT NOT NULL,
    parent_id TEXT,
    created_at BIGINT NOT NULL
);

CREATE TABLE identity_registered_limits (
    id TEXT NOT NULL PRIMARY KEY,
    service_id TEXT NOT NULL,
    region_id TEXT NOT NULL,
    resource_name TEXT NOT NULL,
    default_limit BIGINT NOT NULL,
    description TEXT,
    UNIQUE (service_id, region_id, resource_name)
);

CREATE TABLE identity_revocations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    audit_id TEXT,
    user_id TEXT,
    project_id TEXT,
    issued_until BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
, scope TEXT, application_credential_id TEXT, domain_id TEXT);

CREATE TABLE identity_roles (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    description TEXT
, domain_id TEXT, options TEXT NOT NULL DEFAULT '{}');

CREATE TABLE identity_services (
    id TEXT NOT NULL PRIMARY KEY,
    type TEXT NOT NULL,
    name TEXT,
    description TEXT,
    enabled BOOLEAN NOT NULL,
    deleted_at BIGINT,
    created_at BIGINT NOT NULL
);

CREATE TABLE identity_users (
    id TEXT NOT NULL PRIMARY KEY,
    domain_id TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    email TEXT,
    enabled BOOLEAN NOT NULL,
    default_project_id TEXT,
    password_hash TEXT,
    created_at BIGINT NOT NULL, options TEXT NOT NULL DEFAULT '{}',
    UNIQUE (domain_id, name)
);

CREATE TABLE image_members (
    image_id TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    member_id TEXT NOT NULL,
    status TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (image_id, member_id)
);

CREATE TABLE image_orders (
    host_id TEXT NOT NULL,
    image_id TEXT NOT NULL,
    id TEXT NOT NULL,
    request_id TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    not_before BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (host_id, image_id)
);

CREATE TABLE images (
    id TEXT NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    name TEXT,
    status TEXT NOT NULL,
    visibility TEXT NOT NULL,
    disk_format TEXT,
    container_format TEXT,
    min_disk INTEGER NOT NULL,
    min_ram INTEGER NOT NULL,
    protected BOOLEAN NOT NULL,
    os_hidden BOOLEAN NOT NULL,
    size BIGINT,
    virtual_size BIGINT,
    checksum TEXT,
    os_hash_algo TEXT,
    os_hash_value TEXT,
    properties TEXT NOT NULL,
    tags TEXT NOT NULL,
    upload TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
, server_id TEXT);

CREATE INDEX images_by_server ON images (server_id) WHERE server_id IS NOT NULL;

CREATE TABLE instances (
    id TEXT NOT NULL PRIMARY KEY,
    incarnation TEXT NOT NULL,
    counter BIGINT NOT NULL,
    address TEXT NOT NULL,
    release TEXT NOT NULL,
    wire_level INTEGER NOT NULL,
    schema_level INTEGER NOT NULL,
    started_at BIGINT NOT NULL
);

CREATE TABLE inventories (
    provider_id TEXT NOT NULL REFERENCES resource_providers (id),
    class TEXT NOT NULL,
    total BIGINT NOT NULL,
    reserved BIGINT NOT NULL,
    min_unit BIGINT NOT NULL,
    max_unit BIGINT NOT NULL,
    step_size BIGINT NOT NULL,
    allocation_ratio DOUBLE PRECISION NOT NULL,
    used BIGINT NOT NULL,
    PRIMARY KEY (provider_id, class)
);

CREATE INDEX inventories_by_class ON inventories (class, provider_id);

CREATE TABLE keypairs (
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    number BIGINT NOT NULL,
    type TEXT NOT NULL,
    public_key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, name)
);

CREATE TABLE migrations (
    cell INTEGER NOT NULL,
    id TEXT NOT NULL,
    number BIGINT NOT NULL UNIQUE,
    server_id TEXT NOT NULL,
    operation_id TEXT,
    project_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    status TEXT NOT NULL,
    source_host TEXT,
    source_node TEXT,
    dest_host TEXT,
    dest_node TEXT,
    dest_address TEXT,
    old_flavor_number BIGINT,
    new_flavor_number BIGINT,
    progress TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (cell, id)
);

CREATE INDEX migrations_by_project ON migrations (project_id, number);

CREATE INDEX migrations_by_server ON migrations (server_id, number);

CREATE TABLE network_generation (
    id INTEGER NOT NULL PRIMARY KEY,
    generation BIGINT NOT NULL
);

CREATE TABLE network_quotas (
    project_id TEXT NOT NULL,
    resource TEXT NOT NULL,
    hard_limit BIGINT NOT NULL,
    PRIMARY KEY (project_id, resource)
);

CREATE TABLE networks (
    id TEXT NOT NULL PRIMARY KEY,
    project_id TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    mtu INTEGER NOT NULL,
    admin_state_up BOOLEAN NOT NULL,
    shared BOOLEAN NOT NULL,
    external BOOLEAN NOT NULL,
    is_default BOOLEAN NOT NULL,
    port_security BOOLEAN NOT NULL,
    network_type TEXT NOT NULL,
    physical_network TEXT,
    segmentation_id BIGINT,
    dns_domain TEXT NOT NULL,
    tags TEXT NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE numbers (
    kind TEXT NOT NULL PRIMARY KEY,
    next BIGINT NOT NULL
);

CREATE TABLE operations (
    cell INTEGER NOT NULL,
    id TEXT NOT NULL,
    server_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    request_id TEXT NOT NULL,
    action TEXT NOT NULL,
    kind TEXT NOT NULL,
    kind_version INTEGER NOT NULL,
    written_by TEXT NOT NULL,
    status TEXT NOT NULL,
    step TEXT,
    state TEXT NOT NULL,
    caller TEXT NOT NULL,
    steps TEXT NOT NULL,
    owner TEXT,
    epoch BIGINT NOT NULL,
    cancel BOOLEAN NOT NULL,
    attempts INTEGER NOT NULL,
    not_before BIGINT,
    first_failed_at BIGINT,
    fault TEXT,
    waits_for TEXT,
    started_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    finished_at BIGINT,
    PRIMARY KEY (cell, id)
);

CREATE INDEX operations_by_owner ON operations (owner) WHERE finished_at IS NULL;

CREATE INDEX operations_by_server ON operations (server_id, id);

CREATE UNIQUE INDEX operations_unfinished ON operations (server_id) WHERE finished_at IS NULL AND waits_for IS NULL;

CREATE UNIQUE INDEX operations_waiting ON operations (server_id) WHERE waits_for IS NOT NULL;

CREATE TABLE port_addresses (
    subnet_id TEXT NOT NULL REFERENCES subnets (id),
    address TEXT NOT NULL,
    port_id TEXT NOT NULL REFERENCES ports (id) ON DELETE CASCADE,
    PRIMARY KEY (subnet_id, address)
);

CREATE INDEX port_addresses_by_port ON port_addresses (port_id);

CREATE TABLE port_bindings (
    port_id TEXT NOT NULL REFERENCES ports (id) ON DELETE CASCADE,
    host TEXT NOT NULL,
    vnic_type TEXT NOT NULL,
    profile TEXT NOT NULL,
    PRIMARY KEY (port_id, host)
);

CREATE TABLE ports (
    id TEXT NOT NULL PRIMARY KEY,
    network_id TEXT NOT NULL REFERENCES networks (id),
    project_id TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    mac TEXT NOT NULL,
    admin_state_up BOOLEAN NOT NULL,
    port_security BOOLEAN NOT NULL,
    device_id TEXT NOT NULL,
    device_owner TEXT NOT NULL,
    host TEXT NOT NULL,
    vnic_type TEXT,
    profile TEXT,
    dns_name TEXT NOT NULL,
    fixed_ips TEXT NOT NULL,
    security_groups TEXT NOT NULL,
    tags TEXT,
    owned BOOLEAN NOT NULL,
    with_borrowed BOOLEAN NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
, qos_policy_id TEXT, bound TEXT);

CREATE INDEX ports_by_device ON ports (device_id) WHERE device_id <> '';

CREATE UNIQUE INDEX ports_by_mac ON ports (network_id, mac);

CREATE INDEX ports_by_policy ON ports (qos_policy_id);

CREATE TABLE provider_aggregates (
    provider_id TEXT NOT NULL REFERENCES resource_providers (id),
    aggregate_id TEXT NOT NULL,
    PRIMARY KEY (provider_id, aggregate_id)
);

CREATE INDEX provider_aggregates_by_aggregate ON provider_aggregates (aggregate_id, provider_id);

CREATE TABLE provider_traits (
    provider_id TEXT NOT NULL REFERENCES resource_providers (id),
    trait TEXT NOT NULL REFERENCES traits (name),
    by_host BOOLEAN NOT NULL,
    PRIMARY KEY (provider_id, trait)
);

CREATE INDEX provider_traits_by_trait ON provider_traits (trait, provider_id);

CREATE TABLE qos_policies (
    id TEXT NOT NULL PRIMARY KEY,
    project_id TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    shared BOOLEAN NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE qos_rules (
    id TEXT NOT NULL PRIMARY KEY,
    policy_id TEXT NOT NULL REFERENCES qos_policies (id),
    kind TEXT NOT NULL,
    direction TEXT NOT NULL,
    amount BIGINT NOT NULL,
    UNIQUE (policy_id, kind, direction)
);

CREATE TABLE quota_classes (
    name TEXT NOT NULL,
    resource TEXT NOT NULL,
    hard_limit BIGINT NOT NULL,
    PRIMARY KEY (name, resource)
);

CREATE TABLE quota_limits (
    project_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    resource TEXT NOT NULL,
    hard_limit BIGINT NOT NULL,
    PRIMARY KEY (project_id, user_id, resource)
);

CREATE TABLE quota_usages (
    project_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    resource TEXT NOT NULL,
    used BIGINT NOT NULL,
    PRIMARY KEY (project_id, user_id, resource)
);

CREATE TABLE resource_classes (
    name TEXT NOT NULL PRIMARY KEY,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE resource_providers (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    generation BIGINT NOT NULL,
    parent_id TEXT REFERENCES resource_providers (id),
    root_id TEXT NOT NULL REFERENCES resource_providers (id),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE INDEX resource_providers_by_parent ON resource_providers (parent_id) WHERE parent_id IS NOT NULL;

CREATE INDEX resource_providers_by_root ON resource_providers (root_id, id);

CREATE TABLE router_legs (
    router_id TEXT NOT NULL REFERENCES routers (id) ON DELETE CASCADE,
    subnet_id TEXT NOT NULL REFERENCES subnets (id),
    network_id TEXT NOT NULL REFERENCES networks (id),
    port_id TEXT NOT NULL REFERENCES ports (id) ON DELETE CASCADE,
    address TEXT NOT NULL,
    PRIMARY KEY (router_id, subnet_id)
);

CREATE INDEX router_legs_by_port ON router_legs (port_id);

CREATE INDEX router_legs_by_subnet ON router_legs (subnet_id);

CREATE TABLE routers (
    id TEXT NOT NULL PRIMARY KEY,
    project_id TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    admin_state_up BOOLEAN NOT NULL,
    external_network_id TEXT REFERENCES networks (id),
    gateway_port_id TEXT,
    gateway_ips TEXT NOT NULL,
    enable_snat BOOLEAN NOT NULL,
    routes TEXT NOT NULL,
    tags TEXT NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE INDEX routers_by_project ON routers (project_id);

CREATE TABLE schema_versions (
    version INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, phase TEXT NOT NULL, checksum TEXT NOT NULL,
    level INTEGER NOT NULL, cursor TEXT, applied_at BIGINT NOT NULL, finished_at BIGINT);

CREATE TABLE security_group_rules (
    id TEXT NOT NULL PRIMARY KEY,
    group_id TEXT NOT NULL REFERENCES security_groups (id) ON DELETE CASCADE,
    project_id TEXT NOT NULL,
    ingress BOOLEAN NOT NULL,
    v6 BOOLEAN NOT NULL,
    protocol TEXT,
    port_min INTEGER,
    port_max INTEGER,
    remote_group_id TEXT REFERENCES security_groups (id) ON DELETE CASCADE,
    remote_prefix TEXT,
    description TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE INDEX security_group_rules_by_group ON security_group_rules (group_id);

CREATE TABLE security_groups (
    id TEXT NOT NULL PRIMARY KEY,
    project_id TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    is_default BOOLEAN NOT NULL,
    stateful BOOLEAN NOT NULL,
    tags TEXT NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX security_groups_default ON security_groups (project_id) WHERE is_default;

CREATE TABLE server_groups (
    id TEXT NOT NULL PRIMARY KEY,
    project_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    policy TEXT NOT NULL,
    max_server_per_host BIGINT,
    created_at BIGINT NOT NULL
);

CREATE INDEX server_groups_by_project ON server_groups (project_id, created_at, id);

CREATE TABLE server_passwords (
    cell INTEGER NOT NULL,
    server_id TEXT NOT NULL,
    password TEXT NOT NULL,
    PRIMARY KEY (cell, server_id)
);

CREATE TABLE servers (
    cell INTEGER NOT NULL,
    id TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    project_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    hostname TEXT NOT NULL,
    description TEXT,
    vm_state TEXT NOT NULL,
    task_state TEXT,
    power_state INTEGER NOT NULL,
    progress INTEGER NOT NULL,
    host_id TEXT,
    host TEXT,
    node TEXT,
    zone TEXT,
    requested_zone TEXT,
    image_id TEXT,
    flavor TEXT NOT NULL,
    key_name TEXT,
    public_key TEXT,
    user_data TEXT,
    config_drive BOOLEAN NOT NULL,
    metadata TEXT NOT NULL,
    tags TEXT NOT NULL,
    networks TEXT NOT NULL,
    access_ipv4 TEXT,
    access_ipv6 TEXT,
    locked_by TEXT,
    locked_reason TEXT,
    reservation_id TEXT NOT NULL,
    launch_index INTEGER NOT NULL,
    fault TEXT,
    details TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    launched_at BIGINT,
    terminated_at BIGINT,
    deleted_at BIGINT, group_id TEXT,
    PRIMARY KEY (cell, id)
);

CREATE INDEX servers_by_deletion ON servers (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE INDEX servers_by_group ON servers (group_id, host_id) WHERE group_id IS NOT NULL AND deleted_at IS NULL;

CREATE INDEX servers_by_host ON servers (host_id) WHERE deleted_at IS NULL AND host_id IS NOT NULL;

CREATE INDEX servers_by_project ON servers (project_id, created_at, id) WHERE deleted_at IS NULL;

CREATE TABLE services (
    id TEXT NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    binary_name TEXT NOT NULL,
    host TEXT NOT NULL,
    disabled BOOLEAN NOT NULL,
    disabled_reason TEXT,
    forced_down BOOLEAN NOT NULL,
    release TEXT NOT NULL,
    wire_level INTEGER NOT NULL,
    schema_level INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (binary_name, host)
);

CREATE TABLE subnets (
    id TEXT NOT NULL PRIMARY KEY,
    network_id TEXT NOT NULL REFERENCES networks (id),
    project_id TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    ip_version INTEGER NOT NULL,
    cidr TEXT NOT NULL,
    gateway TEXT,
    dhcp BOOLEAN NOT NULL,
    pools TEXT NOT NULL,
    dns_servers TEXT NOT NULL,
    routes TEXT NOT NULL,
    ipv6_address_mode TEXT,
    ipv6_ra_mode TEXT,
    tags TEXT NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE traits (
    name TEXT NOT NULL PRIMARY KEY,
    updated_at BIGINT NOT NULL
);

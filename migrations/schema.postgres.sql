-- The whole schema on postgres, generated from the files beside it (UPDATE_SNAPSHOTS=1 ./test.sh MigrationTests).

CREATE TABLE address_ranges (
    subnet_id uuid NOT NULL,
    low bigint NOT NULL,
    high bigint NOT NULL,
    CONSTRAINT address_ranges_pkey PRIMARY KEY (subnet_id, high),
    CONSTRAINT address_ranges_subnet_id_fkey FOREIGN KEY (subnet_id) REFERENCES subnets(id) ON DELETE CASCADE
);

CREATE TABLE aggregate_hosts (
    aggregate_id uuid NOT NULL,
    host_id uuid NOT NULL,
    added_at bigint NOT NULL,
    CONSTRAINT aggregate_hosts_aggregate_id_fkey FOREIGN KEY (aggregate_id) REFERENCES aggregates(id),
    CONSTRAINT aggregate_hosts_pkey PRIMARY KEY (aggregate_id, host_id)
);
CREATE INDEX aggregate_hosts_by_host ON public.aggregate_hosts USING btree (host_id, aggregate_id);

CREATE TABLE aggregates (
    id uuid NOT NULL,
    number bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    zone text COLLATE "C",
    metadata text COLLATE "C" NOT NULL,
    revision bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint,
    CONSTRAINT aggregates_name_key UNIQUE (name),
    CONSTRAINT aggregates_number_key UNIQUE (number),
    CONSTRAINT aggregates_pkey PRIMARY KEY (id)
);

CREATE TABLE allocations (
    cell integer NOT NULL,
    consumer_id uuid NOT NULL,
    provider_id uuid NOT NULL,
    class text COLLATE "C" NOT NULL,
    used bigint NOT NULL,
    CONSTRAINT allocations_pkey PRIMARY KEY (cell, consumer_id, provider_id, class)
);
CREATE INDEX allocations_by_provider ON public.allocations USING btree (provider_id, consumer_id);

CREATE TABLE console_tokens (
    cell integer NOT NULL,
    token_hash text COLLATE "C" NOT NULL,
    server_id uuid NOT NULL,
    host_id uuid NOT NULL,
    type text COLLATE "C" NOT NULL,
    host text COLLATE "C",
    port bigint NOT NULL,
    internal_access_path text COLLATE "C",
    tls_port bigint,
    created_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    CONSTRAINT console_tokens_pkey PRIMARY KEY (cell, token_hash)
);
CREATE INDEX console_tokens_by_expiry ON public.console_tokens USING btree (expires_at);
CREATE INDEX console_tokens_by_server ON public.console_tokens USING btree (server_id, created_at);

CREATE TABLE consumers (
    cell integer NOT NULL,
    id uuid NOT NULL,
    generation bigint NOT NULL,
    project_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    type text COLLATE "C",
    updated_at bigint NOT NULL,
    CONSTRAINT consumers_pkey PRIMARY KEY (cell, id)
);
CREATE INDEX consumers_by_project ON public.consumers USING btree (project_id, user_id, id);

CREATE TABLE events (
    id bigint NOT NULL DEFAULT nextval('events_id_seq'::regclass),
    kind text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    project_id text COLLATE "C",
    body text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    CONSTRAINT events_pkey PRIMARY KEY (id),
    CONSTRAINT events_xid_id_key UNIQUE (xid, id)
);

CREATE TABLE flavor_access (
    flavor_id text COLLATE "C" NOT NULL,
    project_id text COLLATE "C" NOT NULL,
    CONSTRAINT flavor_access_flavor_id_fkey FOREIGN KEY (flavor_id) REFERENCES flavors(id) ON DELETE CASCADE,
    CONSTRAINT flavor_access_pkey PRIMARY KEY (flavor_id, project_id)
);

CREATE TABLE flavors (
    id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    memory_mb bigint NOT NULL,
    vcpus integer NOT NULL,
    root_gb integer NOT NULL,
    ephemeral_gb integer NOT NULL,
    swap_mb integer NOT NULL,
    rxtx_factor double precision NOT NULL,
    is_public boolean NOT NULL,
    disabled boolean NOT NULL,
    description text COLLATE "C",
    extra_specs text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint,
    number bigint NOT NULL DEFAULT 0,
    CONSTRAINT flavors_name_key UNIQUE (name),
    CONSTRAINT flavors_pkey PRIMARY KEY (id)
);

CREATE TABLE floating_ips (
    id uuid NOT NULL,
    project_id text COLLATE "C" NOT NULL,
    network_id uuid NOT NULL,
    port_id uuid NOT NULL,
    address text COLLATE "C" NOT NULL,
    fixed_port_id uuid,
    fixed_address text COLLATE "C",
    router_id uuid,
    description text COLLATE "C" NOT NULL,
    dns_name text COLLATE "C" NOT NULL,
    dns_domain text COLLATE "C" NOT NULL,
    tags text COLLATE "C" NOT NULL,
    revision bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    CONSTRAINT floating_ips_fixed_port_id_fkey FOREIGN KEY (fixed_port_id) REFERENCES ports(id) ON DELETE SET NULL,
    CONSTRAINT floating_ips_network_id_fkey FOREIGN KEY (network_id) REFERENCES networks(id),
    CONSTRAINT floating_ips_pkey PRIMARY KEY (id),
    CONSTRAINT floating_ips_port_id_fkey FOREIGN KEY (port_id) REFERENCES ports(id),
    CONSTRAINT floating_ips_router_id_fkey FOREIGN KEY (router_id) REFERENCES routers(id)
);
CREATE INDEX floating_ips_by_address ON public.floating_ips USING btree (address);
CREATE UNIQUE INDEX floating_ips_by_fixed ON public.floating_ips USING btree (fixed_port_id, fixed_address, network_id) WHERE (fixed_port_id IS NOT NULL);
CREATE UNIQUE INDEX floating_ips_by_port ON public.floating_ips USING btree (port_id);
CREATE INDEX floating_ips_by_project ON public.floating_ips USING btree (project_id);
CREATE INDEX floating_ips_by_router ON public.floating_ips USING btree (router_id);

CREATE TABLE given_hardware (
    cell integer NOT NULL,
    host_id uuid NOT NULL,
    consumer_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    unit text COLLATE "C" NOT NULL,
    guest integer NOT NULL,
    amount bigint NOT NULL,
    CONSTRAINT given_hardware_pkey PRIMARY KEY (cell, consumer_id, host_id, kind, unit, guest)
);
CREATE INDEX given_hardware_by_host ON public.given_hardware USING btree (cell, host_id);
CREATE UNIQUE INDEX given_hardware_once ON public.given_hardware USING btree (cell, host_id, kind, unit) WHERE (kind = ANY (ARRAY['cpu'::text, 'device'::text]));

CREATE TABLE host_hardware (
    cell integer NOT NULL,
    host_id uuid NOT NULL,
    generation bigint NOT NULL,
    CONSTRAINT host_hardware_pkey PRIMARY KEY (cell, host_id)
);

CREATE TABLE hosts (
    cell integer NOT NULL,
    id uuid NOT NULL,
    number bigint NOT NULL,
    service_id uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    node text COLLATE "C" NOT NULL,
    zone text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    state_since bigint NOT NULL,
    hypervisor_type text COLLATE "C" NOT NULL,
    hypervisor_version integer NOT NULL,
    host_ip text COLLATE "C" NOT NULL,
    vcpus bigint NOT NULL,
    memory_mb bigint NOT NULL,
    disk_gb bigint NOT NULL,
    cpu_info text COLLATE "C" NOT NULL,
    supported_instances text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    revision bigint NOT NULL DEFAULT 0,
    hardware text COLLATE "C",
    metrics text COLLATE "C" NOT NULL DEFAULT '{}'::text,
    CONSTRAINT hosts_name_key UNIQUE (name),
    CONSTRAINT hosts_number_key UNIQUE (number),
    CONSTRAINT hosts_pkey PRIMARY KEY (cell, id),
    CONSTRAINT hosts_service_id_fkey FOREIGN KEY (service_id) REFERENCES services(id)
);

CREATE TABLE idempotency_keys (
    project_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    body_hash text COLLATE "C" NOT NULL,
    answer text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (project_id, user_id, key)
);

CREATE TABLE identity_access_rules (
    id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    service text COLLATE "C" NOT NULL,
    method text COLLATE "C" NOT NULL,
    path text COLLATE "C" NOT NULL,
    CONSTRAINT identity_access_rules_pkey PRIMARY KEY (id),
    CONSTRAINT identity_access_rules_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity_users(id) ON DELETE CASCADE,
    CONSTRAINT identity_access_rules_user_id_service_method_path_key UNIQUE (user_id, service, method, path)
);

CREATE TABLE identity_application_credentials (
    id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    project_id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    description text COLLATE "C",
    secret_hash text COLLATE "C" NOT NULL,
    roles text COLLATE "C" NOT NULL,
    rules text COLLATE "C",
    unrestricted boolean NOT NULL,
    expires_at bigint,
    created_at bigint NOT NULL,
    CONSTRAINT identity_application_credentials_pkey PRIMARY KEY (id),
    CONSTRAINT identity_application_credentials_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity_users(id) ON DELETE CASCADE,
    CONSTRAINT identity_application_credentials_user_id_name_key UNIQUE (user_id, name)
);
CREATE INDEX identity_application_credentials_by_project ON public.identity_application_credentials USING btree (project_id);

CREATE TABLE identity_assignments (
    user_id text COLLATE "C" NOT NULL,
    scope_kind text COLLATE "C" NOT NULL,
    scope_id text COLLATE "C" NOT NULL,
    role_id text COLLATE "C" NOT NULL,
    CONSTRAINT identity_assignments_pkey PRIMARY KEY (user_id, scope_kind, scope_id, role_id),
    CONSTRAINT identity_assignments_role_id_fkey FOREIGN KEY (role_id) REFERENCES identity_roles(id) ON DELETE CASCADE,
    CONSTRAINT identity_assignments_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity_users(id) ON DELETE CASCADE
);
CREATE INDEX identity_assignments_by_scope ON public.identity_assignments USING btree (scope_kind, scope_id);

CREATE TABLE identity_credentials (
    id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    project_id text COLLATE "C",
    kind text COLLATE "C" NOT NULL,
    sealed_blob text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    CONSTRAINT identity_credentials_pkey PRIMARY KEY (id),
    CONSTRAINT identity_credentials_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity_users(id) ON DELETE CASCADE
);
CREATE INDEX identity_credentials_by_user ON public.identity_credentials USING btree (user_id);

CREATE TABLE identity_domains (
    id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    description text COLLATE "C" NOT NULL,
    enabled boolean NOT NULL,
    tags text COLLATE "C" NOT NULL,
    options text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    CONSTRAINT identity_domains_name_key UNIQUE (name),
    CONSTRAINT identity_domains_pkey PRIMARY KEY (id)
);

CREATE TABLE identity_endpoints (
    id text COLLATE "C" NOT NULL,
    service_id text COLLATE "C" NOT NULL,
    interface text COLLATE "C" NOT NULL,
    region_id text COLLATE "C",
    url text COLLATE "C" NOT NULL,
    enabled boolean NOT NULL,
    deleted_at bigint,
    created_at bigint NOT NULL,
    CONSTRAINT identity_endpoints_pkey PRIMARY KEY (id),
    CONSTRAINT identity_endpoints_service_id_fkey FOREIGN KEY (service_id) REFERENCES identity_services(id) ON DELETE CASCADE
);
CREATE INDEX identity_endpoints_by_service ON public.identity_endpoints USING btree (service_id);

CREATE TABLE identity_group_assignments (
    group_id text COLLATE "C" NOT NULL,
    scope_kind text COLLATE "C" NOT NULL,
    scope_id text COLLATE "C" NOT NULL,
    role_id text COLLATE "C" NOT NULL,
    CONSTRAINT identity_group_assignments_group_id_fkey FOREIGN KEY (group_id) REFERENCES identity_groups(id) ON DELETE CASCADE,
    CONSTRAINT identity_group_assignments_pkey PRIMARY KEY (group_id, scope_kind, scope_id, role_id),
    CONSTRAINT identity_group_assignments_role_id_fkey FOREIGN KEY (role_id) REFERENCES identity_roles(id) ON DELETE CASCADE
);
CREATE INDEX identity_group_assignments_by_scope ON public.identity_group_assignments USING btree (scope_kind, scope_id);

CREATE TABLE identity_groups (
    id text COLLATE "C" NOT NULL,
    domain_id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    description text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    CONSTRAINT identity_groups_domain_id_name_key UNIQUE (domain_id, name),
    CONSTRAINT identity_groups_pkey PRIMARY KEY (id)
);

CREATE TABLE identity_implied_roles (
    prior_id text COLLATE "C" NOT NULL,
    implied_id text COLLATE "C" NOT NULL,
    CONSTRAINT identity_implied_roles_implied_id_fkey FOREIGN KEY (implied_id) REFERENCES identity_roles(id) ON DELETE CASCADE,
    CONSTRAINT identity_implied_roles_pkey PRIMARY KEY (prior_id, implied_id),
    CONSTRAINT identity_implied_roles_prior_id_fkey FOREIGN KEY (prior_id) REFERENCES identity_roles(id) ON DELETE CASCADE
);

CREATE TABLE identity_keys (
    id text COLLATE "C" NOT NULL,
    sealed_key text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    CONSTRAINT identity_keys_pkey PRIMARY KEY (id)
);

CREATE TABLE identity_limits (
    id text COLLATE "C" NOT NULL,
    project_id text COLLATE "C" NOT NULL,
    domain_id text COLLATE "C" NOT NULL,
    service_id text COLLATE "C" NOT NULL,
    region_id text COLLATE "C" NOT NULL,
    resource_name text COLLATE "C" NOT NULL,
    resource_limit bigint NOT NULL,
    description text COLLATE "C",
    CONSTRAINT identity_limits_pkey PRIMARY KEY (id),
    CONSTRAINT identity_limits_project_id_domain_id_service_id_region_id_r_key UNIQUE (project_id, domain_id, service_id, region_id, resource_name)
);

CREATE TABLE identity_members (
    group_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    CONSTRAINT identity_members_group_id_fkey FOREIGN KEY (group_id) REFERENCES identity_groups(id) ON DELETE CASCADE,
    CONSTRAINT identity_members_pkey PRIMARY KEY (group_id, user_id),
    CONSTRAINT identity_members_user_id_fkey FOREIGN KEY (user_id) REFERENCES identity_users(id) ON DELETE CASCADE
);
CREATE INDEX identity_members_by_user ON public.identity_members USING btree (user_id);

CREATE TABLE identity_projects (
    id text COLLATE "C" NOT NULL,
    domain_id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    description text COLLATE "C" NOT NULL,
    enabled boolean NOT NULL,
    tags text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    parent_id text COLLATE "C",
    options text COLLATE "C" NOT NULL DEFAULT '{}'::text,
    CONSTRAINT identity_projects_domain_id_name_key UNIQUE (domain_id, name),
    CONSTRAINT identity_projects_pkey PRIMARY KEY (id)
);
CREATE INDEX identity_projects_by_parent ON public.identity_projects USING btree (parent_id);

CREATE TABLE identity_regions (
    id text COLLATE "C" NOT NULL,
    description text COLLATE "C" NOT NULL,
    parent_id text COLLATE "C",
    created_at bigint NOT NULL,
    CONSTRAINT identity_regions_pkey PRIMARY KEY (id)
);

CREATE TABLE identity_registered_limits (
    id text COLLATE "C" NOT NULL,
    service_id text COLLATE "C" NOT NULL,
    region_id text COLLATE "C" NOT NULL,
    resource_name text COLLATE "C" NOT NULL,
    default_limit bigint NOT NULL,
    description text COLLATE "C",
    CONSTRAINT identity_registered_limits_pkey PRIMARY KEY (id),
    CONSTRAINT identity_registered_limits_service_id_region_id_resource_na_key UNIQUE (service_id, region_id, resource_name)
);

CREATE TABLE identity_revocations (
    id bigint NOT NULL DEFAULT nextval('identity_revocations_id_seq'::regclass),
    audit_id text COLLATE "C",
    user_id text COLLATE "C",
    project_id text COLLATE "C",
    issued_until bigint NOT NULL,
    expires_at bigint NOT NULL,
    scope text COLLATE "C",
    application_credential_id text COLLATE "C",
    domain_id text COLLATE "C",
    CONSTRAINT identity_revocations_pkey PRIMARY KEY (id)
);

CREATE TABLE identity_roles (
    id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    description text COLLATE "C",
    domain_id text COLLATE "C",
    options text COLLATE "C" NOT NULL DEFAULT '{}'::text,
    CONSTRAINT identity_roles_name_key UNIQUE (name),
    CONSTRAINT identity_roles_pkey PRIMARY KEY (id)
);

CREATE TABLE identity_services (
    id text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    name text COLLATE "C",
    description text COLLATE "C",
    enabled boolean NOT NULL,
    deleted_at bigint,
    created_at bigint NOT NULL,
    CONSTRAINT identity_services_pkey PRIMARY KEY (id)
);

CREATE TABLE identity_users (
    id text COLLATE "C" NOT NULL,
    domain_id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    description text COLLATE "C",
    email text COLLATE "C",
    enabled boolean NOT NULL,
    default_project_id text COLLATE "C",
    password_hash text COLLATE "C",
    created_at bigint NOT NULL,
    options text COLLATE "C" NOT NULL DEFAULT '{}'::text,
    CONSTRAINT identity_users_domain_id_name_key UNIQUE (domain_id, name),
    CONSTRAINT identity_users_pkey PRIMARY KEY (id)
);

CREATE TABLE image_members (
    image_id text COLLATE "C" NOT NULL,
    member_id text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    CONSTRAINT image_members_image_id_fkey FOREIGN KEY (image_id) REFERENCES images(id) ON DELETE CASCADE,
    CONSTRAINT image_members_pkey PRIMARY KEY (image_id, member_id)
);

CREATE TABLE image_orders (
    host_id uuid NOT NULL,
    image_id text COLLATE "C" NOT NULL,
    id uuid NOT NULL,
    request_id text COLLATE "C" NOT NULL,
    attempts integer NOT NULL,
    not_before bigint NOT NULL,
    created_at bigint NOT NULL,
    CONSTRAINT image_orders_pkey PRIMARY KEY (host_id, image_id)
);

CREATE TABLE images (
    id text COLLATE "C" NOT NULL,
    owner text COLLATE "C" NOT NULL,
    name text COLLATE "C",
    status text COLLATE "C" NOT NULL,
    visibility text COLLATE "C" NOT NULL,
    disk_format text COLLATE "C",
    container_format text COLLATE "C",
    min_disk integer NOT NULL,
    min_ram integer NOT NULL,
    protected boolean NOT NULL,
    os_hidden boolean NOT NULL,
    size bigint,
    virtual_size bigint,
    checksum text COLLATE "C",
    os_hash_algo text COLLATE "C",
    os_hash_value text COLLATE "C",
    properties text COLLATE "C" NOT NULL,
    tags text COLLATE "C" NOT NULL,
    upload text COLLATE "C",
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    server_id text COLLATE "C",
    CONSTRAINT images_pkey PRIMARY KEY (id)
);
CREATE INDEX images_by_server ON public.images USING btree (server_id) WHERE (server_id IS NOT NULL);

CREATE TABLE instances (
    id uuid NOT NULL,
    incarnation uuid NOT NULL,
    counter bigint NOT NULL,
    address text COLLATE "C" NOT NULL,
    release text COLLATE "C" NOT NULL,
    wire_level integer NOT NULL,
    schema_level integer NOT NULL,
    started_at bigint NOT NULL,
    CONSTRAINT instances_pkey PRIMARY KEY (id)
);

CREATE TABLE inventories (
    provider_id uuid NOT NULL,
    class text COLLATE "C" NOT NULL,
    total bigint NOT NULL,
    reserved bigint NOT NULL,
    min_unit bigint NOT NULL,
    max_unit bigint NOT NULL,
    step_size bigint NOT NULL,
    allocation_ratio double precision NOT NULL,
    used bigint NOT NULL,
    CONSTRAINT inventories_pkey PRIMARY KEY (provider_id, class),
    CONSTRAINT inventories_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES resource_providers(id)
);
CREATE INDEX inventories_by_class ON public.inventories USING btree (class, provider_id);

CREATE TABLE keypairs (
    user_id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    type text COLLATE "C" NOT NULL,
    public_key text COLLATE "C" NOT NULL,
    fingerprint text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    CONSTRAINT keypairs_pkey PRIMARY KEY (user_id, name)
);

CREATE TABLE migrations (
    cell integer NOT NULL,
    id uuid NOT NULL,
    number bigint NOT NULL,
    server_id uuid NOT NULL,
    operation_id uuid,
    project_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    source_host text COLLATE "C",
    source_node text COLLATE "C",
    dest_host text COLLATE "C",
    dest_node text COLLATE "C",
    dest_address text COLLATE "C",
    old_flavor_number bigint,
    new_flavor_number bigint,
    progress text COLLATE "C",
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    CONSTRAINT migrations_number_key UNIQUE (number),
    CONSTRAINT migrations_pkey PRIMARY KEY (cell, id)
);
CREATE INDEX migrations_by_project ON public.migrations USING btree (project_id, number);
CREATE INDEX migrations_by_server ON public.migrations USING btree (server_id, number);

CREATE TABLE network_generation (
    id integer NOT NULL,
    generation bigint NOT NULL,
    CONSTRAINT network_generation_pkey PRIMARY KEY (id)
);

CREATE TABLE network_quotas (
    project_id text COLLATE "C" NOT NULL,
    resource text COLLATE "C" NOT NULL,
    hard_limit bigint NOT NULL,
    CONSTRAINT network_quotas_pkey PRIMARY KEY (project_id, resource)
);

CREATE TABLE networks (
    id uuid NOT NULL,
    project_id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    description text COLLATE "C" NOT NULL,
    mtu integer NOT NULL,
    admin_state_up boolean NOT NULL,
    shared boolean NOT NULL,
    external boolean NOT NULL,
    is_default boolean NOT NULL,
    port_security boolean NOT NULL,
    network_type text COLLATE "C" NOT NULL,
    physical_network text COLLATE "C",
    segmentation_id bigint,
    dns_domain text COLLATE "C" NOT NULL,
    tags text COLLATE "C" NOT NULL,
    revision bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    CONSTRAINT networks_pkey PRIMARY KEY (id)
);

CREATE TABLE numbers (
    kind text COLLATE "C" NOT NULL,
    next bigint NOT NULL,
    CONSTRAINT numbers_pkey PRIMARY KEY (kind)
);

CREATE TABLE operations (
    cell integer NOT NULL,
    id uuid NOT NULL,
    server_id uuid NOT NULL,
    project_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    request_id text COLLATE "C" NOT NULL,
    action text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    kind_version integer NOT NULL,
    written_by text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    step text COLLATE "C",
    state text COLLATE "C" NOT NULL,
    caller text COLLATE "C" NOT NULL,
    steps text COLLATE "C" NOT NULL,
    owner uuid,
    epoch bigint NOT NULL,
    cancel boolean NOT NULL,
    attempts integer NOT NULL,
    not_before bigint,
    first_failed_at bigint,
    fault text COLLATE "C",
    waits_for uuid,
    started_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    finished_at bigint,
    CONSTRAINT operations_pkey PRIMARY KEY (cell, id)
);
CREATE INDEX operations_by_owner ON public.operations USING btree (owner) WHERE (finished_at IS NULL);
CREATE INDEX operations_by_server ON public.operations USING btree (server_id, id);
CREATE UNIQUE INDEX operations_unfinished ON public.operations USING btree (server_id) WHERE ((finished_at IS NULL) AND (waits_for IS NULL));
CREATE UNIQUE INDEX operations_waiting ON public.operations USING btree (server_id) WHERE (waits_for IS NOT NULL);

CREATE TABLE port_addresses (
    subnet_id uuid NOT NULL,
    address text COLLATE "C" NOT NULL,
    port_id uuid NOT NULL,
    CONSTRAINT port_addresses_pkey PRIMARY KEY (subnet_id, address),
    CONSTRAINT port_addresses_port_id_fkey FOREIGN KEY (port_id) REFERENCES ports(id) ON DELETE CASCADE,
    CONSTRAINT port_addresses_subnet_id_fkey FOREIGN KEY (subnet_id) REFERENCES subnets(id)
);
CREATE INDEX port_addresses_by_port ON public.port_addresses USING btree (port_id);

CREATE TABLE port_bindings (
    port_id uuid NOT NULL,
    host text COLLATE "C" NOT NULL,
    vnic_type text COLLATE "C" NOT NULL,
    profile text COLLATE "C" NOT NULL,
    CONSTRAINT port_bindings_pkey PRIMARY KEY (port_id, host),
    CONSTRAINT port_bindings_port_id_fkey FOREIGN KEY (port_id) REFERENCES ports(id) ON DELETE CASCADE
);

CREATE TABLE ports (
    id uuid NOT NULL,
    network_id uuid NOT NULL,
    project_id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    description text COLLATE "C",
    mac text COLLATE "C" NOT NULL,
    admin_state_up boolean NOT NULL,
    port_security boolean NOT NULL,
    device_id text COLLATE "C" NOT NULL,
    device_owner text COLLATE "C" NOT NULL,
    host text COLLATE "C" NOT NULL,
    vnic_type text COLLATE "C",
    profile text COLLATE "C",
    dns_name text COLLATE "C" NOT NULL,
    fixed_ips text COLLATE "C" NOT NULL,
    security_groups text COLLATE "C" NOT NULL,
    tags text COLLATE "C",
    owned boolean NOT NULL,
    with_borrowed boolean NOT NULL,
    revision bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    qos_policy_id uuid,
    bound text COLLATE "C",
    CONSTRAINT ports_network_id_fkey FOREIGN KEY (network_id) REFERENCES networks(id),
    CONSTRAINT ports_pkey PRIMARY KEY (id)
);
CREATE INDEX ports_by_device ON public.ports USING btree (device_id) WHERE (device_id <> ''::text);
CREATE UNIQUE INDEX ports_by_mac ON public.ports USING btree (network_id, mac);
CREATE INDEX ports_by_policy ON public.ports USING btree (qos_policy_id);

CREATE TABLE provider_aggregates (
    provider_id uuid NOT NULL,
    aggregate_id uuid NOT NULL,
    CONSTRAINT provider_aggregates_pkey PRIMARY KEY (provider_id, aggregate_id),
    CONSTRAINT provider_aggregates_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES resource_providers(id)
);
CREATE INDEX provider_aggregates_by_aggregate ON public.provider_aggregates USING btree (aggregate_id, provider_id);

CREATE TABLE provider_traits (
    provider_id uuid NOT NULL,
    trait text COLLATE "C" NOT NULL,
    by_host boolean NOT NULL,
    CONSTRAINT provider_traits_pkey PRIMARY KEY (provider_id, trait),
    CONSTRAINT provider_traits_provider_id_fkey FOREIGN KEY (provider_id) REFERENCES resource_providers(id),
    CONSTRAINT provider_traits_trait_fkey FOREIGN KEY (trait) REFERENCES traits(name)
);
CREATE INDEX provider_traits_by_trait ON public.provider_traits USING btree (trait, provider_id);

CREATE TABLE qos_policies (
    id uuid NOT NULL,
    project_id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    description text COLLATE "C" NOT NULL,
    shared boolean NOT NULL,
    revision bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    CONSTRAINT qos_policies_pkey PRIMARY KEY (id)
);

CREATE TABLE qos_rules (
    id uuid NOT NULL,
    policy_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    direction text COLLATE "C" NOT NULL,
    amount bigint NOT NULL,
    CONSTRAINT qos_rules_pkey PRIMARY KEY (id),
    CONSTRAINT qos_rules_policy_id_fkey FOREIGN KEY (policy_id) REFERENCES qos_policies(id),
    CONSTRAINT qos_rules_policy_id_kind_direction_key UNIQUE (policy_id, kind, direction)
);

CREATE TABLE quota_classes (
    name text COLLATE "C" NOT NULL,
    resource text COLLATE "C" NOT NULL,
    hard_limit bigint NOT NULL,
    CONSTRAINT quota_classes_pkey PRIMARY KEY (name, resource)
);

CREATE TABLE quota_limits (
    project_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    resource text COLLATE "C" NOT NULL,
    hard_limit bigint NOT NULL,
    CONSTRAINT quota_limits_pkey PRIMARY KEY (project_id, user_id, resource)
);

CREATE TABLE quota_usages (
    project_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    resource text COLLATE "C" NOT NULL,
    used bigint NOT NULL,
    CONSTRAINT quota_usages_pkey PRIMARY KEY (project_id, user_id, resource)
);

CREATE TABLE resource_classes (
    name text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    CONSTRAINT resource_classes_pkey PRIMARY KEY (name)
);

CREATE TABLE resource_providers (
    id uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    generation bigint NOT NULL,
    parent_id uuid,
    root_id uuid NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    CONSTRAINT resource_providers_name_key UNIQUE (name),
    CONSTRAINT resource_providers_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES resource_providers(id),
    CONSTRAINT resource_providers_pkey PRIMARY KEY (id),
    CONSTRAINT resource_providers_root_id_fkey FOREIGN KEY (root_id) REFERENCES resource_providers(id)
);
CREATE INDEX resource_providers_by_parent ON public.resource_providers USING btree (parent_id) WHERE (parent_id IS NOT NULL);
CREATE INDEX resource_providers_by_root ON public.resource_providers USING btree (root_id, id);

CREATE TABLE router_legs (
    router_id uuid NOT NULL,
    subnet_id uuid NOT NULL,
    network_id uuid NOT NULL,
    port_id uuid NOT NULL,
    address text COLLATE "C" NOT NULL,
    CONSTRAINT router_legs_network_id_fkey FOREIGN KEY (network_id) REFERENCES networks(id),
    CONSTRAINT router_legs_pkey PRIMARY KEY (router_id, subnet_id),
    CONSTRAINT router_legs_port_id_fkey FOREIGN KEY (port_id) REFERENCES ports(id) ON DELETE CASCADE,
    CONSTRAINT router_legs_router_id_fkey FOREIGN KEY (router_id) REFERENCES routers(id) ON DELETE CASCADE,
    CONSTRAINT router_legs_subnet_id_fkey FOREIGN KEY (subnet_id) REFERENCES subnets(id)
);
CREATE INDEX router_legs_by_port ON public.router_legs USING btree (port_id);
CREATE INDEX router_legs_by_subnet ON public.router_legs USING btree (subnet_id);

CREATE TABLE routers (
    id uuid NOT NULL,
    project_id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    description text COLLATE "C" NOT NULL,
    admin_state_up boolean NOT NULL,
    external_network_id uuid,
    gateway_port_id uuid,
    gateway_ips text COLLATE "C" NOT NULL,
    enable_snat boolean NOT NULL,
    routes text COLLATE "C" NOT NULL,
    tags text COLLATE "C" NOT NULL,
    revision bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    CONSTRAINT routers_external_network_id_fkey FOREIGN KEY (external_network_id) REFERENCES networks(id),
    CONSTRAINT routers_pkey PRIMARY KEY (id)
);
CREATE INDEX routers_by_project ON public.routers USING btree (project_id);

CREATE TABLE schema_versions (
    version integer NOT NULL,
    name text NOT NULL,
    phase text NOT NULL,
    checksum text NOT NULL,
    level integer NOT NULL,
    cursor text,
    applied_at bigint NOT NULL,
    finished_at bigint,
    CONSTRAINT schema_versions_pkey PRIMARY KEY (version)
);

CREATE TABLE security_group_rules (
    id uuid NOT NULL,
    group_id uuid NOT NULL,
    project_id text COLLATE "C" NOT NULL,
    ingress boolean NOT NULL,
    v6 boolean NOT NULL,
    protocol text COLLATE "C",
    port_min integer,
    port_max integer,
    remote_group_id uuid,
    remote_prefix text COLLATE "C",
    description text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    CONSTRAINT security_group_rules_group_id_fkey FOREIGN KEY (group_id) REFERENCES security_groups(id) ON DELETE CASCADE,
    CONSTRAINT security_group_rules_pkey PRIMARY KEY (id),
    CONSTRAINT security_group_rules_remote_group_id_fkey FOREIGN KEY (remote_group_id) REFERENCES security_groups(id) ON DELETE CASCADE
);
CREATE INDEX security_group_rules_by_group ON public.security_group_rules USING btree (group_id);

CREATE TABLE security_groups (
    id uuid NOT NULL,
    project_id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    description text COLLATE "C" NOT NULL,
    is_default boolean NOT NULL,
    stateful boolean NOT NULL,
    tags text COLLATE "C" NOT NULL,
    revision bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    CONSTRAINT security_groups_pkey PRIMARY KEY (id)
);
CREATE UNIQUE INDEX security_groups_default ON public.security_groups USING btree (project_id) WHERE is_default;

CREATE TABLE server_groups (
    id uuid NOT NULL,
    project_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    policy text COLLATE "C" NOT NULL,
    max_server_per_host bigint,
    created_at bigint NOT NULL,
    CONSTRAINT server_groups_pkey PRIMARY KEY (id)
);
CREATE INDEX server_groups_by_project ON public.server_groups USING btree (project_id, created_at, id);

CREATE TABLE server_passwords (
    cell integer NOT NULL,
    server_id uuid NOT NULL,
    password text COLLATE "C" NOT NULL,
    CONSTRAINT server_passwords_pkey PRIMARY KEY (cell, server_id)
);

CREATE TABLE servers (
    cell integer NOT NULL,
    id uuid NOT NULL,
    epoch bigint NOT NULL,
    project_id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    hostname text COLLATE "C" NOT NULL,
    description text COLLATE "C",
    vm_state text COLLATE "C" NOT NULL,
    task_state text COLLATE "C",
    power_state integer NOT NULL,
    progress integer NOT NULL,
    host_id uuid,
    host text COLLATE "C",
    node text COLLATE "C",
    zone text COLLATE "C",
    requested_zone text COLLATE "C",
    image_id text COLLATE "C",
    flavor text COLLATE "C" NOT NULL,
    key_name text COLLATE "C",
    public_key text COLLATE "C",
    user_data text COLLATE "C",
    config_drive boolean NOT NULL,
    metadata text COLLATE "C" NOT NULL,
    tags text COLLATE "C" NOT NULL,
    networks text COLLATE "C" NOT NULL,
    access_ipv4 text COLLATE "C",
    access_ipv6 text COLLATE "C",
    locked_by text COLLATE "C",
    locked_reason text COLLATE "C",
    reservation_id text COLLATE "C" NOT NULL,
    launch_index integer NOT NULL,
    fault text COLLATE "C",
    details text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    launched_at bigint,
    terminated_at bigint,
    deleted_at bigint,
    group_id uuid,
    CONSTRAINT servers_pkey PRIMARY KEY (cell, id)
);
CREATE INDEX servers_by_deletion ON public.servers USING btree (deleted_at) WHERE (deleted_at IS NOT NULL);
CREATE INDEX servers_by_group ON public.servers USING btree (group_id, host_id) WHERE ((group_id IS NOT NULL) AND (deleted_at IS NULL));
CREATE INDEX servers_by_host ON public.servers USING btree (host_id) WHERE ((deleted_at IS NULL) AND (host_id IS NOT NULL));
CREATE INDEX servers_by_project ON public.servers USING btree (project_id, created_at, id) WHERE (deleted_at IS NULL);

CREATE TABLE services (
    id uuid NOT NULL,
    number bigint NOT NULL,
    binary_name text COLLATE "C" NOT NULL,
    host text COLLATE "C" NOT NULL,
    disabled boolean NOT NULL,
    disabled_reason text COLLATE "C",
    forced_down boolean NOT NULL,
    release text COLLATE "C" NOT NULL,
    wire_level integer NOT NULL,
    schema_level integer NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    CONSTRAINT services_binary_name_host_key UNIQUE (binary_name, host),
    CONSTRAINT services_number_key UNIQUE (number),
    CONSTRAINT services_pkey PRIMARY KEY (id)
);

CREATE TABLE subnets (
    id uuid NOT NULL,
    network_id uuid NOT NULL,
    project_id text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    description text COLLATE "C" NOT NULL,
    ip_version integer NOT NULL,
    cidr text COLLATE "C" NOT NULL,
    gateway text COLLATE "C",
    dhcp boolean NOT NULL,
    pools text COLLATE "C" NOT NULL,
    dns_servers text COLLATE "C" NOT NULL,
    routes text COLLATE "C" NOT NULL,
    ipv6_address_mode text COLLATE "C",
    ipv6_ra_mode text COLLATE "C",
    tags text COLLATE "C" NOT NULL,
    revision bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    CONSTRAINT subnets_network_id_fkey FOREIGN KEY (network_id) REFERENCES networks(id),
    CONSTRAINT subnets_pkey PRIMARY KEY (id)
);

CREATE TABLE traits (
    name text COLLATE "C" NOT NULL,
    updated_at bigint NOT NULL,
    CONSTRAINT traits_pkey PRIMARY KEY (name)
);

-- description: servers, operations, hosts, quotas, flavors, key pairs, events
-- Column types in double braces are spelled per database by the runner; text sorts by its bytes on both.
-- Times are milliseconds since 1970 UTC in BIGINT.

-- Public integers that clients expect (services, old hypervisors): the next one of each kind.
CREATE TABLE numbers (
    kind {{text}} NOT NULL PRIMARY KEY,
    next BIGINT NOT NULL
);

-- Conductors. A lease is alive while an observer sees its counter change; nobody compares clocks.
CREATE TABLE instances (
    id {{uuid}} NOT NULL PRIMARY KEY,
    incarnation {{uuid}} NOT NULL,
    counter BIGINT NOT NULL,
    address {{text}} NOT NULL,
    release {{text}} NOT NULL,
    wire_level INTEGER NOT NULL,
    schema_level INTEGER NOT NULL,
    started_at BIGINT NOT NULL
);

CREATE TABLE services (
    id {{uuid}} NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    binary_name {{text}} NOT NULL,
    host {{text}} NOT NULL,
    disabled BOOLEAN NOT NULL,
    disabled_reason {{text}},
    forced_down BOOLEAN NOT NULL,
    release {{text}} NOT NULL,
    wire_level INTEGER NOT NULL,
    schema_level INTEGER NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (binary_name, host)
);

-- One per hypervisor; its id is also its compute node's and its root resource provider's.
CREATE TABLE hosts (
    cell INTEGER NOT NULL,
    id {{uuid}} NOT NULL,
    number BIGINT NOT NULL UNIQUE,
    service_id {{uuid}} NOT NULL REFERENCES services (id),
    name {{text}} NOT NULL UNIQUE,
    node {{text}} NOT NULL,
    zone {{text}} NOT NULL,
    state {{text}} NOT NULL,
    state_since BIGINT NOT NULL,
    hypervisor_type {{text}} NOT NULL,
    hypervisor_version INTEGER NOT NULL,
    host_ip {{text}} NOT NULL,
    vcpus BIGINT NOT NULL,
    memory_mb BIGINT NOT NULL,
    disk_gb BIGINT NOT NULL,
    cpu_info {{text}} NOT NULL,
    supported_instances {{text}} NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (cell, id)
);

CREATE TABLE flavors (
    id {{text}} NOT NULL PRIMARY KEY,
    name {{text}} NOT NULL UNIQUE,
    memory_mb BIGINT NOT NULL,
    vcpus INTEGER NOT NULL,
    root_gb INTEGER NOT NULL,
    ephemeral_gb INTEGER NOT NULL,
    swap_mb INTEGER NOT NULL,
    rxtx_factor DOUBLE PRECISION NOT NULL,
    is_public BOOLEAN NOT NULL,
    disabled BOOLEAN NOT NULL,
    description {{text}},
    extra_specs {{text}} NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT
);

CREATE TABLE flavor_access (
    flavor_id {{text}} NOT NULL REFERENCES flavors (id) ON DELETE CASCADE,
    project_id {{text}} NOT NULL,
    PRIMARY KEY (flavor_id, project_id)
);

CREATE TABLE keypairs (
    user_id {{text}} NOT NULL,
    name {{text}} NOT NULL,
    number BIGINT NOT NULL,
    type {{text}} NOT NULL,
    public_key {{text}} NOT NULL,
    fingerprint {{text}} NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, name)
);

-- The row stays after the delete (deleted_at), because the API lists deleted servers; a purge removes it later.
CREATE TABLE servers (
    cell INTEGER NOT NULL,
    id {{uuid}} NOT NULL,
    epoch BIGINT NOT NULL,
    project_id {{text}} NOT NULL,
    user_id {{text}} NOT NULL,
    name {{text}} NOT NULL,
    hostname {{text}} NOT NULL,
    description {{text}},
    vm_state {{text}} NOT NULL,
    task_state {{text}},
    power_state INTEGER NOT NULL,
    progress INTEGER NOT NULL,
    host_id {{uuid}},
    host {{text}},
    node {{text}},
    zone {{text}},
    requested_zone {{text}},
    image_id {{text}},
    flavor {{text}} NOT NULL,
    key_name {{text}},
    public_key {{text}},
    user_data {{text}},
    config_drive BOOLEAN NOT NULL,
    metadata {{text}} NOT NULL,
    tags {{text}} NOT NULL,
    networks {{text}} NOT NULL,
    access_ipv4 {{text}},
    access_ipv6 {{text}},
    locked_by {{text}},
    locked_reason {{text}},
    reservation_id {{text}} NOT NULL,
    launch_index INTEGER NOT NULL,
    fault {{text}},
    details {{text}} NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    launched_at BIGINT,
    terminated_at BIGINT,
    deleted_at BIGINT,
    PRIMARY KEY (cell, id)
);
CREATE INDEX servers_by_project ON servers (project_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX servers_by_host ON servers (host_id) WHERE deleted_at IS NULL AND host_id IS NOT NULL;

-- A long operation; the row is also the server's instance action. step and state say where it stands.
CREATE TABLE operations (
    cell INTEGER NOT NULL,
    id {{uuid}} NOT NULL,
    server_id {{uuid}} NOT NULL,
    project_id {{text}} NOT NULL,
    user_id {{text}} NOT NULL,
    request_id {{text}} NOT NULL,
    action {{text}} NOT NULL,
    kind {{text}} NOT NULL,
    kind_version INTEGER NOT NULL,
    written_by {{text}} NOT NULL,
    status {{text}} NOT NULL,
    step {{text}},
    state {{text}} NOT NULL,
    caller {{text}} NOT NULL,
    steps {{text}} NOT NULL,
    owner {{uuid}},
    epoch BIGINT NOT NULL,
    cancel BOOLEAN NOT NULL,
    attempts INTEGER NOT NULL,
    not_before BIGINT,
    first_failed_at BIGINT,
    fault {{text}},
    waits_for {{uuid}},
    started_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    finished_at BIGINT,
    PRIMARY KEY (cell, id)
);
-- One operation works on a server; at most one more (a delete) waits for its end.
CREATE UNIQUE INDEX operations_unfinished ON operations (server_id) WHERE finished_at IS NULL AND waits_for IS NULL;
CREATE UNIQUE INDEX operations_waiting ON operations (server_id) WHERE waits_for IS NOT NULL;
CREATE INDEX operations_by_owner ON operations (owner) WHERE finished_at IS NULL;
CREATE INDEX operations_by_server ON operations (server_id, id);

-- user_id '' counts the whole project. used is changed by compare-and-set in the transaction of the server row.
CREATE TABLE quota_usages (
    project_id {{text}} NOT NULL,
    user_id {{text}} NOT NULL,
    resource {{text}} NOT NULL,
    used BIGINT NOT NULL,
    PRIMARY KEY (project_id, user_id, resource)
);

-- Overrides of the configured defaults; -1 is unlimited.
CREATE TABLE quota_limits (
    project_id {{text}} NOT NULL,
    user_id {{text}} NOT NULL,
    resource {{text}} NOT NULL,
    hard_limit BIGINT NOT NULL,
    PRIMARY KEY (project_id, user_id, resource)
);

-- Answers to a repeated create with the same Idempotency-Key, kept for 24 h.
CREATE TABLE idempotency_keys (
    project_id {{text}} NOT NULL,
    user_id {{text}} NOT NULL,
    key {{text}} NOT NULL,
    body_hash {{text}} NOT NULL,
    answer {{text}} NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (project_id, user_id, key)
);

-- The outbox. On PostgreSQL readers stop at the oldest transaction still open (xid), because numbers are not in commit order.
CREATE TABLE events (
    id {{serial}},
    kind {{text}} NOT NULL,
    subject {{text}} NOT NULL,
    project_id {{text}},
    body {{text}} NOT NULL,
    created_at BIGINT NOT NULL{{events_xid}}
);

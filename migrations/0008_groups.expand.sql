-- description: host aggregates, server groups, and how often a host's state was told

-- Rises with each change that pictures are told of, so that they can ignore what they hear late.
ALTER TABLE hosts ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;

-- A host aggregate; Placement knows it by the same id. zone is its metadata availability_zone, the other keys are JSON.
CREATE TABLE aggregates (
    id {{uuid}} NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    name {{text}} NOT NULL UNIQUE,
    zone {{text}},
    metadata {{text}} NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT
);

CREATE TABLE aggregate_hosts (
    aggregate_id {{uuid}} NOT NULL REFERENCES aggregates (id),
    host_id {{uuid}} NOT NULL,
    added_at BIGINT NOT NULL,
    PRIMARY KEY (aggregate_id, host_id)
);
CREATE INDEX aggregate_hosts_by_host ON aggregate_hosts (host_id, aggregate_id);

-- max_server_per_host is NULL where no rule was given. Whoever places a member locks the row first.
CREATE TABLE server_groups (
    id {{uuid}} NOT NULL PRIMARY KEY,
    project_id {{text}} NOT NULL,
    user_id {{text}} NOT NULL,
    name {{text}} NOT NULL,
    policy {{text}} NOT NULL,
    max_server_per_host BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX server_groups_by_project ON server_groups (project_id, created_at, id);

-- A server is in at most one group, from its create until the group or the server is deleted.
ALTER TABLE servers ADD COLUMN group_id {{uuid}};
CREATE INDEX servers_by_group ON servers (group_id, host_id) WHERE group_id IS NOT NULL AND deleted_at IS NULL;

-- Images that hosts were asked to cache (os-aggregates/{id}/images). A row goes when its host has the image, or gives up.
CREATE TABLE image_orders (
    host_id {{uuid}} NOT NULL,
    image_id {{text}} NOT NULL,
    id {{uuid}} NOT NULL,
    request_id {{text}} NOT NULL,
    attempts INTEGER NOT NULL,
    not_before BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (host_id, image_id)
);

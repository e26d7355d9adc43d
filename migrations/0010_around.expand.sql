-- description: quota classes, moves of servers, numbers of flavors

-- Limits by class. The class default stands over the configured defaults.
CREATE TABLE quota_classes (
    name {{text}} NOT NULL,
    resource {{text}} NOT NULL,
    hard_limit BIGINT NOT NULL,
    PRIMARY KEY (name, resource)
);

-- A move of a server, under way or ended: resize, cold and live migration, evacuation. kind and status are the words of the API;
-- progress is JSON of a live migration; flavors are named by their numbers, because the API does so here.
CREATE TABLE migrations (
    cell INTEGER NOT NULL,
    id {{uuid}} NOT NULL,
    number BIGINT NOT NULL UNIQUE,
    server_id {{uuid}} NOT NULL,
    operation_id {{uuid}},
    project_id {{text}} NOT NULL,
    user_id {{text}} NOT NULL,
    kind {{text}} NOT NULL,
    status {{text}} NOT NULL,
    source_host {{text}},
    source_node {{text}},
    dest_host {{text}},
    dest_node {{text}},
    dest_address {{text}},
    old_flavor_number BIGINT,
    new_flavor_number BIGINT,
    progress {{text}},
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (cell, id)
);
CREATE INDEX migrations_by_server ON migrations (server_id, number);
CREATE INDEX migrations_by_project ON migrations (project_id, number);

-- The public integer of a flavor, which moves of servers name.
ALTER TABLE flavors ADD COLUMN number BIGINT NOT NULL DEFAULT 0;

-- description: resource providers, inventories, traits, aggregates, consumers, allocations
-- Resource classes and traits are stored by name: no look-up and no cache on the way of a claim, and a name is short.
-- Standard names are known to the program; the tables of names hold custom ones and those that a host has reported.

-- created_at orders lists, as the original does.
CREATE TABLE resource_classes (
    name {{text}} NOT NULL PRIMARY KEY,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE traits (
    name {{text}} NOT NULL PRIMARY KEY,
    updated_at BIGINT NOT NULL
);

-- generation rises with every change of inventories, traits, aggregates or allocations; only the public API compares it.
CREATE TABLE resource_providers (
    id {{uuid}} NOT NULL PRIMARY KEY,
    name {{text}} NOT NULL UNIQUE,
    generation BIGINT NOT NULL,
    parent_id {{uuid}} REFERENCES resource_providers (id),
    root_id {{uuid}} NOT NULL REFERENCES resource_providers (id),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX resource_providers_by_root ON resource_providers (root_id, id);
CREATE INDEX resource_providers_by_parent ON resource_providers (parent_id) WHERE parent_id IS NOT NULL;

-- used is the sum of the allocations, changed in their transaction; an audit recounts it.
CREATE TABLE inventories (
    provider_id {{uuid}} NOT NULL REFERENCES resource_providers (id),
    class {{text}} NOT NULL,
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

-- by_host: the host itself reports the trait, and takes it away when it no longer does; others are the operator's.
CREATE TABLE provider_traits (
    provider_id {{uuid}} NOT NULL REFERENCES resource_providers (id),
    trait {{text}} NOT NULL REFERENCES traits (name),
    by_host BOOLEAN NOT NULL,
    PRIMARY KEY (provider_id, trait)
);
CREATE INDEX provider_traits_by_trait ON provider_traits (trait, provider_id);

-- An aggregate of Placement is nothing but its id.
CREATE TABLE provider_aggregates (
    provider_id {{uuid}} NOT NULL REFERENCES resource_providers (id),
    aggregate_id {{uuid}} NOT NULL,
    PRIMARY KEY (provider_id, aggregate_id)
);
CREATE INDEX provider_aggregates_by_aggregate ON provider_aggregates (aggregate_id, provider_id);

-- Who holds allocations. Gone with its last one. type is NULL for consumers of clients before 1.38.
CREATE TABLE consumers (
    cell INTEGER NOT NULL,
    id {{uuid}} NOT NULL,
    generation BIGINT NOT NULL,
    project_id {{text}} NOT NULL,
    user_id {{text}} NOT NULL,
    type {{text}},
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (cell, id)
);
CREATE INDEX consumers_by_project ON consumers (project_id, user_id, id);

-- Without foreign keys: three look-ups a boot, and both sides are only changed by the store that also recounts them.
CREATE TABLE allocations (
    cell INTEGER NOT NULL,
    consumer_id {{uuid}} NOT NULL,
    provider_id {{uuid}} NOT NULL,
    class {{text}} NOT NULL,
    used BIGINT NOT NULL,
    PRIMARY KEY (cell, consumer_id, provider_id, class)
);
CREATE INDEX allocations_by_provider ON allocations (provider_id, consumer_id);

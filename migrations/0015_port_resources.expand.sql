-- description: policies of ports with guaranteed bandwidth and packet rates, and what a bound port was given

-- A policy of the network service. Rules are few and read with their policy; amount is kilobits or kilopackets per second.
CREATE TABLE qos_policies (
    id {{uuid}} NOT NULL PRIMARY KEY,
    project_id {{text}} NOT NULL,
    name {{text}} NOT NULL,
    description {{text}} NOT NULL,
    shared BOOLEAN NOT NULL,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE TABLE qos_rules (
    id {{uuid}} NOT NULL PRIMARY KEY,
    policy_id {{uuid}} NOT NULL REFERENCES qos_policies (id),
    kind {{text}} NOT NULL,
    direction {{text}} NOT NULL,
    amount BIGINT NOT NULL,
    UNIQUE (policy_id, kind, direction)
);

-- The policy of a port; bound is JSON of what its binding profile says while it is bound: allocations, a PCI slot.
ALTER TABLE ports ADD COLUMN qos_policy_id {{uuid}};
ALTER TABLE ports ADD COLUMN bound {{text}};
CREATE INDEX ports_by_policy ON ports (qos_policy_id);

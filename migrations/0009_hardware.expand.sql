-- description: what hosts give out piece by piece, and who has it; metrics of hosts

-- JSON; NULL for hosts that do not tell.
ALTER TABLE hosts ADD COLUMN hardware {{text}};
ALTER TABLE hosts ADD COLUMN metrics {{text}} NOT NULL DEFAULT '{}';

-- Whoever gives out a host's hardware locks its row first.
CREATE TABLE host_hardware (
    cell INTEGER NOT NULL,
    host_id {{uuid}} NOT NULL,
    generation BIGINT NOT NULL,
    PRIMARY KEY (cell, host_id)
);

-- kind cpu and device: unit is a processor's number or a device's address, and has one consumer at most. kind memory and
-- vcpus: unit is the host's cell (for memory with the size of the pages), amount is MiB or virtual processors.
CREATE TABLE given_hardware (
    cell INTEGER NOT NULL,
    host_id {{uuid}} NOT NULL,
    consumer_id {{uuid}} NOT NULL,
    kind {{text}} NOT NULL,
    unit {{text}} NOT NULL,
    guest INTEGER NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (cell, consumer_id, host_id, kind, unit, guest)
);
CREATE UNIQUE INDEX given_hardware_once ON given_hardware (cell, host_id, kind, unit) WHERE kind IN ('cpu', 'device');
CREATE INDEX given_hardware_by_host ON given_hardware (cell, host_id);

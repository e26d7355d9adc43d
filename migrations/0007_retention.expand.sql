-- description: deleted servers in the order in which they may be purged
CREATE INDEX servers_by_deletion ON servers (deleted_at) WHERE deleted_at IS NOT NULL;

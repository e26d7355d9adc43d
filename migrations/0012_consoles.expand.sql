-- description: tokens with which consoles are opened

-- Of a token only its SHA-256 is kept. It is worth something until expires_at, and only as long as the server is on this host.
CREATE TABLE console_tokens (
    cell INTEGER NOT NULL,
    token_hash {{text}} NOT NULL,
    server_id {{uuid}} NOT NULL,
    host_id {{uuid}} NOT NULL,
    type {{text}} NOT NULL,
    host {{text}},
    port BIGINT NOT NULL,
    internal_access_path {{text}},
    tls_port BIGINT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (cell, token_hash)
);
CREATE INDEX console_tokens_by_server ON console_tokens (server_id, created_at);
CREATE INDEX console_tokens_by_expiry ON console_tokens (expires_at);

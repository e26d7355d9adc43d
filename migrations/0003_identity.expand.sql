-- description: users, projects, roles, assignments, token keys and revocations of the embedded identity service

-- The key of a token signature, sealed by the installation's master key.
CREATE TABLE identity_keys (
    id {{text}} NOT NULL PRIMARY KEY,
    sealed_key {{text}} NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE identity_projects (
    id {{text}} NOT NULL PRIMARY KEY,
    domain_id {{text}} NOT NULL,
    name {{text}} NOT NULL,
    description {{text}} NOT NULL,
    enabled BOOLEAN NOT NULL,
    tags {{text}} NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (domain_id, name)
);

CREATE TABLE identity_users (
    id {{text}} NOT NULL PRIMARY KEY,
    domain_id {{text}} NOT NULL,
    name {{text}} NOT NULL,
    description {{text}},
    email {{text}},
    enabled BOOLEAN NOT NULL,
    default_project_id {{text}},
    password_hash {{text}},
    created_at BIGINT NOT NULL,
    UNIQUE (domain_id, name)
);

CREATE TABLE identity_roles (
    id {{text}} NOT NULL PRIMARY KEY,
    name {{text}} NOT NULL UNIQUE,
    description {{text}}
);

CREATE TABLE identity_implied_roles (
    prior_id {{text}} NOT NULL REFERENCES identity_roles (id) ON DELETE CASCADE,
    implied_id {{text}} NOT NULL REFERENCES identity_roles (id) ON DELETE CASCADE,
    PRIMARY KEY (prior_id, implied_id)
);

-- scope_kind: project, domain, or system (whose scope_id is all).
CREATE TABLE identity_assignments (
    user_id {{text}} NOT NULL REFERENCES identity_users (id) ON DELETE CASCADE,
    scope_kind {{text}} NOT NULL,
    scope_id {{text}} NOT NULL,
    role_id {{text}} NOT NULL REFERENCES identity_roles (id) ON DELETE CASCADE,
    PRIMARY KEY (user_id, scope_kind, scope_id, role_id)
);
CREATE INDEX identity_assignments_by_scope ON identity_assignments (scope_kind, scope_id);

-- What ends tokens early: one token by audit id, or everything issued to a user or project up to a moment.
CREATE TABLE identity_revocations (
    id {{serial}},
    audit_id {{text}},
    user_id {{text}},
    project_id {{text}},
    issued_until BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

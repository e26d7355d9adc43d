-- description: domains, groups, application credentials, the catalog and limits of the embedded identity service

CREATE TABLE identity_domains (
    id {{text}} NOT NULL PRIMARY KEY,
    name {{text}} NOT NULL UNIQUE,
    description {{text}} NOT NULL,
    enabled BOOLEAN NOT NULL,
    tags {{text}} NOT NULL,
    options {{text}} NOT NULL,
    created_at BIGINT NOT NULL
);

-- NULL is a project right below its domain. options is JSON, here and below.
ALTER TABLE identity_projects ADD COLUMN parent_id {{text}};
ALTER TABLE identity_projects ADD COLUMN options {{text}} NOT NULL DEFAULT '{}';
CREATE INDEX identity_projects_by_parent ON identity_projects (parent_id);
ALTER TABLE identity_users ADD COLUMN options {{text}} NOT NULL DEFAULT '{}';

-- A role of a domain stands for those that it implies, and is in no token itself.
ALTER TABLE identity_roles ADD COLUMN domain_id {{text}};
ALTER TABLE identity_roles ADD COLUMN options {{text}} NOT NULL DEFAULT '{}';

CREATE TABLE identity_groups (
    id {{text}} NOT NULL PRIMARY KEY,
    domain_id {{text}} NOT NULL,
    name {{text}} NOT NULL,
    description {{text}} NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (domain_id, name)
);

CREATE TABLE identity_members (
    group_id {{text}} NOT NULL REFERENCES identity_groups (id) ON DELETE CASCADE,
    user_id {{text}} NOT NULL REFERENCES identity_users (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, user_id)
);
CREATE INDEX identity_members_by_user ON identity_members (user_id);

-- As identity_assignments. In both, scope_kind has two more values, for what is inherited by the projects below the scope:
-- project/inherited and domain/inherited.
CREATE TABLE identity_group_assignments (
    group_id {{text}} NOT NULL REFERENCES identity_groups (id) ON DELETE CASCADE,
    scope_kind {{text}} NOT NULL,
    scope_id {{text}} NOT NULL,
    role_id {{text}} NOT NULL REFERENCES identity_roles (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, scope_kind, scope_id, role_id)
);
CREATE INDEX identity_group_assignments_by_scope ON identity_group_assignments (scope_kind, scope_id);

-- roles is a JSON array of ids; rules, where there are any, is a JSON array of access rules, which never change.
CREATE TABLE identity_application_credentials (
    id {{text}} NOT NULL PRIMARY KEY,
    user_id {{text}} NOT NULL REFERENCES identity_users (id) ON DELETE CASCADE,
    project_id {{text}} NOT NULL,
    name {{text}} NOT NULL,
    description {{text}},
    secret_hash {{text}} NOT NULL,
    roles {{text}} NOT NULL,
    rules {{text}},
    unrestricted BOOLEAN NOT NULL,
    expires_at BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (user_id, name)
);
CREATE INDEX identity_application_credentials_by_project ON identity_application_credentials (project_id);

CREATE TABLE identity_access_rules (
    id {{text}} NOT NULL PRIMARY KEY,
    user_id {{text}} NOT NULL REFERENCES identity_users (id) ON DELETE CASCADE,
    service {{text}} NOT NULL,
    method {{text}} NOT NULL,
    path {{text}} NOT NULL,
    UNIQUE (user_id, service, method, path)
);

-- Secrets of users that identity keeps for others, sealed by the installation's master key.
CREATE TABLE identity_credentials (
    id {{text}} NOT NULL PRIMARY KEY,
    user_id {{text}} NOT NULL REFERENCES identity_users (id) ON DELETE CASCADE,
    project_id {{text}},
    kind {{text}} NOT NULL,
    sealed_blob {{text}} NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX identity_credentials_by_user ON identity_credentials (user_id);

CREATE TABLE identity_regions (
    id {{text}} NOT NULL PRIMARY KEY,
    description {{text}} NOT NULL,
    parent_id {{text}},
    created_at BIGINT NOT NULL
);

-- Each start adds what the program serves itself. A service or endpoint of those that was deleted keeps its row, so that it
-- does not come back. An url that begins with / is on the address at which the client found this service.
CREATE TABLE identity_services (
    id {{text}} NOT NULL PRIMARY KEY,
    type {{text}} NOT NULL,
    name {{text}},
    description {{text}},
    enabled BOOLEAN NOT NULL,
    deleted_at BIGINT,
    created_at BIGINT NOT NULL
);

CREATE TABLE identity_endpoints (
    id {{text}} NOT NULL PRIMARY KEY,
    service_id {{text}} NOT NULL REFERENCES identity_services (id) ON DELETE CASCADE,
    interface {{text}} NOT NULL,
    region_id {{text}},
    url {{text}} NOT NULL,
    enabled BOOLEAN NOT NULL,
    deleted_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX identity_endpoints_by_service ON identity_endpoints (service_id);

-- region_id is empty for all regions, and so is the other of project_id and domain_id.
CREATE TABLE identity_registered_limits (
    id {{text}} NOT NULL PRIMARY KEY,
    service_id {{text}} NOT NULL,
    region_id {{text}} NOT NULL,
    resource_name {{text}} NOT NULL,
    default_limit BIGINT NOT NULL,
    description {{text}},
    UNIQUE (service_id, region_id, resource_name)
);

CREATE TABLE identity_limits (
    id {{text}} NOT NULL PRIMARY KEY,
    project_id {{text}} NOT NULL,
    domain_id {{text}} NOT NULL,
    service_id {{text}} NOT NULL,
    region_id {{text}} NOT NULL,
    resource_name {{text}} NOT NULL,
    resource_limit BIGINT NOT NULL,
    description {{text}},
    UNIQUE (project_id, domain_id, service_id, region_id, resource_name)
);

-- What was issued to a user in one scope (KIND/ID) only, by an application credential, or for a domain and its users.
ALTER TABLE identity_revocations ADD COLUMN scope {{text}};
ALTER TABLE identity_revocations ADD COLUMN application_credential_id {{text}};
ALTER TABLE identity_revocations ADD COLUMN domain_id {{text}};

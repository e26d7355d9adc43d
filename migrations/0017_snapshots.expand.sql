-- description: passwords that guests stored; images of a server

-- What a guest posted to its metadata service, sealed: mostly encrypted with its owner's key already.
CREATE TABLE server_passwords (
    cell INTEGER NOT NULL,
    server_id {{uuid}} NOT NULL,
    password {{text}} NOT NULL,
    PRIMARY KEY (cell, server_id)
);

-- The images that were made of a server: their property instance_uuid, which backups are rotated by.
ALTER TABLE images ADD COLUMN server_id {{text}};
CREATE INDEX images_by_server ON images (server_id) WHERE server_id IS NOT NULL;

-- description: images of the embedded image service; their bytes are files below DIR/images

-- upload names the attempt that is writing the file, while status is saving.
CREATE TABLE images (
    id {{text}} NOT NULL PRIMARY KEY,
    owner {{text}} NOT NULL,
    name {{text}},
    status {{text}} NOT NULL,
    visibility {{text}} NOT NULL,
    disk_format {{text}},
    container_format {{text}},
    min_disk INTEGER NOT NULL,
    min_ram INTEGER NOT NULL,
    protected BOOLEAN NOT NULL,
    os_hidden BOOLEAN NOT NULL,
    size BIGINT,
    virtual_size BIGINT,
    checksum {{text}},
    os_hash_algo {{text}},
    os_hash_value {{text}},
    properties {{text}} NOT NULL,
    tags {{text}} NOT NULL,
    upload {{text}},
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE image_members (
    image_id {{text}} NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    member_id {{text}} NOT NULL,
    status {{text}} NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (image_id, member_id)
);

-- The key store: apart from the database and its backups (I4). All keys are wrapped under the master key.

CREATE TABLE system_key (
    name TEXT NOT NULL PRIMARY KEY,
    wrapped BYTEA NOT NULL
);

-- The index from phone to person lives and dies with the key.
CREATE TABLE person_key (
    person BYTEA NOT NULL PRIMARY KEY,
    wrapped BYTEA NOT NULL,
    phone_tag BYTEA NOT NULL,
    name_tag BYTEA NOT NULL,
    made_on BIGINT NOT NULL,
    UNIQUE (phone_tag, name_tag)
);
CREATE INDEX person_key_made_on ON person_key (made_on);

CREATE TABLE tombstone (
    person BYTEA NOT NULL PRIMARY KEY,
    erased_on BIGINT NOT NULL
);

-- The key store: apart from the database and its backups (I4). All keys are wrapped under the master key.

CREATE TABLE system_key (
    name TEXT NOT NULL PRIMARY KEY,
    wrapped BLOB NOT NULL
) WITHOUT ROWID;

-- The index from phone to person lives and dies with the key.
CREATE TABLE person_key (
    person BLOB NOT NULL PRIMARY KEY,
    wrapped BLOB NOT NULL,
    phone_tag BLOB NOT NULL,
    name_tag BLOB NOT NULL,
    made_on BIGINT NOT NULL,
    UNIQUE (phone_tag, name_tag)
) WITHOUT ROWID;
CREATE INDEX person_key_made_on ON person_key (made_on);

CREATE TABLE tombstone (
    person BLOB NOT NULL PRIMARY KEY,
    erased_on BIGINT NOT NULL
) WITHOUT ROWID;

-- People: every column about them is sealed under the person's own key (I4); no instant finer than a day (I5).

CREATE TABLE patient (
    id BLOB NOT NULL PRIMARY KEY,
    name BLOB NOT NULL,
    phone BLOB NOT NULL,
    email BLOB NOT NULL,
    sex BLOB NOT NULL,
    age BLOB NOT NULL,
    created_on BIGINT NOT NULL
) WITHOUT ROWID;

-- Codes live for minutes; the phone is sealed under a key of the key store, the code is kept as a MAC.
CREATE TABLE phone_code (
    id BLOB NOT NULL PRIMARY KEY,
    phone BLOB NOT NULL,
    phone_tag BLOB NOT NULL,
    code BLOB NOT NULL,
    lang TEXT NOT NULL,
    tries BIGINT NOT NULL,
    state TEXT NOT NULL,
    made_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX phone_code_tag ON phone_code (phone_tag);
CREATE INDEX phone_code_expires ON phone_code (expires_at);

-- How often a phone or a network has asked for a code on a day; the tag is a MAC and changes every day.
CREATE TABLE code_count (
    tag BLOB NOT NULL,
    day BIGINT NOT NULL,
    count BIGINT NOT NULL,
    PRIMARY KEY (tag, day)
) WITHOUT ROWID;

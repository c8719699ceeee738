-- A person's own data beside their key, each column sealed under it: both are written in one transaction and go in one, and the database
-- of visits has no row that is made or changed when a person comes (I4, I5). Lengths are those of the fields, not of what was typed.
CREATE TABLE person (
    person BLOB NOT NULL PRIMARY KEY,
    name BLOB NOT NULL,
    phone BLOB NOT NULL,
    email BLOB NOT NULL,
    sex BLOB NOT NULL,
    age BLOB NOT NULL
) WITHOUT ROWID;

-- The week in which the person's last dead tie lay, as the day after it; 0 while none has died. Written when ties die, many at a time.
ALTER TABLE person_key ADD COLUMN seen_until BIGINT NOT NULL DEFAULT 0;
CREATE INDEX person_key_seen_until ON person_key (seen_until) WHERE seen_until > 0;

-- Codes of a day, by phone and by network, under tags that change daily. Not in the database of visits: there each code is spent with a
-- visit, and the history of one row would tie the visits of a phone on one day to each other (I5).
CREATE TABLE code_count (
    tag BLOB NOT NULL,
    day BIGINT NOT NULL,
    count BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    PRIMARY KEY (tag, day)
) WITHOUT ROWID;

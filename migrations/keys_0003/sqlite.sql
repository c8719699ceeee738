-- Keys that wrap keys, by generation, each wrapped under every master key that opens the store: two while a new one takes over, else one. What
-- was there before is generation 0.
CREATE TABLE wrapping_key (
    generation BIGINT NOT NULL,
    master BLOB NOT NULL,
    wrapped BLOB NOT NULL,
    made_on BIGINT NOT NULL,
    PRIMARY KEY (generation, master)
) WITHOUT ROWID;

-- Under which of them a key is wrapped.
ALTER TABLE system_key ADD COLUMN generation BIGINT NOT NULL DEFAULT 0;
ALTER TABLE person_key ADD COLUMN generation BIGINT NOT NULL DEFAULT 0;
CREATE INDEX person_key_generation ON person_key (generation, person);

-- The change of the master key that is under way: from which, to which, and whether the old one opens nothing any more. One at a time, whatever
-- files lie on whatever machines.
CREATE TABLE rotation (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    old_master BLOB NOT NULL,
    new_master BLOB NOT NULL,
    renewed BIGINT NOT NULL
) WITHOUT ROWID;

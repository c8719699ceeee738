-- Who acts for whom (clause 2.4). `tag` is a MAC under the patient's key over the visit, so the row names neither (I5); the rest is
-- sealed under the patient's key, and dies with it (I4).
CREATE TABLE representative (
    tag BYTEA NOT NULL PRIMARY KEY,
    relation BYTEA NOT NULL,
    name BYTEA NOT NULL,
    declaration BYTEA NOT NULL
);

-- What somebody asks for who asks for a visit without a live time: days and parts of days, from a closed list. Empty for a visit with a time.
ALTER TABLE appointment ADD COLUMN wish TEXT NOT NULL DEFAULT '';

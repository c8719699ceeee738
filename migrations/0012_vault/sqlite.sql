-- People live in the key store. The program moves them there before this step; where it has not, the step fails and nothing is lost.
CREATE TABLE patient_moved (
    remaining BIGINT NOT NULL CHECK (remaining = 0)
);
INSERT INTO patient_moved (remaining) SELECT count(*) FROM patient;
DROP TABLE patient_moved;
DROP TABLE patient;

-- Whether the tie between a visit and its person still stands: it dies thirty days after the visit, or with the person; then the sealed
-- link and the tag are noise, and the visit is a line of statistics (I5).
ALTER TABLE appointment ADD COLUMN tied BIGINT NOT NULL DEFAULT 1;
CREATE INDEX appointment_tied ON appointment (ends_at) WHERE tied = 1;

-- Erasures: begun in the transaction that unties the person's visits, done when the key is gone everywhere. `mark` is a MAC under the key
-- that dies: while it stands no booking of the person is made. `person` is sealed, and empty when done.
CREATE TABLE erasure (
    id BLOB NOT NULL PRIMARY KEY,
    mark BLOB NOT NULL UNIQUE,
    person BLOB NOT NULL,
    reason TEXT NOT NULL,
    visits BIGINT NOT NULL,
    begun_at BIGINT NOT NULL,
    done_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX erasure_begun ON erasure (begun_at) WHERE done_at = 0;

-- Whose message it is, to be found by address and id together: two messages of one person share nothing.
ALTER TABLE sent_message ADD COLUMN addressee BLOB NOT NULL DEFAULT X'';

-- The counts of codes are in the key store now; a day begins anew.
DROP TABLE code_count;

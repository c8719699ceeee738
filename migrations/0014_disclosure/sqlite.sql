-- To whom data may go (clause 4.1): carriers as the settings name them, clinics as they stand in the directory. Days are counted since
-- 1970-01-01; both ends of a contract belong to it.
CREATE TABLE recipient (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    country TEXT NOT NULL,
    contract TEXT NOT NULL,
    clause TEXT NOT NULL,
    from_on BIGINT NOT NULL,
    until_on BIGINT NOT NULL,
    notice BIGINT NOT NULL,
    active BIGINT NOT NULL
) WITHOUT ROWID;
-- One carrier of a kind at a time.
CREATE UNIQUE INDEX recipient_carrier ON recipient (kind) WHERE active = 1 AND kind IN ('R7.sms', 'R7.mail');

-- What left, to whom, what for. The id is that of the entry in the log; the object is a visit or a code, never a person; the payload is a
-- MAC under a key that dies with the tie between visit and person.
CREATE TABLE disclosure (
    id BLOB NOT NULL PRIMARY KEY,
    message BLOB NOT NULL,
    recipient BLOB NOT NULL,
    kind TEXT NOT NULL,
    country TEXT NOT NULL,
    contract TEXT NOT NULL,
    purpose TEXT NOT NULL,
    basis TEXT NOT NULL,
    fields TEXT NOT NULL,
    payload BLOB NOT NULL,
    object BLOB NOT NULL,
    made_on BIGINT NOT NULL,
    state TEXT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX disclosure_message ON disclosure (message, payload);
CREATE INDEX disclosure_object ON disclosure (object);
CREATE INDEX disclosure_pending ON disclosure (made_on) WHERE state = 'pending';

-- A row changes once: from pending to how it ended. It goes once the log has let go of its entry.
CREATE TRIGGER disclosure_keeps BEFORE UPDATE ON disclosure
WHEN OLD.state <> 'pending' OR NEW.state = 'pending' OR NEW.id <> OLD.id OR NEW.message <> OLD.message OR NEW.recipient <> OLD.recipient
    OR NEW.kind <> OLD.kind OR NEW.country <> OLD.country OR NEW.contract <> OLD.contract OR NEW.purpose <> OLD.purpose
    OR NEW.basis <> OLD.basis OR NEW.fields <> OLD.fields OR NEW.payload <> OLD.payload OR NEW.object <> OLD.object
    OR NEW.made_on <> OLD.made_on
BEGIN SELECT RAISE(ABORT, 'disclosures are append-only'); END;
CREATE TRIGGER disclosure_stays BEFORE DELETE ON disclosure WHEN EXISTS (SELECT 1 FROM audit_entry WHERE id = OLD.id)
BEGIN SELECT RAISE(ABORT, 'disclosures are append-only'); END;
CREATE TRIGGER disclosure_once BEFORE INSERT ON disclosure
WHEN EXISTS (SELECT 1 FROM disclosure WHERE id = NEW.id OR (message = NEW.message AND payload = NEW.payload))
BEGIN SELECT RAISE(ABORT, 'disclosures are append-only'); END;

-- How far proofs of consents may go: events of days before `before_on`. It only grows, and only retention writes it.
CREATE TABLE retention_cut (
    what TEXT NOT NULL PRIMARY KEY CHECK (what IN ('consent', 'withdrawn_consent')),
    before_on BIGINT NOT NULL
) WITHOUT ROWID;
CREATE TRIGGER retention_cut_grows BEFORE UPDATE ON retention_cut WHEN NEW.before_on <= OLD.before_on OR NEW.what <> OLD.what
BEGIN SELECT RAISE(ABORT, 'a cut only grows'); END;
CREATE TRIGGER retention_cut_stays BEFORE DELETE ON retention_cut BEGIN SELECT RAISE(ABORT, 'a cut only grows'); END;
-- INSERT OR REPLACE takes the old row away without asking the trigger of DELETE.
CREATE TRIGGER retention_cut_once BEFORE INSERT ON retention_cut WHEN EXISTS (SELECT 1 FROM retention_cut WHERE what = NEW.what)
BEGIN SELECT RAISE(ABORT, 'a cut only grows'); END;

-- An event goes only once its term has passed: one that was withdrawn counts from the withdrawal.
DROP TRIGGER consent_event_stays;
CREATE TRIGGER consent_event_stays BEFORE DELETE ON consent_event
WHEN NOT EXISTS (SELECT 1 FROM retention_cut c WHERE c.what = 'consent' AND OLD.given_on < c.before_on)
AND NOT EXISTS (
    SELECT 1 FROM retention_cut c JOIN consent_event w ON w.given_on < c.before_on
    WHERE c.what = 'withdrawn_consent' AND w.turn = 'withdrawn' AND w.subject = OLD.subject AND w.purpose = OLD.purpose
)
BEGIN SELECT RAISE(ABORT, 'consent events are append-only'); END;
CREATE INDEX consent_event_on ON consent_event (given_on);

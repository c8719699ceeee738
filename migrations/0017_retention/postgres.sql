-- How far proofs of consents may go: events of days before `before_on`. It only grows, and only retention writes it.
CREATE TABLE retention_cut (
    what TEXT NOT NULL PRIMARY KEY CHECK (what IN ('consent', 'withdrawn_consent')),
    before_on BIGINT NOT NULL
);
CREATE FUNCTION cut_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.before_on <= OLD.before_on OR NEW.what <> OLD.what THEN
        RAISE EXCEPTION 'a cut only grows';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER retention_cut_grows BEFORE UPDATE ON retention_cut FOR EACH ROW EXECUTE FUNCTION cut_grows();
CREATE TRIGGER retention_cut_stays BEFORE DELETE ON retention_cut FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER retention_cut_whole BEFORE TRUNCATE ON retention_cut FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- An event goes only once its term has passed: one that was withdrawn counts from the withdrawal.
CREATE FUNCTION consent_term_passed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM retention_cut c WHERE c.what = 'consent' AND OLD.given_on < c.before_on)
        OR EXISTS (
            SELECT 1 FROM retention_cut c JOIN consent_event w ON w.given_on < c.before_on
            WHERE c.what = 'withdrawn_consent' AND w.turn = 'withdrawn' AND w.subject = OLD.subject AND w.purpose = OLD.purpose
        )
    THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'consent events are append-only';
END
$$;
DROP TRIGGER consent_event_stays ON consent_event;
CREATE TRIGGER consent_event_stays BEFORE DELETE ON consent_event FOR EACH ROW EXECUTE FUNCTION consent_term_passed();
CREATE INDEX consent_event_on ON consent_event (given_on);

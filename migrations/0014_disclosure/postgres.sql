-- To whom data may go (clause 4.1): carriers as the settings name them, clinics as they stand in the directory. Days are counted since
-- 1970-01-01; both ends of a contract belong to it.
CREATE TABLE recipient (
    id BYTEA NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    country TEXT NOT NULL,
    contract TEXT NOT NULL,
    clause TEXT NOT NULL,
    from_on BIGINT NOT NULL,
    until_on BIGINT NOT NULL,
    notice BIGINT NOT NULL,
    active BIGINT NOT NULL
);
-- One carrier of a kind at a time.
CREATE UNIQUE INDEX recipient_carrier ON recipient (kind) WHERE active = 1 AND kind IN ('R7.sms', 'R7.mail');

-- What left, to whom, what for. The id is that of the entry in the log; the object is a visit or a code, never a person; the payload is a
-- MAC under a key that dies with the tie between visit and person.
CREATE TABLE disclosure (
    id BYTEA NOT NULL PRIMARY KEY,
    message BYTEA NOT NULL,
    recipient BYTEA NOT NULL,
    kind TEXT NOT NULL,
    country TEXT NOT NULL,
    contract TEXT NOT NULL,
    purpose TEXT NOT NULL,
    basis TEXT NOT NULL,
    fields TEXT NOT NULL,
    payload BYTEA NOT NULL,
    object BYTEA NOT NULL,
    made_on BIGINT NOT NULL,
    state TEXT NOT NULL
);
CREATE UNIQUE INDEX disclosure_message ON disclosure (message, payload);
CREATE INDEX disclosure_object ON disclosure (object);
CREATE INDEX disclosure_pending ON disclosure (made_on) WHERE state = 'pending';

-- A row changes once: from pending to how it ended. It goes once the log has let go of its entry.
CREATE FUNCTION refuse_second_end() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF OLD.state <> 'pending' OR NEW.state = 'pending'
        OR (NEW.id, NEW.message, NEW.recipient, NEW.kind, NEW.country, NEW.contract, NEW.purpose, NEW.basis, NEW.fields, NEW.payload, NEW.object, NEW.made_on)
        <> (OLD.id, OLD.message, OLD.recipient, OLD.kind, OLD.country, OLD.contract, OLD.purpose, OLD.basis, OLD.fields, OLD.payload, OLD.object, OLD.made_on) THEN
        RAISE EXCEPTION 'disclosures are append-only';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER disclosure_keeps BEFORE UPDATE ON disclosure FOR EACH ROW EXECUTE FUNCTION refuse_second_end();
CREATE FUNCTION refuse_logged_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT 1 FROM audit_entry WHERE id = OLD.id) THEN
        RAISE EXCEPTION 'disclosures are append-only';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER disclosure_stays BEFORE DELETE ON disclosure FOR EACH ROW EXECUTE FUNCTION refuse_logged_delete();
CREATE TRIGGER disclosure_whole BEFORE TRUNCATE ON disclosure FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The floor: jobs, the dirty feed, audit, consent, idempotency, partners, codes, the demo's outbox.

CREATE TABLE dirty (
    id BYTEA NOT NULL PRIMARY KEY,
    role BYTEA NOT NULL,
    day BIGINT NOT NULL,
    at BIGINT NOT NULL
);
CREATE INDEX dirty_at ON dirty (at);

CREATE TABLE job (
    id BYTEA NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    run_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    lease BYTEA,
    lease_until BIGINT NOT NULL,
    cause TEXT
);
CREATE INDEX job_due ON job (state, run_at);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;

-- Append-only (I6): the triggers below refuse every change.
CREATE TABLE audit_entry (
    id BYTEA NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    operation TEXT NOT NULL,
    purpose TEXT NOT NULL,
    asker TEXT NOT NULL,
    fields TEXT NOT NULL,
    outcome TEXT NOT NULL,
    object BYTEA,
    subject BYTEA
);
CREATE INDEX audit_entry_at ON audit_entry (at);
CREATE TRIGGER audit_entry_keeps BEFORE UPDATE ON audit_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_entry_stays BEFORE DELETE ON audit_entry FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE consent_event (
    id BYTEA NOT NULL PRIMARY KEY,
    subject BYTEA NOT NULL,
    purpose TEXT NOT NULL,
    version BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    lang TEXT NOT NULL,
    method TEXT NOT NULL,
    given_on BIGINT NOT NULL
);
CREATE INDEX consent_event_subject ON consent_event (subject);
CREATE TRIGGER consent_event_keeps BEFORE UPDATE ON consent_event FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER consent_event_stays BEFORE DELETE ON consent_event FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE idempotency (
    caller BYTEA NOT NULL,
    key BYTEA NOT NULL,
    body BYTEA NOT NULL,
    object BYTEA NOT NULL,
    kept_on BIGINT NOT NULL,
    PRIMARY KEY (caller, key)
);

CREATE TABLE partner (
    id BYTEA NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    key_hash BYTEA NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    active BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE sent_message (
    id BYTEA NOT NULL PRIMARY KEY,
    sealed BYTEA NOT NULL,
    sent_at BIGINT NOT NULL
);
CREATE INDEX sent_message_at ON sent_message (sent_at);

-- What belongs to this database: the mark of its key store.
CREATE TABLE installation (
    name TEXT NOT NULL PRIMARY KEY,
    value BYTEA NOT NULL
);

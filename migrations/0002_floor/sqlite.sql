-- The floor: jobs, the dirty feed, audit, consent, idempotency, partners, codes, the demo's outbox.

CREATE TABLE dirty (
    id BLOB NOT NULL PRIMARY KEY,
    role BLOB NOT NULL,
    day BIGINT NOT NULL,
    at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX dirty_at ON dirty (at);

CREATE TABLE job (
    id BLOB NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    run_at BIGINT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    lease BLOB,
    lease_until BIGINT NOT NULL,
    cause TEXT
) WITHOUT ROWID;
CREATE INDEX job_due ON job (state, run_at);

-- Append-only (I6): the triggers below refuse every change.
CREATE TABLE audit_entry (
    id BLOB NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    operation TEXT NOT NULL,
    purpose TEXT NOT NULL,
    asker TEXT NOT NULL,
    fields TEXT NOT NULL,
    outcome TEXT NOT NULL,
    object BLOB,
    subject BLOB
) WITHOUT ROWID;
CREATE INDEX audit_entry_at ON audit_entry (at);
CREATE TRIGGER audit_entry_keeps BEFORE UPDATE ON audit_entry BEGIN SELECT RAISE(ABORT, 'audit entries are append-only'); END;
CREATE TRIGGER audit_entry_stays BEFORE DELETE ON audit_entry BEGIN SELECT RAISE(ABORT, 'audit entries are append-only'); END;

CREATE TABLE consent_event (
    id BLOB NOT NULL PRIMARY KEY,
    subject BLOB NOT NULL,
    purpose TEXT NOT NULL,
    version BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    lang TEXT NOT NULL,
    method TEXT NOT NULL,
    given_on BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX consent_event_subject ON consent_event (subject);
CREATE TRIGGER consent_event_keeps BEFORE UPDATE ON consent_event BEGIN SELECT RAISE(ABORT, 'consent events are append-only'); END;
CREATE TRIGGER consent_event_stays BEFORE DELETE ON consent_event BEGIN SELECT RAISE(ABORT, 'consent events are append-only'); END;

CREATE TABLE idempotency (
    caller BLOB NOT NULL,
    key BLOB NOT NULL,
    body BLOB NOT NULL,
    object BLOB NOT NULL,
    kept_on BIGINT NOT NULL,
    PRIMARY KEY (caller, key)
) WITHOUT ROWID;

CREATE TABLE partner (
    id BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    key_hash BLOB NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    active BIGINT NOT NULL,
    created_at BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE sent_message (
    id BLOB NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL,
    sent_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX sent_message_at ON sent_message (sent_at);

-- What belongs to this database: the mark of its key store.
CREATE TABLE installation (
    name TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

-- Whoever works with the program: how they sign in, where, and what they may do beyond their role.

CREATE TABLE staff (
    id BLOB NOT NULL PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    clinic BLOB,
    practitioner BLOB,
    contract TEXT NOT NULL,
    until_at BIGINT NOT NULL,
    added_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    password BLOB NOT NULL,
    totp BLOB NOT NULL,
    totp_step BIGINT NOT NULL,
    pin BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE staff_passkey (
    id BLOB NOT NULL PRIMARY KEY,
    staff BLOB NOT NULL,
    name TEXT NOT NULL,
    key BLOB NOT NULL,
    counter BIGINT NOT NULL,
    added_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX staff_passkey_staff ON staff_passkey (staff);

-- The link by which somebody signs in for the first time, or again after everything was lost: only its hash is kept.
CREATE TABLE staff_link (
    hash BLOB NOT NULL PRIMARY KEY,
    staff BLOB NOT NULL,
    ends_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX staff_link_staff ON staff_link (staff);

-- What a passkey has to sign, once: one of its owner's waits for its answer, one of nobody's was answered at a sign-in and counts no second time.
CREATE TABLE staff_challenge (
    challenge BLOB NOT NULL PRIMARY KEY,
    staff BLOB,
    ends_at BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE staff_session (
    id BLOB NOT NULL PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    staff BLOB NOT NULL,
    workstation BLOB,
    method TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    pins_wrong BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX staff_session_staff ON staff_session (staff);
CREATE INDEX staff_session_workstation ON staff_session (workstation);

-- Tries to sign in by password, by login: under a MAC, so that logins that do not exist count alike and stand nowhere.
CREATE TABLE staff_tries (
    login BLOB NOT NULL PRIMARY KEY,
    wrong BIGINT NOT NULL,
    locked_until BIGINT NOT NULL,
    last_at BIGINT NOT NULL
) WITHOUT ROWID;

-- A computer that several people share: only there does a PIN switch between them.
CREATE TABLE staff_workstation (
    id BLOB NOT NULL PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    clinic BLOB,
    added_by BLOB NOT NULL,
    added_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE staff_grant (
    id BLOB NOT NULL PRIMARY KEY,
    staff BLOB NOT NULL,
    role TEXT NOT NULL,
    reason TEXT NOT NULL,
    granted_by BLOB NOT NULL,
    granted_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX staff_grant_staff ON staff_grant (staff);

-- Security events, for whoever looks after them.
CREATE INDEX audit_entry_security ON audit_entry (at) WHERE purpose = 'P10';

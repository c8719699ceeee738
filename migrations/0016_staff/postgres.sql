-- Whoever works with the program: how they sign in, where, and what they may do beyond their role.

CREATE TABLE staff (
    id BYTEA NOT NULL PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    clinic BYTEA,
    practitioner BYTEA,
    contract TEXT NOT NULL,
    until_at BIGINT NOT NULL,
    added_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    password BYTEA NOT NULL,
    totp BYTEA NOT NULL,
    totp_step BIGINT NOT NULL,
    pin BYTEA NOT NULL
);

CREATE TABLE staff_passkey (
    id BYTEA NOT NULL PRIMARY KEY,
    staff BYTEA NOT NULL,
    name TEXT NOT NULL,
    key BYTEA NOT NULL,
    counter BIGINT NOT NULL,
    added_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL
);
CREATE INDEX staff_passkey_staff ON staff_passkey (staff);

-- The link by which somebody signs in for the first time, or again after everything was lost: only its hash is kept.
CREATE TABLE staff_link (
    hash BYTEA NOT NULL PRIMARY KEY,
    staff BYTEA NOT NULL,
    ends_at BIGINT NOT NULL
);
CREATE INDEX staff_link_staff ON staff_link (staff);

-- What a passkey has to sign, once: one of its owner's waits for its answer, one of nobody's was answered at a sign-in and counts no second time.
CREATE TABLE staff_challenge (
    challenge BYTEA NOT NULL PRIMARY KEY,
    staff BYTEA,
    ends_at BIGINT NOT NULL
);

CREATE TABLE staff_session (
    id BYTEA NOT NULL PRIMARY KEY,
    hash BYTEA NOT NULL UNIQUE,
    staff BYTEA NOT NULL,
    workstation BYTEA,
    method TEXT NOT NULL,
    opened_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    pins_wrong BIGINT NOT NULL
);
CREATE INDEX staff_session_staff ON staff_session (staff);
CREATE INDEX staff_session_workstation ON staff_session (workstation);

-- Tries to sign in by password, by login: under a MAC, so that logins that do not exist count alike and stand nowhere.
CREATE TABLE staff_tries (
    login BYTEA NOT NULL PRIMARY KEY,
    wrong BIGINT NOT NULL,
    locked_until BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);

-- A computer that several people share: only there does a PIN switch between them.
CREATE TABLE staff_workstation (
    id BYTEA NOT NULL PRIMARY KEY,
    hash BYTEA NOT NULL UNIQUE,
    name TEXT NOT NULL,
    clinic BYTEA,
    added_by BYTEA NOT NULL,
    added_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL
);

CREATE TABLE staff_grant (
    id BYTEA NOT NULL PRIMARY KEY,
    staff BYTEA NOT NULL,
    role TEXT NOT NULL,
    reason TEXT NOT NULL,
    granted_by BYTEA NOT NULL,
    granted_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL
);
CREATE INDEX staff_grant_staff ON staff_grant (staff);

-- Security events, for whoever looks after them.
CREATE INDEX audit_entry_security ON audit_entry (at) WHERE purpose = 'P10';

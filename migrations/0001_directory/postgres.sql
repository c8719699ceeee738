-- The directory: what exists and when it receives. No personal data of patients.
-- Names stand in three columns, since every name exists in the three languages. Times of day are minutes since midnight in the
-- city's zone; money is in minor units of the city's currency; ids are sixteen bytes derived from the natural key.

CREATE TABLE city (
    code        TEXT NOT NULL PRIMARY KEY,
    name_kk     TEXT NOT NULL,
    name_ru     TEXT NOT NULL,
    name_en     TEXT NOT NULL,
    zone        TEXT NOT NULL,
    country     TEXT NOT NULL,
    currency    TEXT NOT NULL,
    phone       TEXT,
    lat         DOUBLE PRECISION NOT NULL,
    lon         DOUBLE PRECISION NOT NULL
);

CREATE TABLE district (
    code        TEXT NOT NULL PRIMARY KEY,
    city        TEXT NOT NULL REFERENCES city (code),
    name_kk     TEXT NOT NULL,
    name_ru     TEXT NOT NULL,
    name_en     TEXT NOT NULL
);

CREATE TABLE metro (
    code        TEXT NOT NULL PRIMARY KEY,
    city        TEXT NOT NULL REFERENCES city (code),
    name_kk     TEXT NOT NULL,
    name_ru     TEXT NOT NULL,
    name_en     TEXT NOT NULL,
    lat         DOUBLE PRECISION NOT NULL,
    lon         DOUBLE PRECISION NOT NULL
);

CREATE TABLE specialty (
    code        TEXT NOT NULL PRIMARY KEY,
    name_kk     TEXT NOT NULL,
    name_ru     TEXT NOT NULL,
    name_en     TEXT NOT NULL,
    field_kk    TEXT NOT NULL,
    field_ru    TEXT NOT NULL,
    field_en    TEXT NOT NULL,
    words_kk    TEXT NOT NULL,
    words_ru    TEXT NOT NULL,
    words_en    TEXT NOT NULL,
    child       BIGINT NOT NULL CHECK (child IN (0, 1))
);

CREATE TABLE healthcare_service (
    code        TEXT NOT NULL PRIMARY KEY,
    specialty   TEXT NOT NULL REFERENCES specialty (code),
    name_kk     TEXT NOT NULL,
    name_ru     TEXT NOT NULL,
    name_en     TEXT NOT NULL
);

CREATE TABLE organization (
    id           BYTEA NOT NULL PRIMARY KEY,
    name_kk      TEXT NOT NULL,
    name_ru      TEXT NOT NULL,
    name_en      TEXT NOT NULL,
    phone        TEXT NOT NULL,
    notify_phone TEXT
);

CREATE TABLE location (
    id           BYTEA NOT NULL PRIMARY KEY,
    organization BYTEA NOT NULL REFERENCES organization (id),
    city         TEXT NOT NULL REFERENCES city (code),
    district     TEXT REFERENCES district (code),
    address_kk   TEXT NOT NULL,
    address_ru   TEXT NOT NULL,
    address_en   TEXT NOT NULL,
    lat          DOUBLE PRECISION,
    lon          DOUBLE PRECISION
);

CREATE TABLE location_metro (
    location     BYTEA NOT NULL REFERENCES location (id),
    metro        TEXT NOT NULL REFERENCES metro (code),
    walk_minutes BIGINT NOT NULL CHECK (walk_minutes BETWEEN 0 AND 180),
    PRIMARY KEY (location, metro)
);

CREATE TABLE practitioner (
    id           BYTEA NOT NULL PRIMARY KEY,
    name_kk      TEXT NOT NULL,
    name_ru      TEXT NOT NULL,
    name_en      TEXT NOT NULL,
    sex          TEXT CHECK (sex IN ('f', 'm')),
    since_year   BIGINT,
    languages    TEXT NOT NULL,
    about_kk     TEXT NOT NULL,
    about_ru     TEXT NOT NULL,
    about_en     TEXT NOT NULL
);

CREATE TABLE practitioner_role (
    id             BYTEA NOT NULL PRIMARY KEY,
    practitioner   BYTEA NOT NULL REFERENCES practitioner (id),
    organization   BYTEA NOT NULL REFERENCES organization (id),
    location       BYTEA NOT NULL REFERENCES location (id),
    adults         BIGINT NOT NULL CHECK (adults IN (0, 1)),
    children       BIGINT NOT NULL CHECK (children IN (0, 1)),
    horizon_days   BIGINT NOT NULL CHECK (horizon_days BETWEEN 1 AND 366),
    notice_minutes BIGINT NOT NULL CHECK (notice_minutes BETWEEN 0 AND 10080)
);
CREATE INDEX practitioner_role_practitioner ON practitioner_role (practitioner);

CREATE TABLE role_specialty (
    role         BYTEA NOT NULL REFERENCES practitioner_role (id),
    specialty    TEXT NOT NULL REFERENCES specialty (code),
    place        BIGINT NOT NULL,
    PRIMARY KEY (role, specialty)
);

CREATE TABLE role_service (
    role         BYTEA NOT NULL REFERENCES practitioner_role (id),
    service      TEXT NOT NULL REFERENCES healthcare_service (code),
    place        BIGINT NOT NULL,
    price_minor  BIGINT NOT NULL CHECK (price_minor >= 0),
    minutes      BIGINT NOT NULL CHECK (minutes BETWEEN 5 AND 480 AND minutes % 5 = 0),
    PRIMARY KEY (role, service)
);

CREATE TABLE schedule_rule (
    role         BYTEA NOT NULL REFERENCES practitioner_role (id),
    weekday      BIGINT NOT NULL CHECK (weekday BETWEEN 1 AND 7),
    from_minute  BIGINT NOT NULL CHECK (from_minute >= 0 AND from_minute % 5 = 0),
    to_minute    BIGINT NOT NULL CHECK (to_minute > from_minute AND to_minute <= 1440 AND to_minute % 5 = 0),
    PRIMARY KEY (role, weekday, from_minute)
);

-- A day that differs from the week: its windows, or one row without hours for a day off (`number` 0, both hours null).
CREATE TABLE schedule_exception (
    role         BYTEA NOT NULL REFERENCES practitioner_role (id),
    day          TEXT NOT NULL,
    number       BIGINT NOT NULL,
    from_minute  BIGINT CHECK (from_minute >= 0 AND from_minute % 5 = 0),
    to_minute    BIGINT CHECK (to_minute > from_minute AND to_minute <= 1440 AND to_minute % 5 = 0),
    PRIMARY KEY (role, day, number)
);

-- One row. Grows with every import that changed something, so that running servers notice and read the directory again.
CREATE TABLE catalogue_version (
    one          BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    version      BIGINT NOT NULL
);
INSERT INTO catalogue_version (one, version) VALUES (1, 0);

-- The whole directory: lines, branches, licences, hours, devices and rooms, examinations, ages, buffers, alternating weeks, and the
-- slots that clinics' own systems publish.

CREATE TABLE metro_line (
    code        TEXT NOT NULL PRIMARY KEY,
    city        TEXT NOT NULL REFERENCES city (code),
    name_kk     TEXT NOT NULL,
    name_ru     TEXT NOT NULL,
    name_en     TEXT NOT NULL,
    colour      TEXT NOT NULL
);
ALTER TABLE metro ADD COLUMN lines TEXT NOT NULL DEFAULT '';

ALTER TABLE healthcare_service ADD COLUMN kind TEXT NOT NULL DEFAULT 'consultation' CHECK (kind IN ('consultation', 'examination'));
ALTER TABLE healthcare_service ADD COLUMN mode TEXT NOT NULL DEFAULT 'clinic' CHECK (mode IN ('clinic', 'home', 'online'));
ALTER TABLE healthcare_service ADD COLUMN preparation_kk TEXT NOT NULL DEFAULT '';
ALTER TABLE healthcare_service ADD COLUMN preparation_ru TEXT NOT NULL DEFAULT '';
ALTER TABLE healthcare_service ADD COLUMN preparation_en TEXT NOT NULL DEFAULT '';
ALTER TABLE healthcare_service ADD COLUMN words_kk TEXT NOT NULL DEFAULT '';
ALTER TABLE healthcare_service ADD COLUMN words_ru TEXT NOT NULL DEFAULT '';
ALTER TABLE healthcare_service ADD COLUMN words_en TEXT NOT NULL DEFAULT '';

ALTER TABLE organization ADD COLUMN part_of BLOB REFERENCES organization (id);
ALTER TABLE organization ADD COLUMN license_number TEXT;
ALTER TABLE organization ADD COLUMN license_issued_on TEXT;
ALTER TABLE organization ADD COLUMN license_issuer TEXT;
ALTER TABLE organization ADD COLUMN about_kk TEXT NOT NULL DEFAULT '';
ALTER TABLE organization ADD COLUMN about_ru TEXT NOT NULL DEFAULT '';
ALTER TABLE organization ADD COLUMN about_en TEXT NOT NULL DEFAULT '';
ALTER TABLE organization ADD COLUMN site TEXT NOT NULL DEFAULT '';

ALTER TABLE location ADD COLUMN name_kk TEXT NOT NULL DEFAULT '';
ALTER TABLE location ADD COLUMN name_ru TEXT NOT NULL DEFAULT '';
ALTER TABLE location ADD COLUMN name_en TEXT NOT NULL DEFAULT '';
ALTER TABLE location ADD COLUMN phone TEXT NOT NULL DEFAULT '';

CREATE TABLE location_hours (
    location     BLOB NOT NULL REFERENCES location (id),
    weekday      BIGINT NOT NULL CHECK (weekday BETWEEN 1 AND 7),
    from_minute  BIGINT NOT NULL CHECK (from_minute >= 0),
    to_minute    BIGINT NOT NULL CHECK (to_minute > from_minute AND to_minute <= 1440),
    PRIMARY KEY (location, weekday, from_minute)
);

-- A device or a room: claimed like a practitioner, under its own id.
CREATE TABLE resource (
    id           BLOB NOT NULL PRIMARY KEY,
    organization BLOB NOT NULL REFERENCES organization (id),
    location     BLOB NOT NULL REFERENCES location (id),
    kind         TEXT NOT NULL CHECK (kind IN ('device', 'room')),
    name_kk      TEXT NOT NULL,
    name_ru      TEXT NOT NULL,
    name_en      TEXT NOT NULL
);

ALTER TABLE practitioner ADD COLUMN category TEXT CHECK (category IN ('highest', 'first', 'second'));
ALTER TABLE practitioner ADD COLUMN degree TEXT CHECK (degree IN ('candidate', 'doctor', 'phd'));

-- Without a practitioner: a device, a room or a place alone.
-- SQLite cannot drop a NOT NULL: the table is made anew. What refers to its rows is checked at the commit, when they are back.
PRAGMA defer_foreign_keys = ON;
CREATE TABLE practitioner_role_before AS SELECT * FROM practitioner_role;
DROP TABLE practitioner_role;
CREATE TABLE practitioner_role (
    id             BLOB NOT NULL PRIMARY KEY,
    practitioner   BLOB REFERENCES practitioner (id),
    organization   BLOB NOT NULL REFERENCES organization (id),
    location       BLOB NOT NULL REFERENCES location (id),
    adults         BIGINT NOT NULL CHECK (adults IN (0, 1)),
    children       BIGINT NOT NULL CHECK (children IN (0, 1)),
    horizon_days   BIGINT NOT NULL CHECK (horizon_days BETWEEN 1 AND 366),
    notice_minutes BIGINT NOT NULL CHECK (notice_minutes BETWEEN 0 AND 10080),
    age_min_years  BIGINT CHECK (age_min_years BETWEEN 0 AND 130),
    age_max_years  BIGINT CHECK (age_max_years BETWEEN 0 AND 130),
    source         TEXT
);
INSERT INTO practitioner_role (id, practitioner, organization, location, adults, children, horizon_days, notice_minutes)
    SELECT id, practitioner, organization, location, adults, children, horizon_days, notice_minutes FROM practitioner_role_before;
DROP TABLE practitioner_role_before;
CREATE INDEX practitioner_role_practitioner ON practitioner_role (practitioner);

ALTER TABLE role_service ADD COLUMN before_minutes BIGINT NOT NULL DEFAULT 0 CHECK (before_minutes BETWEEN 0 AND 120 AND before_minutes % 5 = 0);
ALTER TABLE role_service ADD COLUMN after_minutes BIGINT NOT NULL DEFAULT 0 CHECK (after_minutes BETWEEN 0 AND 120 AND after_minutes % 5 = 0);
ALTER TABLE role_service ADD COLUMN device BLOB REFERENCES resource (id);
ALTER TABLE role_service ADD COLUMN room BLOB REFERENCES resource (id);
ALTER TABLE role_service ADD COLUMN with_practitioner BIGINT NOT NULL DEFAULT 1 CHECK (with_practitioner IN (0, 1));

-- A rule holds in the weeks whose number since Monday 1970-01-05, modulo `every_weeks`, is `week`.
CREATE TABLE schedule_rule_new (
    role         BLOB NOT NULL REFERENCES practitioner_role (id),
    weekday      BIGINT NOT NULL CHECK (weekday BETWEEN 1 AND 7),
    from_minute  BIGINT NOT NULL CHECK (from_minute >= 0 AND from_minute % 5 = 0),
    to_minute    BIGINT NOT NULL CHECK (to_minute > from_minute AND to_minute <= 1440 AND to_minute % 5 = 0),
    every_weeks  BIGINT NOT NULL DEFAULT 1 CHECK (every_weeks BETWEEN 1 AND 8),
    week         BIGINT NOT NULL DEFAULT 0 CHECK (week >= 0 AND week < every_weeks),
    PRIMARY KEY (role, weekday, from_minute, every_weeks, week)
);
INSERT INTO schedule_rule_new (role, weekday, from_minute, to_minute) SELECT role, weekday, from_minute, to_minute FROM schedule_rule;
DROP TABLE schedule_rule;
ALTER TABLE schedule_rule_new RENAME TO schedule_rule;

-- Times that a clinic's own system publishes, under that system's ids. Bookable when free, in the future and of capacity one.
CREATE TABLE slot (
    id           BLOB NOT NULL PRIMARY KEY,
    role         BLOB NOT NULL REFERENCES practitioner_role (id),
    source       TEXT NOT NULL,
    their_id     TEXT NOT NULL,
    starts_at    BIGINT NOT NULL,
    ends_at      BIGINT NOT NULL CHECK (ends_at > starts_at),
    free         BIGINT NOT NULL CHECK (free IN (0, 1)),
    capacity     BIGINT NOT NULL CHECK (capacity >= 0),
    deep_link    TEXT NOT NULL,
    phone        TEXT NOT NULL
);
CREATE INDEX slot_role ON slot (role, starts_at);
CREATE INDEX slot_ends ON slot (ends_at);

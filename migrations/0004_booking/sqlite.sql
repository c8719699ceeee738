-- Who has which time. The primary key of `claim` decides (I1).

CREATE TABLE claim (
    resource BLOB NOT NULL,
    cell BIGINT NOT NULL,
    lane BIGINT NOT NULL,
    owner BLOB NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (resource, cell, lane)
) WITHOUT ROWID;
CREATE INDEX claim_owner ON claim (owner);
CREATE INDEX claim_expires ON claim (expires_at);

CREATE TABLE hold (
    id BLOB NOT NULL PRIMARY KEY,
    role BLOB NOT NULL,
    service TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX hold_expires ON hold (expires_at);

-- No person stands here in clear (I5): `link` is sealed, `visit_tag` is a MAC under the person's key.
CREATE TABLE appointment (
    id BLOB NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL UNIQUE,
    role BLOB NOT NULL,
    service TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    zone TEXT NOT NULL,
    status TEXT NOT NULL,
    price_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    lang TEXT NOT NULL,
    moves BIGINT NOT NULL,
    link BLOB NOT NULL,
    visit_tag BLOB NOT NULL UNIQUE
) WITHOUT ROWID;
CREATE INDEX appointment_role ON appointment (role, starts_at);

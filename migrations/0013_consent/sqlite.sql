-- Consent: every text that was ever published, how each consent was given, and its withdrawal.

-- Append-only (I6). A text is named by its hash; `source` is the hash of what stands in the program's sources, before the operator's name and
-- address are filled in: under one version there is one source.
CREATE TABLE published_text (
    kind TEXT NOT NULL CHECK (kind IN ('consent', 'declaration', 'script')),
    document TEXT NOT NULL,
    purpose TEXT NOT NULL,
    version BIGINT NOT NULL,
    lang TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    source TEXT NOT NULL,
    text TEXT NOT NULL,
    published_at BIGINT NOT NULL,
    PRIMARY KEY (kind, document, version, lang, sha256)
) WITHOUT ROWID;
CREATE INDEX published_text_sha256 ON published_text (sha256);
CREATE TRIGGER published_text_keeps BEFORE UPDATE ON published_text BEGIN SELECT RAISE(ABORT, 'published texts are append-only'); END;
CREATE TRIGGER published_text_stays BEFORE DELETE ON published_text BEGIN SELECT RAISE(ABORT, 'published texts are append-only'); END;
CREATE TRIGGER published_text_once BEFORE INSERT ON published_text
WHEN EXISTS (SELECT 1 FROM published_text p WHERE p.kind = NEW.kind AND p.document = NEW.document AND p.version = NEW.version AND p.lang = NEW.lang AND p.sha256 = NEW.sha256)
BEGIN SELECT RAISE(ABORT, 'published texts are append-only'); END;

-- What an event is, and the evidence for it. The last check knows which evidence each method has: no more and no less.
ALTER TABLE consent_event ADD COLUMN turn TEXT NOT NULL DEFAULT 'given' CHECK (turn IN ('given', 'withdrawn'));
ALTER TABLE consent_event ADD COLUMN spoken_at BIGINT;
ALTER TABLE consent_event ADD COLUMN script_version BIGINT;
ALTER TABLE consent_event ADD COLUMN script_sha256 TEXT;
ALTER TABLE consent_event ADD COLUMN keypad TEXT;
ALTER TABLE consent_event ADD COLUMN sheet TEXT;
ALTER TABLE consent_event ADD COLUMN witness TEXT CHECK (
    (method IN ('web', 'partner') AND spoken_at IS NULL AND script_version IS NULL AND script_sha256 IS NULL AND keypad IS NULL AND sheet IS NULL AND witness IS NULL)
    OR (method = 'voice' AND spoken_at IS NOT NULL AND script_version IS NOT NULL AND script_sha256 IS NOT NULL AND sheet IS NULL AND (keypad IS NULL) <> (witness IS NULL))
    OR (method = 'paper' AND sheet IS NOT NULL AND witness IS NOT NULL AND spoken_at IS NULL AND script_version IS NULL AND script_sha256 IS NULL AND keypad IS NULL)
);
-- INSERT OR REPLACE fires no trigger of DELETE.
CREATE TRIGGER consent_event_once BEFORE INSERT ON consent_event WHEN EXISTS (SELECT 1 FROM consent_event e WHERE e.id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'consent events are append-only'); END;

-- Visits whose consent was withdrawn: they are untied by the profile's term, sooner than others.
CREATE TABLE withdrawn_visit (
    visit BLOB NOT NULL PRIMARY KEY,
    withdrawn_on BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX withdrawn_visit_on ON withdrawn_visit (withdrawn_on);

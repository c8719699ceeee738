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
);
CREATE INDEX published_text_sha256 ON published_text (sha256);
CREATE TRIGGER published_text_keeps BEFORE UPDATE ON published_text FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER published_text_stays BEFORE DELETE ON published_text FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER published_text_whole BEFORE TRUNCATE ON published_text FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What an event is, and the evidence for it. The last check knows which evidence each method has: no more and no less.
ALTER TABLE consent_event ADD COLUMN turn TEXT NOT NULL DEFAULT 'given' CHECK (turn IN ('given', 'withdrawn'));
ALTER TABLE consent_event ADD COLUMN spoken_at BIGINT;
ALTER TABLE consent_event ADD COLUMN script_version BIGINT;
ALTER TABLE consent_event ADD COLUMN script_sha256 TEXT;
ALTER TABLE consent_event ADD COLUMN keypad TEXT;
ALTER TABLE consent_event ADD COLUMN sheet TEXT;
ALTER TABLE consent_event ADD COLUMN witness TEXT;
ALTER TABLE consent_event ADD CONSTRAINT consent_event_evidence CHECK (
    (method IN ('web', 'partner') AND spoken_at IS NULL AND script_version IS NULL AND script_sha256 IS NULL AND keypad IS NULL AND sheet IS NULL AND witness IS NULL)
    OR (method = 'voice' AND spoken_at IS NOT NULL AND script_version IS NOT NULL AND script_sha256 IS NOT NULL AND sheet IS NULL AND (keypad IS NULL) <> (witness IS NULL))
    OR (method = 'paper' AND sheet IS NOT NULL AND witness IS NOT NULL AND spoken_at IS NULL AND script_version IS NULL AND script_sha256 IS NULL AND keypad IS NULL)
);

-- Visits whose consent was withdrawn: they are untied by the profile's term, sooner than others.
CREATE TABLE withdrawn_visit (
    visit BYTEA NOT NULL PRIMARY KEY,
    withdrawn_on BIGINT NOT NULL
);
CREATE INDEX withdrawn_visit_on ON withdrawn_visit (withdrawn_on);

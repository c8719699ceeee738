-- The desk's one list of work (FHIR Task): what somebody has to do about a visit by hand. It names a visit and nobody.
CREATE TABLE task (
    id BYTEA NOT NULL PRIMARY KEY,
    visit BYTEA NOT NULL,
    -- tell, find-time, ask-clinic, ask-person.
    reason TEXT NOT NULL,
    -- Of tell: what the person has to be told.
    turn TEXT NOT NULL,
    since_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    -- Who has it in hand, and until when nobody else may take it.
    owner BYTEA,
    leased_until BIGINT NOT NULL,
    -- Calls that nobody answered.
    tries BIGINT NOT NULL,
    -- Empty while it is open.
    outcome TEXT NOT NULL,
    closed_at BIGINT,
    closed_by BYTEA
);
-- One open item for each matter.
CREATE UNIQUE INDEX task_open ON task (visit) WHERE outcome = '';
CREATE INDEX task_due ON task (due_at, id) WHERE outcome = '';
CREATE INDEX task_visit ON task (visit);
CREATE INDEX task_closed ON task (closed_at) WHERE outcome <> '';

-- What the clinic has said of a visit (FHIR AppointmentResponse), and the other time that it has proposed. No person stands here.
CREATE TABLE appointment_response (
    visit BLOB NOT NULL PRIMARY KEY,
    -- FHIR's participation status: needs-action, accepted, tentative (another time is proposed), declined.
    clinic TEXT NOT NULL,
    -- Why it declined; empty otherwise.
    reason TEXT NOT NULL,
    -- Since when the clinic, or of a proposal the person, is asked.
    asked_at BIGINT NOT NULL,
    -- How often it has proposed another time: each is a message to the person.
    proposals BIGINT NOT NULL DEFAULT 0,
    -- The proposed time, and the hold that keeps it.
    proposed_at BIGINT,
    hold BLOB
) WITHOUT ROWID;
CREATE INDEX appointment_response_open ON appointment_response (asked_at) WHERE clinic IN ('needs-action', 'tentative');

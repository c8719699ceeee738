-- Time that a clinic has taken for itself (FHIR Slot.status): blocked, or for a visit that came another way. Its claims are in `claim`, by its id;
-- what a visit holds below a block falls to the block when the visit lets it go.
CREATE TABLE busy (
    id BYTEA NOT NULL PRIMARY KEY,
    -- The doctor in the clinic for whom it was written down.
    role BYTEA NOT NULL,
    -- Whose time it is: a practitioner, a device, a room.
    resource BYTEA NOT NULL,
    -- unavailable, elsewhere.
    reason TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    -- The cells, the last one not included.
    first_cell BIGINT NOT NULL,
    end_cell BIGINT NOT NULL,
    -- 1: put beside what stands there, after a second confirmation.
    overbooked BIGINT NOT NULL
);
CREATE INDEX busy_resource ON busy (resource, end_cell);
CREATE INDEX busy_ends ON busy (ends_at);

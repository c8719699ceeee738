-- The nightly check of the policy: one run for each day, taken by one replica; a run that died half-way is taken again.
CREATE TABLE control_run (
    day BIGINT NOT NULL PRIMARY KEY,
    begun_at BIGINT NOT NULL,
    done_at BIGINT NOT NULL
);

-- What it found: for each invariant how many things were not as they should be.
CREATE TABLE control_finding (
    day BIGINT NOT NULL,
    name TEXT NOT NULL,
    clause TEXT NOT NULL,
    found BIGINT NOT NULL,
    warning BIGINT NOT NULL,
    PRIMARY KEY (day, name)
);

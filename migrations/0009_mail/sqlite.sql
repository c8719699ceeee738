-- How a visit's person is reached, where that is not by SMS alone. No person stands here: the address itself is sealed in their row.
CREATE TABLE visit_contact (
    visit BLOB NOT NULL PRIMARY KEY,
    -- 1 when an e-mail was given with the booking.
    email BIGINT NOT NULL,
    -- 0 when the number is a landline.
    sms BIGINT NOT NULL
) WITHOUT ROWID;

-- Visits whose person could be told neither by SMS nor by e-mail and is to be called.
CREATE TABLE visit_to_call (
    visit BLOB NOT NULL PRIMARY KEY,
    -- What they were not told: booked, moved, cancelled.
    turn TEXT NOT NULL,
    since_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX visit_to_call_since ON visit_to_call (since_at);

-- How a clinic hears of visits. A clinic without a row is told by text message under the number that the directory has for it.
CREATE TABLE clinic_way (
    clinic BLOB NOT NULL PRIMARY KEY,
    -- An address of the clinic's; empty: none.
    mail TEXT NOT NULL,
    -- 1: text messages too.
    sms BIGINT NOT NULL,
    -- 0: its calendar here is the truth, and nobody asks it whether it expects somebody.
    answers BIGINT NOT NULL
);

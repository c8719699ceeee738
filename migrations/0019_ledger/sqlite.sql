-- What the operator asks of a clinic for a visit that took place: by class of service, from the settings, written at each start.
CREATE TABLE tariff (
    kind TEXT NOT NULL PRIMARY KEY,
    fee_minor BIGINT NOT NULL CHECK (fee_minor >= 0),
    currency TEXT NOT NULL
) WITHOUT ROWID;

-- One line for each visit that took place. It names nobody, no doctor and no specialty, and no instant finer than a month (I5). `number` is
-- the visit's printed number, null where the tie died before the line was written, or the person was erased.
CREATE TABLE ledger_line (
    id BLOB NOT NULL PRIMARY KEY,
    clinic BLOB NOT NULL,
    month TEXT NOT NULL,
    tariff TEXT NOT NULL,
    number BIGINT,
    fee_minor BIGINT NOT NULL CHECK (fee_minor >= 0),
    currency TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX ledger_line_month ON ledger_line (month, clinic);
CREATE INDEX ledger_line_number ON ledger_line (number);

-- 1 once the ledger is done with the visit, whether it has a line or not.
ALTER TABLE appointment ADD COLUMN settled BIGINT NOT NULL DEFAULT 0;
UPDATE appointment SET settled = 1 WHERE tied = 0;
CREATE INDEX appointment_unsettled ON appointment (ends_at) WHERE settled = 0;

-- Visits that are nobody's and still have the id and the number that papers and the log name them by: they get others when their time is over.
CREATE INDEX appointment_named ON appointment (ends_at) WHERE tied = 0 AND number > 0;

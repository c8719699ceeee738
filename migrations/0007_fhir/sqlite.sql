-- From which file of which feed a slot came: when that file is read whole again without it, the clinic has taken it back.

ALTER TABLE slot ADD COLUMN feed TEXT NOT NULL DEFAULT '';
ALTER TABLE slot ADD COLUMN file TEXT NOT NULL DEFAULT '';
CREATE INDEX slot_feed ON slot (feed, file, id);

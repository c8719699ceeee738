-- When the last code went out under a day's tag. The codes themselves no longer share a tag: what two rows of one phone had in common would
-- tie its visits to each other (I5).
ALTER TABLE code_count ADD COLUMN last_at BIGINT NOT NULL DEFAULT 0;
DROP INDEX phone_code_tag;

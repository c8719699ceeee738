-- The tree over the audit log (I6): leaves in the order in which they were sealed, signed heads, and how far bodies may be pruned.

-- A leaf's hash outlives the body of its entry.
CREATE TABLE audit_leaf (
    seq BIGINT NOT NULL PRIMARY KEY,
    entry BYTEA NOT NULL UNIQUE,
    hash BYTEA NOT NULL
);

-- Hashes of whole subtrees of 256 leaves and more, under their in-order numbers: a proof reads few rows.
CREATE TABLE audit_node (
    node BIGINT NOT NULL PRIMARY KEY,
    hash BYTEA NOT NULL
);

CREATE TABLE tree_head (
    size BIGINT NOT NULL PRIMARY KEY,
    root BYTEA NOT NULL,
    at BIGINT NOT NULL,
    key BYTEA NOT NULL,
    signature BYTEA NOT NULL
);

-- The bodies of entries before this place, and older than this instant, may go. Signed, so that nobody else says so.
CREATE TABLE audit_cut (
    seq BIGINT NOT NULL PRIMARY KEY,
    before_at BIGINT NOT NULL,
    at BIGINT NOT NULL,
    signature BYTEA NOT NULL
);

-- Work of which one process at a time is the holder.
CREATE TABLE lease (
    name TEXT NOT NULL PRIMARY KEY,
    holder BYTEA NOT NULL,
    until_at BIGINT NOT NULL
);

-- The entries about a visit, for its receipts.
CREATE INDEX audit_entry_object ON audit_entry (object) WHERE object IS NOT NULL;

-- An entry's body goes only once it is sealed and a cut has passed it.
CREATE FUNCTION refuse_early_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NOT EXISTS (SELECT 1 FROM audit_leaf l JOIN audit_cut c ON l.seq < c.seq WHERE l.entry = OLD.id AND OLD.at < c.before_at) THEN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
    END IF;
    RETURN OLD;
END $$;
DROP TRIGGER audit_entry_stays ON audit_entry;
CREATE TRIGGER audit_entry_stays BEFORE DELETE ON audit_entry FOR EACH ROW EXECUTE FUNCTION refuse_early_delete();
-- TRUNCATE takes rows away without asking the trigger of DELETE.
CREATE TRIGGER audit_entry_whole BEFORE TRUNCATE ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER consent_event_whole BEFORE TRUNCATE ON consent_event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER audit_leaf_keeps BEFORE UPDATE ON audit_leaf FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_leaf_stays BEFORE DELETE ON audit_leaf FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_leaf_whole BEFORE TRUNCATE ON audit_leaf FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER audit_node_keeps BEFORE UPDATE ON audit_node FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_node_stays BEFORE DELETE ON audit_node FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_node_whole BEFORE TRUNCATE ON audit_node FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER tree_head_keeps BEFORE UPDATE ON tree_head FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tree_head_stays BEFORE DELETE ON tree_head FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER tree_head_whole BEFORE TRUNCATE ON tree_head FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TRIGGER audit_cut_keeps BEFORE UPDATE ON audit_cut FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_cut_stays BEFORE DELETE ON audit_cut FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_cut_whole BEFORE TRUNCATE ON audit_cut FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

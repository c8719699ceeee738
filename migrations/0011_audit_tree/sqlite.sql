-- The tree over the audit log (I6): leaves in the order in which they were sealed, signed heads, and how far bodies may be pruned.

-- A leaf's hash outlives the body of its entry.
CREATE TABLE audit_leaf (
    seq BIGINT NOT NULL PRIMARY KEY,
    entry BLOB NOT NULL UNIQUE,
    hash BLOB NOT NULL
) WITHOUT ROWID;

-- Hashes of whole subtrees of 256 leaves and more, under their in-order numbers: a proof reads few rows.
CREATE TABLE audit_node (
    node BIGINT NOT NULL PRIMARY KEY,
    hash BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE tree_head (
    size BIGINT NOT NULL PRIMARY KEY,
    root BLOB NOT NULL,
    at BIGINT NOT NULL,
    key BLOB NOT NULL,
    signature BLOB NOT NULL
) WITHOUT ROWID;

-- The bodies of entries before this place, and older than this instant, may go. Signed, so that nobody else says so.
CREATE TABLE audit_cut (
    seq BIGINT NOT NULL PRIMARY KEY,
    before_at BIGINT NOT NULL,
    at BIGINT NOT NULL,
    signature BLOB NOT NULL
) WITHOUT ROWID;

-- Work of which one process at a time is the holder.
CREATE TABLE lease (
    name TEXT NOT NULL PRIMARY KEY,
    holder BLOB NOT NULL,
    until_at BIGINT NOT NULL
) WITHOUT ROWID;

-- The entries about a visit, for its receipts.
CREATE INDEX audit_entry_object ON audit_entry (object) WHERE object IS NOT NULL;

-- An entry's body goes only once it is sealed and a cut has passed it.
DROP TRIGGER audit_entry_stays;
CREATE TRIGGER audit_entry_stays BEFORE DELETE ON audit_entry
WHEN NOT EXISTS (SELECT 1 FROM audit_leaf l JOIN audit_cut c ON l.seq < c.seq WHERE l.entry = OLD.id AND OLD.at < c.before_at)
BEGIN SELECT RAISE(ABORT, 'audit entries are append-only'); END;
-- INSERT OR REPLACE takes the old row away without asking the trigger of DELETE.
CREATE TRIGGER audit_entry_once BEFORE INSERT ON audit_entry WHEN EXISTS (SELECT 1 FROM audit_entry WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'audit entries are append-only'); END;

CREATE TRIGGER audit_leaf_keeps BEFORE UPDATE ON audit_leaf BEGIN SELECT RAISE(ABORT, 'leaves are append-only'); END;
CREATE TRIGGER audit_leaf_stays BEFORE DELETE ON audit_leaf BEGIN SELECT RAISE(ABORT, 'leaves are append-only'); END;
CREATE TRIGGER audit_leaf_once BEFORE INSERT ON audit_leaf WHEN EXISTS (SELECT 1 FROM audit_leaf WHERE seq = NEW.seq OR entry = NEW.entry)
BEGIN SELECT RAISE(ABORT, 'leaves are append-only'); END;

CREATE TRIGGER audit_node_keeps BEFORE UPDATE ON audit_node BEGIN SELECT RAISE(ABORT, 'nodes are append-only'); END;
CREATE TRIGGER audit_node_stays BEFORE DELETE ON audit_node BEGIN SELECT RAISE(ABORT, 'nodes are append-only'); END;
CREATE TRIGGER audit_node_once BEFORE INSERT ON audit_node WHEN EXISTS (SELECT 1 FROM audit_node WHERE node = NEW.node)
BEGIN SELECT RAISE(ABORT, 'nodes are append-only'); END;

CREATE TRIGGER tree_head_keeps BEFORE UPDATE ON tree_head BEGIN SELECT RAISE(ABORT, 'heads are append-only'); END;
CREATE TRIGGER tree_head_stays BEFORE DELETE ON tree_head BEGIN SELECT RAISE(ABORT, 'heads are append-only'); END;
CREATE TRIGGER tree_head_once BEFORE INSERT ON tree_head WHEN EXISTS (SELECT 1 FROM tree_head WHERE size = NEW.size)
BEGIN SELECT RAISE(ABORT, 'heads are append-only'); END;

CREATE TRIGGER audit_cut_keeps BEFORE UPDATE ON audit_cut BEGIN SELECT RAISE(ABORT, 'cuts are append-only'); END;
CREATE TRIGGER audit_cut_stays BEFORE DELETE ON audit_cut BEGIN SELECT RAISE(ABORT, 'cuts are append-only'); END;
CREATE TRIGGER audit_cut_once BEFORE INSERT ON audit_cut WHEN EXISTS (SELECT 1 FROM audit_cut WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'cuts are append-only'); END;

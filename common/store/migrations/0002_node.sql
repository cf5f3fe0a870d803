-- Migration 2: the node's own tables. Nothing here is replicated; nothing here is in a snapshot but the journal and what is
-- known of its authors. HLCs are the signed numbers of the same 64 bits.

-- Every transaction that this node knows, in the order in which it came to know them. See JOURNAL.md.
CREATE TABLE journal (
  pos INTEGER PRIMARY KEY,      -- 1, 2, ... without gaps
  node INTEGER NOT NULL,        -- author
  seq INTEGER NOT NULL,         -- the author's running number. No index on (node, seq): it would dirty one more page a commit
  hlc INTEGER NOT NULL,         -- stamp
  via INTEGER NOT NULL,         -- neighbour it came from; 0: written here
  hash BLOB NOT NULL,           -- the author's chain up to here
  body BLOB NOT NULL            -- what happened
) STRICT;

-- How far each author's chain is known: exact for entries up to replica.head; what is newer is found by reading the journal on.
CREATE TABLE author (
  node INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL,         -- newest entry
  hlc INTEGER NOT NULL,
  hash BLOB NOT NULL,
  signed_seq INTEGER NOT NULL,  -- newest entry that `signature` covers; 0: none
  signature BLOB                -- Ed25519
) STRICT;

-- What each author had seen of the others with its newest entry, likewise.
CREATE TABLE seen (
  author INTEGER NOT NULL,
  node INTEGER NOT NULL,        -- of whom
  hlc INTEGER NOT NULL,         -- the newest entry it knew
  PRIMARY KEY (author, node)
) STRICT, WITHOUT ROWID;

-- One row.
CREATE TABLE replica (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  head INTEGER NOT NULL,        -- the journal's pos that `author` and `seen` are exact for
  generation INTEGER NOT NULL   -- grows when entries were replaced
) STRICT;
INSERT INTO replica VALUES (1, 0, 0);

-- Rows that were deleted: the newest stamp of a DELETE. What is older never brings the row back.
CREATE TABLE tombstone (
  table_id INTEGER NOT NULL,
  id BLOB NOT NULL,
  hlc INTEGER NOT NULL,
  node INTEGER NOT NULL,
  PRIMARY KEY (table_id, id)
) STRICT, WITHOUT ROWID;

-- Settings of this node.
CREATE TABLE local (
  key TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

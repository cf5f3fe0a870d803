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

-- Settings of this node.
CREATE TABLE local (
  key TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Browsers that staff are signed in with.
CREATE TABLE session (
  token_hash BLOB PRIMARY KEY,  -- of the cookie's secret
  staff BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL      -- last request
) STRICT, WITHOUT ROWID;

-- Signatures of authors, by the journal's pos of the newest entry that each covers: one for every batch that came.
CREATE TABLE signature (
  pos INTEGER PRIMARY KEY,
  signature BLOB NOT NULL       -- Ed25519 of head_signed_bytes
) STRICT;

-- Keys that were pinned when the first entry of an author was accepted.
CREATE TABLE author_key (
  node INTEGER PRIMARY KEY,
  public_key BLOB NOT NULL      -- Ed25519
) STRICT;

-- Rows with a deletion above their newest insert, and rows that were edited and never inserted. See JOURNAL.md.
CREATE TABLE shadow (
  table_id INTEGER NOT NULL,
  id BLOB NOT NULL,
  hlc INTEGER NOT NULL,         -- the newest deletion; 0: none
  node INTEGER NOT NULL,
  state BLOB,                   -- versions and values, where edits go on to be merged; NULL while the row is in its table
  PRIMARY KEY (table_id, id)
) STRICT, WITHOUT ROWID;

-- Open edits that lost. See JOURNAL.md.
CREATE TABLE overwrite (
  table_id INTEGER NOT NULL,
  id BLOB NOT NULL,
  column_group INTEGER NOT NULL,
  hlc INTEGER NOT NULL,         -- of the edit that lost
  node INTEGER NOT NULL,
  edit BLOB NOT NULL,           -- columns as varint, then their values, as in a body
  reviewed_at INTEGER,          -- when staff looked at it, here; NULL: not yet
  PRIMARY KEY (table_id, id, column_group, hlc, node)
) STRICT, WITHOUT ROWID;

-- Tables and columns of newer programs that occurred in the journal. They are rebuilt from it once a migration brings them.
CREATE TABLE unknown_change (
  table_id INTEGER NOT NULL,
  column_id INTEGER NOT NULL,   -- 0: the whole table
  PRIMARY KEY (table_id, column_id)
) STRICT, WITHOUT ROWID;

-- Rows that the whole of a scope has told so far, while it is under way (common/store/scope.h).
CREATE TABLE scope_mark (
  table_id INTEGER NOT NULL,
  id BLOB NOT NULL,
  PRIMARY KEY (table_id, id)
) STRICT, WITHOUT ROWID;

-- Rows that were told to leave the scope and are still here: something that was not sent yet needs them.
CREATE TABLE scope_left (
  table_id INTEGER NOT NULL,
  id BLOB NOT NULL,
  PRIMARY KEY (table_id, id)
) STRICT, WITHOUT ROWID;

-- Entries of this node that its upstream has refused: no longer in the journal, kept for people to look at.
CREATE TABLE set_aside (
  hlc INTEGER PRIMARY KEY,      -- its stamp
  seq INTEGER NOT NULL,         -- the number that it had
  at INTEGER NOT NULL,          -- when it was set aside
  reason TEXT NOT NULL,         -- the upstream's words
  sealed BLOB NOT NULL          -- its body, sealed with the node's key
) STRICT;

-- Bytes of attachments, by what they are.
CREATE TABLE blob (
  hash BLOB NOT NULL PRIMARY KEY, -- BLAKE2b-256
  bytes BLOB NOT NULL
) STRICT;

-- Attachments of which a part has come, in pieces.
CREATE TABLE blob_part (
  hash BLOB NOT NULL,
  start INTEGER NOT NULL,       -- offset of the piece
  bytes BLOB NOT NULL,
  PRIMARY KEY (hash, start)
) STRICT;

-- What a person has typed and not sent yet, sealed with the node's key.
CREATE TABLE draft (
  owner BLOB NOT NULL,          -- client or visit
  kind TEXT NOT NULL,
  saved_at INTEGER NOT NULL,
  sealed BLOB NOT NULL,
  PRIMARY KEY (owner, kind)
) STRICT, WITHOUT ROWID;

-- Downstream devices that this node has enrolled, and what they may say to prove it.
CREATE TABLE device (
  node INTEGER PRIMARY KEY,
  token_hash BLOB NOT NULL,     -- BLAKE2b-256 of the token that it sends with every request
  enrolled_at INTEGER NOT NULL,
  code_hash BLOB NOT NULL,      -- the enrolment code that it came with: the same device may ask again when the answer was lost
  seen_at INTEGER NOT NULL,     -- last exchange
  pulled_pos INTEGER NOT NULL,  -- how far it says that it has this node's journal
  epoch TEXT NOT NULL           -- of this node, as the device knows it
) STRICT;

-- Invitations: one-time codes for new devices.
CREATE TABLE enrolment_code (
  code_hash BLOB NOT NULL PRIMARY KEY, -- BLAKE2b-256 of the secret part
  name TEXT NOT NULL,           -- what the device will be called
  kind TEXT NOT NULL,           -- office, lobby
  scope TEXT NOT NULL,          -- practice, site, lobby
  site BLOB,                    -- where it will stand
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  node INTEGER                  -- who used it; NULL while it is unused
) STRICT, WITHOUT ROWID;

-- What this node has given away of the calendars that it rules on (common/practice/booking_slot.c): a key of a calendar, cell and
-- lane can be given once, so that the insert is the check. Made from the rulings, and made anew whenever it does not match them.
CREATE TABLE slot (
  calendar BLOB NOT NULL,       -- provider or resource; an allotment, at the node that has it; for seats, made from one of these and the session
  cell INTEGER NOT NULL,        -- 5 minutes, counted from 1970 UTC; 0 for seats
  lane INTEGER NOT NULL,        -- or seat
  owner BLOB NOT NULL,          -- appointment, session or allotment
  PRIMARY KEY (calendar, cell, lane)
) STRICT, WITHOUT ROWID;
CREATE INDEX slot_owner ON slot (owner, calendar);

-- Up to which ruling of which lease `slot` has a calendar.
CREATE TABLE slot_calendar (
  calendar BLOB NOT NULL PRIMARY KEY,
  lease BLOB NOT NULL,
  number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

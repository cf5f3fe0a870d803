-- Migration 3: the words that clients are found by. The node's own, made from the clients and brought up to date from the
-- journal by common/practice/client_index.c; it may lag behind, or hold words of a client who is gone.

CREATE TABLE client_words (
  number INTEGER PRIMARY KEY,   -- stands for the client in client_word
  client BLOB NOT NULL UNIQUE,
  words TEXT NOT NULL           -- all of them, folded, a space between
) STRICT;

CREATE TABLE client_word (
  word TEXT NOT NULL,
  number INTEGER NOT NULL,
  PRIMARY KEY (word, number)
) STRICT, WITHOUT ROWID;

/* The index of words that clients are found by: a table of the node's own, read off the clients once and off the journal from then on, so that changes
 * by any process, and from other nodes, are in it. For client_search.c alone. */
#pragma once

#include "common/base/arena.h"
#include "common/store/store.h"

enum { CLIENT_WORDS_MAX = 48 };

typedef struct ClientWords { /* folded, without doubles */
  Str words[CLIENT_WORDS_MAX];
  size_t count;
} ClientWords;

/* client_index_update: bring it up to date, some thousand clients a transaction. Outside any transaction. */
MUST_CHECK Err client_index_update(Store *store);
/* client_index_add: the words of a text, folded. client_index_add_phone: a number whole, its last seven and last four digits. */
void client_index_add(ClientWords *words, Arena *arena, Str text);
void client_index_add_phone(ClientWords *words, Arena *arena, Str phone);

/* client_index_forget: a client who is no longer here: their words too. Inside a transaction. */
MUST_CHECK Err client_index_forget(Store *store, Uuid client);

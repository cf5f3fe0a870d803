/* Push and pull, without HTTP: what a node answers to a device below it. */
#pragma once

#include "sync/protocol/message.h"

typedef struct Peer { /* the device that asks; authenticated */
  NodeId node;
  const char *epoch; /* of our journal, as it last agreed to */
} Peer;

enum { PULL_WAIT_MAX_MS = 55000, PULL_BYTES_MAX = 1 << 20, PULL_ENTRIES_MAX = 1 << 14 };

/* push_answer: take a MESSAGE_PUSH; *out is the MESSAGE_PUSH_ANSWER. Its `err` is what the peer is told; an error of the call
 * itself is for the log alone. Texts of *out live in the arena. */
void push_answer(Store *store, Arena *arena, const Peer *peer, Message *in, Message *out);
/* pull_answer: *out is the MESSAGE_PULL_ANSWER, with `last` the final word. When there is nothing to tell and the peer would
 * wait, *park_ms is set instead (> 0): ask again when the head is past *park_head. */
void pull_answer(Store *store, Arena *arena, const Peer *peer, const Message *in, bool last, Message *out,
                 int64_t *park_head, int *park_ms);

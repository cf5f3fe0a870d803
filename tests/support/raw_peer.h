/* Raw requests to a node, as someone without our program would send them. */
#pragma once

#include "sync/http/client.h"
#include "sync/protocol/message.h"
#include "tests/support/nodes.h"

typedef struct RawPeer {
  Arena arena;
  HttpClient *client;
  const char *token; /* what is said to be ours; NULL: nothing */
} RawPeer;

/* raw_to: with the token of `as`; NULL: as a stranger. */
RawPeer raw_to(TestNode *server, TestNode *as);
void raw_peer_fini(RawPeer *raw);
HttpAnswer raw_post(RawPeer *raw, const char *path, Str body);
HttpAnswer raw_call(RawPeer *raw, const char *method, const char *path, Str body);
/* raw_push: what is answered to this batch. */
Err raw_push(RawPeer *raw, JournalBatch batch);

/* Message: what push and pull say, as frames (sync/PROTOCOL.md). Pure functions over memory. */
#pragma once

#include "common/store/journal.h"
#include "common/store/scope.h"
#include "sync/protocol/frame.h"

typedef enum MessageKind {
  MESSAGE_PUSH = 1,
  MESSAGE_PUSH_ANSWER = 2,
  MESSAGE_PULL = 3,
  MESSAGE_PULL_ANSWER = 4,
} MessageKind;

typedef enum Scope { SCOPE_PRACTICE = 0, SCOPE_SITE = 1, SCOPE_LOBBY = 2 } Scope;

enum {
  MESSAGE_RECOVER = 1, /* push: these were offered before, to a journal that has lost them */
  MESSAGE_MORE = 2,    /* pull answer: ask again at once */
  MESSAGE_AS_IS = 4,   /* push: stamps are ahead that others have seen: they stay */
};

enum { EPOCH_MAX = 64, DETAIL_MAX = 256, KNOWN_MAX = 1 << 16 };

typedef struct Known { /* how far an author's chain is known */
  NodeId node;
  uint64_t seq;
} Known;

typedef struct Message {
  MessageKind kind;
  uint32_t flags;
  Str epoch;           /* of the upstream's journal; as the node knows it in a request */
  Instant time;        /* answers: the upstream's */
  int64_t cursor;      /* pull: position in the upstream's journal after which to go on; answer: the next one */
  int64_t wait_ms;     /* pull: how long the upstream may wait for something to tell */
  int64_t max_bytes;   /* pull: of bodies, about */
  Scope scope;         /* pull */
  int64_t frame_max;   /* pull: a larger answer is to be kept as a parcel; 0: none is too large */
  Hash parcel;         /* answer: the real one is a frame of this hash ... */
  int64_t parcel_size; /* ... and so many bytes, to be fetched in pieces; 0: this is the answer */
  Err err;             /* answers */
  Str detail;          /* answers: technical */
  Known *known;        /* pull: what the node has (skip it); answers to GAP and EPOCH: what the upstream has */
  size_t known_count;
  bool has_known;     /* an empty list differs from none */
  Str place;          /* pull of a scope, and its answer: where to go on, opaque to the device */
  ScopePart *part;    /* answer to a pull of a scope; NULL: none. Its own place is not filled in by decoding */
  uint64_t refused;   /* push answer: the first entry of the device's own that is refused for good; 0: none */
  JournalBatch batch; /* push, pull answer. After decoding: hashes of entries are zero, pos 0, via 0 */
} Message;

/* message_encode: the frame. ERR_TOO_LARGE. message_decode: views into `wire` and the arena.
 * errors  ERR_CORRUPT, ERR_UNSUPPORTED, ERR_TOO_LARGE. Safe on any bytes: memory stays within a small multiple of
 *         FRAME_EXPANDED_MAX. The bodies are not looked at. */
MUST_CHECK Err message_encode(Arena *arena, const Message *message, Str *wire);
MUST_CHECK Err message_decode(Arena *arena, Str wire, Message *out);

/* What an error is called on the wire; errors that a peer cannot do anything with are ERR_IO. */
int wire_error(Err err);
Err wire_error_back(int64_t number); /* unknown: ERR_PEER */

/* What the hub's files share. Not for others. */
#pragma once

#include <pthread.h>

#include "common/base/buf.h"
#include "common/base/crypto.h"
#include "sync/hub/hub.h"

typedef struct HubSnapshot {
  char id[HASH_HEX_LEN + 1]; /* "": none. Hash of the file as it is sent */
  char *path;
  int64_t size_bytes, expanded_bytes;
  int64_t head; /* pull cursor that follows it */
  int64_t made_ms, used_ms;
  bool making;
} HubSnapshot;

typedef struct HubSeen { /* a device's last exchange, written to the file now and then */
  NodeId node;
  int64_t written_ms;
} HubSeen;

typedef struct HubParcel { /* a device's frames in pieces */
  NodeId node;
  Hash up_name, down_name;
  Buf up, down;
} HubParcel;

struct Hub {
  Arena arena;
  const Env *env;
  const char *folder;
  uint8_t token_key[HASH_SIZE]; /* what tokens are recognized by */
  const Follow *follow;         /* NULL: the journal is here */
  pthread_mutex_t lock;         /* guards all below */
  HubSnapshot snapshot;
  HubSeen *seen;
  size_t seen_count, seen_capacity;
  HubParcel *parcels;
  size_t parcel_count, parcel_capacity, parcel_bytes;
  int enrol_failures;
  int64_t enrol_window_ms; /* when they began to be counted */
};

/* Device: who asks. */
typedef struct Device {
  NodeId node;
  const char *epoch; /* of our journal, as it last agreed to */
  int64_t pulled_pos;
} Device;

enum { TOKEN_SIZE = 4 + 16 + 16 };

/* device.c */
void device_token_key(Store *store, uint8_t out[HASH_SIZE]);
/* device_token_new: for `node`; the text goes to the device, the hash is kept. */
const char *device_token_new(const Hub *hub, Arena *arena, NodeId node, Hash *hash);
/* device_guard: HttpGuard: does the request carry a token that we made? */
bool device_guard(HttpRequest *request, void *context);
/* device_of: the device that asks. ERR_DENIED no or an unknown token; ERR_REVOKED. */
MUST_CHECK Err device_of(Hub *hub, HttpRequest *request, Device *out);
/* device_whole: may it hold everything? ERR_DENIED for one that may hold a part only. */
MUST_CHECK Err device_whole(Store *store, const Device *device);
/* device_seen: keep when it was here, how far it pulled, and the epoch that it agreed to. Writes rarely. */
MUST_CHECK Err device_seen(Hub *hub, Store *store, const Device *device, int64_t pulled_pos, Str epoch);

/* Handlers: `context` is the Hub. */
HttpHandler hub_handle_push, hub_handle_pull;                                  /* exchange.c */
HttpHandler hub_handle_snapshot, hub_handle_snapshot_piece;                    /* snapshot.c */
HttpHandler hub_handle_blob_get, hub_handle_blob_put, hub_handle_blobs_wanted; /* attachment.c */
HttpHandler hub_handle_ca, hub_handle_enrol, hub_handle_certificate;           /* accept.c */
HttpHandler hub_handle_parcel_put, hub_handle_parcel_get;                      /* parcel.c */
/* hub_parcel_keep: a frame for the device to fetch in pieces. hub_parcel_take: what it has sent in pieces; gone from here then.
 * ERR_NOT_FOUND, ERR_CORRUPT. */
MUST_CHECK Err hub_parcel_keep(Hub *hub, NodeId node, Str wire, Hash *name);
MUST_CHECK Err hub_parcel_take(Hub *hub, NodeId node, Str name, Arena *arena, Str *wire);
void hub_parcels_forget(Hub *hub);
void hub_snapshot_forget(Hub *hub); /* snapshot.c; caller holds the lock */

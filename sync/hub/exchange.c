/* Push and pull as HTTPS requests; the hub itself. */
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/log.h"
#include "sync/hub/push.h"
#include "sync/hub/state.h"
#include "sync/settings.h"

enum { SMALL_BODY = 64 << 10, PIECE_BODY = 1 << 20, SNAPSHOT_UNUSED_MS = 2 * 3600 * 1000 };

static const char FRAME_TYPE[] = "application/x-foyer-frame";

/* encode: the answer, or, when the device's line is too bad for it, the name of a parcel that it can fetch in pieces. */
static Err encode(Hub *hub, HttpRequest *request, const Device *device, const Message *message, int64_t frame_max,
                  Str *wire)
{
  TRY(message_encode(request->arena, message, wire));
  if (frame_max <= 0 || (int64_t)wire->len <= frame_max) return ERR_OK;
  Message kept = {.kind = message->kind, .time = message->time, .epoch = message->epoch, .cursor = message->cursor};
  TRY(hub_parcel_keep(hub, device->node, *wire, &kept.parcel));
  kept.parcel_size = (int64_t)wire->len;
  return message_encode(request->arena, &kept, wire);
}

static void send_message(Hub *hub, HttpRequest *request, HttpResponse *response, const Device *device,
                         const Message *message, int64_t frame_max)
{
  Str wire;
  Err err = encode(hub, request, device, message, frame_max, &wire);
  if (err != ERR_OK) {
    log_err("hub.answer", err);
    http_error(request, response, err);
    return;
  }
  response->content_type = FRAME_TYPE;
  response->body = wire;
}

/* open_request: whose it is and what it says; answered when there is something wrong. */
static bool open_request(Hub *hub, HttpRequest *request, HttpResponse *response, Device *device, Message *in)
{
  Err err = device_of(hub, request, device);
  Str parcel = http_query(request, "parcel"), body = request->body;
  if (err == ERR_OK && parcel.len > 0) err = hub_parcel_take(hub, device->node, parcel, request->arena, &body);
  if (err == ERR_OK) err = message_decode(request->arena, body, in);
  if (err == ERR_OK) return true;
  log_err("hub.refused", err);
  http_error(request, response, err);
  return false;
}

void hub_handle_push(HttpRequest *request, HttpResponse *response, void *context)
{
  Hub *hub = context;
  Device device;
  Message in, out;
  if (!open_request(hub, request, response, &device, &in)) return;
  Peer peer = {device.node, device.epoch};
  push_answer(request->store, request->arena, &peer, &in, &out);
  char node[NODE_TEXT_LEN + 1];
  node_text(device.node, node);
  if (out.err == ERR_OK)
    log_event(LOG_DEBUG, "hub.push", "node=%s entries=%zu bytes=%zu", node, in.batch.count, request->body.len);
  else
    log_event(LOG_WARN, "hub.push", "node=%s entries=%zu error=%s detail=%s", node, in.batch.count, err_name(out.err),
              err_detail());
  send_message(hub, request, response, &device, &out, 0);
}

void hub_handle_pull(HttpRequest *request, HttpResponse *response, void *context)
{
  Hub *hub = context;
  Device device;
  Message in, out;
  if (!open_request(hub, request, response, &device, &in)) return;
  Peer peer = {device.node, device.epoch};
  in.wait_ms -= request->waited_ms;
  pull_answer(request->store, request->arena, &peer, &in, request->timed_out, &out, &response->park_head,
              &response->park_ms);
  if (response->park_ms > 0) return;
  if (out.err == ERR_OK && !in.has_known) {
    Err err = device_seen(hub, request->store, &device, in.cursor, out.epoch);
    if (err != ERR_OK) log_err("hub.seen", err); /* of use to people only */
  }
  if (out.err != ERR_OK) log_event(LOG_WARN, "hub.pull", "error=%s detail=%s", err_name(out.err), err_detail());
  send_message(hub, request, response, &device, &out, in.frame_max);
}

/* empty_folder: what a process that was killed has left behind. */
static void empty_folder(const char *path)
{
  DIR *dir = opendir(path);
  if (!dir) return;
  for (struct dirent *entry; (entry = readdir(dir));)
    if (entry->d_name[0] != '.') unlinkat(dirfd(dir), entry->d_name, 0);
  closedir(dir);
}

Err hub_open(Store *store, Hub **out)
{
  Hub *hub = calloc(1, sizeof *hub);
  if (!hub) return err_because(ERR_NO_SPACE, "memory for the hub");
  hub->arena = arena_make(0);
  hub->env = store_env(store);
  hub->folder = arena_cstr(&hub->arena, str_c(store_folder(store)));
  device_token_key(store, hub->token_key);
  pthread_mutex_init(&hub->lock, NULL);
  empty_folder(arena_printf(&hub->arena, "%s/snapshots", hub->folder));
  *out = hub;
  return ERR_OK;
}

void hub_follow(Hub *hub, const Follow *follow)
{
  hub->follow = follow;
}

void hub_routes(HttpServer *server, Hub *hub)
{
  http_route(server, "POST", "/sync/v1/push", FRAME_WIRE_MAX, hub_handle_push, hub);
  http_guard(server, device_guard, hub);
  http_route(server, "POST", "/sync/v1/pull", FRAME_WIRE_MAX, hub_handle_pull, hub);
  http_guard(server, device_guard, hub);
  http_route(server, "PUT", "/sync/v1/parcel/:hash", PIECE_BODY, hub_handle_parcel_put, hub);
  http_guard(server, device_guard, hub);
  http_route(server, "GET", "/sync/v1/parcel/:hash", 0, hub_handle_parcel_get, hub);
  http_route(server, "POST", "/sync/v1/snapshot", 0, hub_handle_snapshot, hub);
  http_route(server, "GET", "/sync/v1/snapshot/:id", 0, hub_handle_snapshot_piece, hub);
  http_route(server, "GET", "/sync/v1/blob/:hash", 0, hub_handle_blob_get, hub);
  http_route(server, "PUT", "/sync/v1/blob/:hash", PIECE_BODY, hub_handle_blob_put, hub);
  http_guard(server, device_guard, hub);
  http_route(server, "POST", "/sync/v1/blobs/wanted", 0, hub_handle_blobs_wanted, hub);
  http_route(server, "GET", "/sync/v1/ca", 0, hub_handle_ca, hub);
  http_route(server, "POST", "/sync/v1/enrol", SMALL_BODY, hub_handle_enrol, hub);
  http_route(server, "POST", "/sync/v1/certificate", SMALL_BODY, hub_handle_certificate, hub);
}

void hub_tick(Hub *hub)
{
  int64_t now = env_monotonic_ms(hub->env);
  pthread_mutex_lock(&hub->lock);
  if (*hub->snapshot.id && !hub->snapshot.making && now - hub->snapshot.used_ms > SNAPSHOT_UNUSED_MS)
    hub_snapshot_forget(hub);
  pthread_mutex_unlock(&hub->lock);
}

void hub_close(Hub *hub)
{
  if (!hub) return;
  hub_snapshot_forget(hub);
  hub_parcels_forget(hub);
  pthread_mutex_destroy(&hub->lock);
  crypto_wipe(hub->token_key, sizeof hub->token_key);
  arena_fini(&hub->arena);
  free(hub);
}

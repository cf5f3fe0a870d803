/* Parcels: frames too large for a line that breaks all the time, sent and fetched in pieces. One each way and device, in memory:
 * what is lost with the process is sent again.
 */
#include "common/base/log.h"
#include "sync/hub/range.h"
#include "sync/hub/state.h"
#include "sync/protocol/frame.h"

enum { PIECE_MAX = 1 << 20, TOTAL_MAX = 256 << 20 };

static HubParcel *slot_of(Hub *hub, NodeId node)
{
  for (size_t i = 0; i < hub->parcel_count; i++)
    if (hub->parcels[i].node == node) return &hub->parcels[i];
  hub->parcels =
      arena_grow_array(&hub->arena, hub->parcels, hub->parcel_count, &hub->parcel_capacity, sizeof *hub->parcels);
  HubParcel *slot = &hub->parcels[hub->parcel_count++];
  *slot = (HubParcel){.node = node, .up = buf_make(FRAME_WIRE_MAX), .down = buf_make(FRAME_WIRE_MAX)};
  return slot;
}

void hub_parcels_forget(Hub *hub)
{
  for (size_t i = 0; i < hub->parcel_count; i++) {
    buf_fini(&hub->parcels[i].up);
    buf_fini(&hub->parcels[i].down);
  }
  hub->parcel_bytes = 0;
}

/* forget_one: what one buffer holds, from the total too. */
static void forget_one(Hub *hub, Buf *buf)
{
  hub->parcel_bytes -= buf->len;
  buf_fini(buf);
}

static Err append(Hub *hub, Buf *buf, Str bytes)
{
  if (bytes.len > TOTAL_MAX - hub->parcel_bytes) return err_because(ERR_BUSY, "too many parcels are under way");
  size_t before = buf->len;
  buf_str(buf, bytes);
  hub->parcel_bytes += buf->len - before;
  return buf->err;
}

Err hub_parcel_keep(Hub *hub, NodeId node, Str wire, Hash *name)
{
  *name = hash_bytes(wire.ptr, wire.len);
  pthread_mutex_lock(&hub->lock);
  HubParcel *slot = slot_of(hub, node);
  forget_one(hub, &slot->down);
  slot->down_name = *name;
  Err err = append(hub, &slot->down, wire);
  pthread_mutex_unlock(&hub->lock);
  return err;
}

Err hub_parcel_take(Hub *hub, NodeId node, Str name, Arena *arena, Str *wire)
{
  Hash hash;
  bool found = false;
  if (!hash_parse_hex(name, &hash)) return err_because(ERR_INVALID, "not a hash");
  pthread_mutex_lock(&hub->lock);
  HubParcel *slot = slot_of(hub, node);
  found = hash_eq(slot->up_name, hash) && slot->up.len > 0;
  if (found) {
    *wire = arena_strdup(arena, buf_view(&slot->up));
    forget_one(hub, &slot->up);
  }
  pthread_mutex_unlock(&hub->lock);
  if (!found) return err_because(ERR_NOT_FOUND, "no such parcel");
  return hash_eq(hash_bytes(wire->ptr, wire->len), hash) ? ERR_OK
                                                         : err_because(ERR_CORRUPT, "a parcel that is not whole");
}

static Err put(Hub *hub, HttpRequest *request, HttpResponse *response)
{
  Device device;
  Hash name;
  int64_t offset = -1;
  TRY(device_of(hub, request, &device));
  if (!hash_parse_hex(http_param(request, "hash"), &name) || !str_to_int64(http_query(request, "offset"), &offset))
    return err_because(ERR_INVALID, "hash and offset of the piece");
  pthread_mutex_lock(&hub->lock);
  HubParcel *slot = slot_of(hub, device.node);
  if (!hash_eq(slot->up_name, name)) forget_one(hub, &slot->up);
  slot->up_name = name;
  Err err = ERR_OK;
  if (offset == (int64_t)slot->up.len) err = append(hub, &slot->up, request->body);
  int64_t have = (int64_t)slot->up.len;
  pthread_mutex_unlock(&hub->lock);
  TRY(err);
  http_json(request, response, 200, json_pack("{s:I}", "have", (json_int_t)have));
  return ERR_OK;
}

void hub_handle_parcel_put(HttpRequest *request, HttpResponse *response, void *context)
{
  Err err = put(context, request, response);
  if (err == ERR_OK) return;
  log_err("hub.parcel", err);
  http_error(request, response, err);
}

static Err get(Hub *hub, HttpRequest *request, HttpResponse *response)
{
  Device device;
  Hash name;
  TRY(device_of(hub, request, &device));
  if (!hash_parse_hex(http_param(request, "hash"), &name)) return err_because(ERR_INVALID, "not a hash");
  pthread_mutex_lock(&hub->lock);
  HubParcel *slot = slot_of(hub, device.node);
  ByteRange range = {0, 0};
  int64_t size = (int64_t)slot->down.len;
  Str bytes = {0};
  Err err = hash_eq(slot->down_name, name) && size > 0 ? range_of(request, size, PIECE_MAX, &range) : ERR_NOT_FOUND;
  if (err == ERR_OK)
    bytes = arena_strdup(request->arena, (Str){(char *)slot->down.data + range.start, (size_t)range.length});
  pthread_mutex_unlock(&hub->lock);
  TRY(err);
  range_answer(request, response, range, size, bytes);
  return ERR_OK;
}

void hub_handle_parcel_get(HttpRequest *request, HttpResponse *response, void *context)
{
  err_clear();
  Err err = get(context, request, response);
  if (err != ERR_OK) http_error(request, response, err);
}

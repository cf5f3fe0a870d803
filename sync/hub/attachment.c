/* Attachments: their bytes, by hash, in pieces. Only what a row names is taken. */
#include "common/base/log.h"
#include "common/store/blob.h"
#include "common/store/query.h"
#include "sync/hub/range.h"
#include "sync/hub/state.h"
#include "sync/settings.h"

enum { PIECE_MAX = 1 << 20, WANTED_MAX = 2000 };

SQL(ATTACHMENT_OPEN, "SELECT 1 AS found FROM attachment WHERE hash = :hash AND client IS NULL");
/* Of a tablet's own rows; bytes 9 to 12 of a version name the author. */
SQL_SCAN(WANTED_OF,
         "SELECT DISTINCT hash FROM attachment AS a WHERE substr(v, 9, 4) = :author AND length(hash) = 32 AND"
         " NOT EXISTS (SELECT 1 FROM blob AS b WHERE b.hash = a.hash) LIMIT :max");
SQL(ATTACHMENT_SIZE, "SELECT size_bytes FROM attachment WHERE hash = :hash");

static Err open_blob(Hub *hub, HttpRequest *request, Hash *hash)
{
  Device device;
  TRY(device_of(hub, request, &device));
  return hash_parse_hex(http_param(request, "hash"), hash) ? ERR_OK : err_because(ERR_INVALID, "not a hash");
}

/* may_have: a device that may hold a part only is given what is nobody's: the practice's own. */
static Err may_have(Hub *hub, HttpRequest *request, Hash hash)
{
  Device device;
  TRY(device_of(hub, request, &device));
  Err whole = device_whole(request->store, &device);
  if (whole != ERR_DENIED) return whole;
  AUTO(Query, q, query_fini) = query(request->store, &ATTACHMENT_OPEN);
  query_bind_blob(&q, ":hash", (Str){(const char *)hash.bytes, HASH_SIZE});
  bool found = query_next(&q);
  TRY(query_end(&q));
  return found ? ERR_OK : err_because(ERR_DENIED, "these bytes are not for this device");
}

static Err get(Hub *hub, HttpRequest *request, HttpResponse *response)
{
  Hash hash;
  Str bytes;
  ByteRange range;
  TRY(open_blob(hub, request, &hash));
  TRY(may_have(hub, request, hash));
  TRY(blob_get(request->store, request->arena, hash, &bytes));
  TRY(range_of(request, (int64_t)bytes.len, PIECE_MAX, &range));
  range_answer(request, response, range, (int64_t)bytes.len, (Str){bytes.ptr + range.start, (size_t)range.length});
  return ERR_OK;
}

void hub_handle_blob_get(HttpRequest *request, HttpResponse *response, void *context)
{
  err_clear();
  Err err = get(context, request, response);
  if (err != ERR_OK) http_error(request, response, err);
}

static Err size_of(Store *store, Hash hash, int64_t *size)
{
  AUTO(Query, q, query_fini) = query(store, &ATTACHMENT_SIZE);
  query_bind_blob(&q, ":hash", (Str){(const char *)hash.bytes, HASH_SIZE});
  bool named = query_next(&q);
  *size = named ? query_int(&q, "size_bytes") : 0;
  TRY(query_end(&q));
  return named ? ERR_OK : err_because(ERR_NOT_FOUND, "no row names these bytes");
}

static Err put(Hub *hub, HttpRequest *request, HttpResponse *response)
{
  Hash hash;
  int64_t size, offset = -1;
  TRY(open_blob(hub, request, &hash));
  TRY(size_of(request->store, hash, &size));
  if (!str_to_int64(http_query(request, "offset"), &offset) || offset < 0)
    return err_because(ERR_INVALID, "offset of the piece");
  bool complete = blob_has(request->store, hash);
  int64_t have = complete ? size : (int64_t)blob_part_length(request->store, hash);
  if (!complete && offset == have) {
    TRY(blob_part(request->store, hash, (uint64_t)size, (uint64_t)offset, request->body, &complete));
    if (complete && local_get_int(request->store, SETTING_UPSTREAM, 0))
      TRY(local_set_int(request->store, SETTING_BLOB_NEWS, local_get_int(request->store, SETTING_BLOB_NEWS, 0) + 1));
    have = complete ? size : (int64_t)blob_part_length(request->store, hash);
  }
  http_json(request, response, 200, json_pack("{s:I, s:b}", "have", (json_int_t)have, "complete", (int)complete));
  return ERR_OK;
}

void hub_handle_blob_put(HttpRequest *request, HttpResponse *response, void *context)
{
  err_clear();
  Err err = put(context, request, response);
  if (err == ERR_OK) return;
  log_err("hub.blob", err);
  http_error(request, response, err);
}

static Err wanted_of(Store *store, Arena *arena, NodeId node, Hash **list, size_t *count)
{
  const uint8_t author[4] = {(uint8_t)(node >> 24), (uint8_t)(node >> 16), (uint8_t)(node >> 8), (uint8_t)node};
  size_t capacity = 0;
  *list = NULL;
  *count = 0;
  AUTO(Query, q, query_fini) = query(store, &WANTED_OF);
  query_bind_blob(&q, ":author", (Str){(const char *)author, sizeof author});
  query_bind_int(&q, ":max", WANTED_MAX);
  while (query_next(&q)) {
    *list = arena_grow_array(arena, *list, *count, &capacity, sizeof **list);
    memcpy((*list)[(*count)++].bytes, query_str(&q, "hash").ptr, HASH_SIZE);
  }
  return query_end(&q);
}

static Err wanted(Hub *hub, HttpRequest *request, HttpResponse *response)
{
  Device device;
  Hash *list;
  size_t count;
  TRY(device_of(hub, request, &device));
  Err whole = device_whole(request->store, &device);
  if (whole == ERR_DENIED)
    TRY(wanted_of(request->store, request->arena, device.node, &list, &count));
  else
    TRY(whole == ERR_OK ? blob_missing(request->store, request->arena, WANTED_MAX, &list, &count) : whole);
  response->content_type = "application/octet-stream";
  response->body = (Str){(const char *)list, count * sizeof(Hash)};
  return ERR_OK;
}

void hub_handle_blobs_wanted(HttpRequest *request, HttpResponse *response, void *context)
{
  err_clear();
  Err err = wanted(context, request, response);
  if (err != ERR_OK) http_error(request, response, err);
}

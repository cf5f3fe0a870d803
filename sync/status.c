#include "sync/status.h"

#include <string.h>

#include "common/store/query.h"
#include "common/store/scope.h"
#include "sync/settings.h"

/* An index-free count; what waits is at the journal's end, which `pos` finds. */
SQL(WAITING, "SELECT count(*) AS waiting FROM journal WHERE pos > :after AND via <> :upstream");

static const struct {
  const char *text;
  bool needs_person;
} STATES[] = {
#define SYNC_STATE_ROW(name, text, person) {text, person},
    SYNC_STATE_TABLE(SYNC_STATE_ROW)
#undef SYNC_STATE_ROW
};

static const char *const ERR_NAMES[] = {
#define ERR_NAME_TEXT(name, retry, key) #name,
    ERR_TABLE(ERR_NAME_TEXT)
#undef ERR_NAME_TEXT
};

const char *sync_state_text(SyncState state)
{
  return STATES[state].text;
}

bool sync_state_needs_person(SyncState state)
{
  return STATES[state].needs_person;
}

static SyncState state_of(Str text, SyncState otherwise)
{
  for (size_t i = 0; i < COUNT_OF(STATES); i++)
    if (str_eq_c(text, STATES[i].text)) return (SyncState)i;
  return otherwise;
}

static Err err_of(Str name)
{
  for (size_t i = 0; i < COUNT_OF(ERR_NAMES); i++)
    if (str_eq_c(name, ERR_NAMES[i])) return (Err)i;
  return ERR_OK;
}

static json_t *instant_or_null(Instant at)
{
  return at ? json_integer(at) : json_null();
}

json_t *status_json(const SyncStatus *s)
{
  json_t *o = json_object();
  json_object_set_new(o, "state", json_string(sync_state_text(s->state)));
  json_object_set_new(o, "since", instant_or_null(s->since));
  json_object_set_new(o, "needs_person", json_boolean(sync_state_needs_person(s->state)));
  json_t *upstream = json_null();
  if (s->upstream) {
    char node[NODE_TEXT_LEN + 1];
    node_text(s->upstream, node);
    upstream = json_pack("{s:s, s:s}", "url", s->upstream_url, "node", node);
  }
  json_object_set_new(o, "upstream", upstream);
  json_object_set_new(o, "last_exchange_at", instant_or_null(s->last_exchange_at));
  json_object_set_new(o, "waiting",
                      json_pack("{s:I, s:I, s:I}", "transactions", (json_int_t)s->waiting_entries, "attachments_up",
                                (json_int_t)s->waiting_blobs_up, "attachments_down",
                                (json_int_t)s->waiting_blobs_down));
  json_object_set_new(o, "snapshot",
                      s->total_bytes ? json_pack("{s:I, s:I}", "done", (json_int_t)s->done_bytes, "total",
                                                 (json_int_t)s->total_bytes)
                                     : json_null());
  json_object_set_new(o, "set_aside", json_integer(s->set_aside));
  json_object_set_new(o, "clock_offset_ms", json_integer(s->clock_offset_ms));
  json_t *error = json_null();
  if (s->err != ERR_OK) {
    error = json_pack("{s:s, s:s}", "name", err_name(s->err), "key", err_key(s->err));
    json_object_set_new(error, "detail", json_from_str(str_c(s->detail ? s->detail : "")));
  }
  json_object_set_new(o, "error", error);
  json_object_set_new(o, "next_try_at", instant_or_null(s->next_try_at));
  return o;
}

Err status_waiting(Store *store, NodeId upstream, int64_t *waiting)
{
  AUTO(Query, q, query_fini) = query(store, &WAITING);
  query_bind_int(&q, ":after", local_get_int(store, SETTING_PUSH_POS, 0));
  query_bind_int(&q, ":upstream", upstream);
  if (query_next(&q)) *waiting = query_int(&q, "waiting");
  return query_end(&q);
}

Err status_read(Store *store, Arena *arena, SyncStatus *out)
{
  SyncStatus s = {.detail = "", .upstream_url = arena_cstr(arena, local_get(store, arena, SETTING_URL))};
  s.upstream = (NodeId)local_get_int(store, SETTING_UPSTREAM, 0);
  s.state = s.upstream ? SYNC_NEW : SYNC_ROOT;
  AUTO(json_t *, kept, json_release) = NULL;
  Str text = local_get(store, arena, STATUS_SETTING);
  if (s.upstream && text.len > 0 && json_parse(text, &kept) == ERR_OK) {
    s.state = state_of(json_str(kept, "state"), SYNC_NEW);
    s.since = json_int(kept, "since", 0);
    s.last_exchange_at = json_int(kept, "last_exchange_at", 0);
    s.waiting_blobs_up = json_int(kept, "waiting.attachments_up", 0);
    s.waiting_blobs_down = json_int(kept, "waiting.attachments_down", 0);
    s.done_bytes = json_int(kept, "snapshot.done", 0);
    s.total_bytes = json_int(kept, "snapshot.total", 0);
    s.clock_offset_ms = json_int(kept, "clock_offset_ms", 0);
    s.err = err_of(json_str(kept, "error.name"));
    s.detail = arena_cstr(arena, json_str(kept, "error.detail"));
    s.next_try_at = json_int(kept, "next_try_at", 0);
  }
  if (s.upstream) TRY(status_waiting(store, s.upstream, &s.waiting_entries));
  TRY(scope_aside_count(store, &s.set_aside));
  *out = s;
  return ERR_OK;
}

Err status_write(Store *store, const SyncStatus *status)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  AUTO(json_t *, value, json_release) = status_json(status);
  Str text = json_canonical(&arena, value);
  if (str_eq(text, local_get(store, &arena, STATUS_SETTING))) return ERR_OK;
  return local_set(store, STATUS_SETTING, text);
}

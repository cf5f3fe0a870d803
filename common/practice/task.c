#include "common/practice/task.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/practice/tidy.h"
#include "common/store/query.h"

enum { HELP_QUIET_MS = 60 * 1000, NOTE_MAX_CHARS = 1000 };
static const char HELP_SETTING[] = "task.help";

SQL(TASK_NOW, "SELECT status, owner, client, site FROM task WHERE id = :id");
#define TASK_SELECT                                                                                                  \
  "SELECT t.id, t.site, t.client, t.appointment, t.owner, t.closed_by, t.kind, t.title, t.status, t.note, t.due_at," \
  " t.created_at, t.closed_at, c.given, c.family, c.preferred_name FROM task t LEFT JOIN client c ON c.id = t.client"
SQL(TASK_OPEN, TASK_SELECT " WHERE t.status = 'open' ORDER BY t.created_at, t.id");
SQL(TASK_OPEN_AT, TASK_SELECT " WHERE t.status = 'open' AND t.site = :site UNION ALL " TASK_SELECT
                              " WHERE t.status = 'open' AND t.site IS NULL ORDER BY t.created_at, t.id");

typedef struct State {
  bool open;
  Uuid owner, client, site;
} State;

static Err read_state(Store *store, Uuid task, State *out)
{
  AUTO(Query, q, query_fini) = query(store, &TASK_NOW);
  query_bind_uuid(&q, ":id", task);
  if (!query_next(&q)) {
    TRY(query_end(&q));
    return ERR_NOT_FOUND;
  }
  out->open = str_eq_c(query_str(&q, "status"), "open");
  out->owner = query_uuid(&q, "owner");
  out->client = query_uuid(&q, "client");
  out->site = query_uuid(&q, "site");
  return query_end(&q);
}

Err task_site(Store *store, Uuid task, Uuid *out)
{
  State state;
  TRY(read_state(store, task, &state));
  *out = state.site;
  return ERR_OK;
}

/* recent_help: the open call for help that was made on this node for the same person less than a minute ago; nil: none.
 * The node's own setting remembers the last one: "<id> <when>". */
static Err recent_help(Tx *tx, Arena *arena, Uuid client, Uuid *out)
{
  *out = (Uuid){{0}};
  Str rest = local_get(tx->store, arena, HELP_SETTING);
  Str id_text = str_cut(&rest, ' ');
  Uuid id;
  int64_t at;
  if (!uuid_parse(id_text, &id) || !str_to_int64(rest, &at)) return ERR_OK;
  if (tx_now(tx) < at || tx_now(tx) - at >= HELP_QUIET_MS) return ERR_OK;
  State state;
  Err err = read_state(tx->store, id, &state);
  if (err == ERR_NOT_FOUND) return ERR_OK;
  TRY(err);
  if (state.open && uuid_eq(state.client, client)) *out = id;
  return ERR_OK;
}

static Err remember_help(Tx *tx, Uuid id)
{
  char value[UUID_TEXT_LEN + 32];
  uuid_text(id, value);
  snprintf(value + UUID_TEXT_LEN, sizeof value - UUID_TEXT_LEN, " %" PRId64, tx_now(tx));
  return local_set(tx->store, HELP_SETTING, str_c(value));
}

Err task_add(Tx *tx, const Task *task, Uuid *out)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  bool help = strcmp(task->kind, "help") == 0;
  if (help) {
    TRY(recent_help(tx, &arena, task->client, out));
    if (!uuid_is_nil(*out)) return ERR_OK;
  }
  Str note = tidy_text(&arena, str_c(task->note));
  if (utf8_count(note) > NOTE_MAX_CHARS) return ERR_TOO_LARGE;
  Uuid id = uuid_is_nil(task->id) ? uuid_v7(store_env(tx->store)) : task->id;
  TRY(tx_insert(tx, "task", id,
                COLS(col_text("kind", str_c(task->kind)), col_text("title", tidy_c(&arena, task->title)),
                     col_uuid("site", &task->site), col_uuid("client", &task->client),
                     col_uuid("appointment", &task->appointment), col_uuid("owner", &task->owner),
                     task->due_at ? col_int("due_at", task->due_at) : col_null("due_at"),
                     col_int("created_at", tx_now(tx)), col_text("note", note))));
  if (help) TRY(remember_help(tx, id));
  *out = id;
  return ERR_OK;
}

Err task_close(Tx *tx, Uuid task, Uuid staff, const char *status)
{
  if (strcmp(status, "done") != 0 && strcmp(status, "cancelled") != 0) return ERR_INVALID;
  State state;
  TRY(read_state(tx->store, task, &state));
  if (!state.open) return err_because(ERR_CONFLICT, "the task is closed already");
  return tx_update(tx, "task", task,
                   COLS(col_text("status", str_c(status)), col_int("closed_at", tx_now(tx)),
                        col_uuid("closed_by", &staff)));
}

Err task_take(Tx *tx, Uuid task, Uuid staff)
{
  State state;
  TRY(read_state(tx->store, task, &state));
  if (!state.open) return err_because(ERR_CONFLICT, "the task is closed already");
  if (!uuid_is_nil(state.owner) && !uuid_eq(state.owner, staff))
    return err_because(ERR_CONFLICT, "someone else has taken the task");
  return tx_update(tx, "task", task, COLS(col_uuid("owner", &staff)));
}

static Task read_task(Query *q, Arena *arena)
{
  Str preferred = query_copy(q, arena, "preferred_name"), given = query_copy(q, arena, "given");
  return (Task){.id = query_uuid(q, "id"),
                .site = query_uuid(q, "site"),
                .client = query_uuid(q, "client"),
                .appointment = query_uuid(q, "appointment"),
                .owner = query_uuid(q, "owner"),
                .closed_by = query_uuid(q, "closed_by"),
                .kind = query_cstr(q, arena, "kind"),
                .title = query_cstr(q, arena, "title"),
                .status = query_cstr(q, arena, "status"),
                .note = query_cstr(q, arena, "note"),
                .client_name =
                    tidy_full_name(arena, str_empty(preferred) ? given : preferred, query_copy(q, arena, "family")),
                .due_at = query_int(q, "due_at"),
                .created_at = query_int(q, "created_at"),
                .closed_at = query_int(q, "closed_at")};
}

Err task_open_list(Store *store, Arena *arena, Uuid site, Task **list, size_t *count)
{
  AUTO(Query, q, query_fini) = query(store, uuid_is_nil(site) ? &TASK_OPEN : &TASK_OPEN_AT);
  if (!uuid_is_nil(site)) query_bind_uuid(&q, ":site", site);
  Task *found = NULL;
  size_t n = 0, capacity = 0;
  while (query_next(&q)) {
    found = arena_grow_array(arena, found, n, &capacity, sizeof *found);
    found[n++] = read_task(&q, arena);
  }
  TRY(query_end(&q));
  *list = found;
  *count = n;
  return ERR_OK;
}

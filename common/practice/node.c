/* Nodes of the practice, declared in practice.h. */
#include "common/practice/calendar.h"
#include "common/practice/practice.h"
#include "common/practice/tidy.h"
#include "common/store/query.h"

enum { NODE_NAME_MAX = 100 };

#define NODE_COLUMNS "id, number, name, kind, scope, site, public_key, enrolled_at, revoked_at"
SQL(NODE_GET, "SELECT " NODE_COLUMNS " FROM node WHERE id = :id");
SQL(NODE_LIST, "SELECT " NODE_COLUMNS " FROM node ORDER BY enrolled_at, id");

static Node read_node(Query *q, Arena *arena)
{
  Node node = {.id = query_uuid(q, "id"),
               .number = (NodeId)query_int(q, "number"),
               .name = query_cstr(q, arena, "name"),
               .kind = query_cstr(q, arena, "kind"),
               .scope = query_cstr(q, arena, "scope"),
               .site = query_uuid(q, "site"),
               .enrolled_at = query_int(q, "enrolled_at"),
               .revoked_at = query_int(q, "revoked_at")};
  Str key = query_str(q, "public_key");
  if (key.len == sizeof node.public_key) memcpy(node.public_key, key.ptr, key.len);
  return node;
}

Err node_get(Store *store, Arena *arena, NodeId number, Node *out)
{
  AUTO(Query, q, query_fini) = query(store, &NODE_GET);
  query_bind_uuid(&q, ":id", node_row_id(number));
  if (!query_next(&q)) {
    TRY(query_end(&q));
    return ERR_NOT_FOUND;
  }
  *out = read_node(&q, arena);
  return query_end(&q);
}

Err node_list(Store *store, Arena *arena, Node **list, size_t *count)
{
  AUTO(Query, q, query_fini) = query(store, &NODE_LIST);
  Node *found = NULL;
  size_t n = 0, capacity = 0;
  while (query_next(&q)) {
    found = arena_grow_array(arena, found, n, &capacity, sizeof *found);
    found[n++] = read_node(&q, arena);
  }
  TRY(query_end(&q));
  *list = found;
  *count = n;
  return ERR_OK;
}

static bool one_of(const char *text, const char *const words[])
{
  for (; *words; words++)
    if (text && strcmp(text, *words) == 0) return true;
  return false;
}

Err node_add(Tx *tx, const NodeNew *input, Faults *faults)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  size_t before = faults->count;
  Str name = tidy_c(&arena, input->name);
  if (str_empty(name)) faults_add(faults, "name", "fault.required", NULL);
  if (utf8_count(name) > NODE_NAME_MAX) faults_add(faults, "name", "fault.too_long", "100");
  if (!one_of(input->kind, (const char *const[]){"root", "office", "lobby", NULL}))
    faults_add(faults, "kind", "fault.option", input->kind);
  if (!one_of(input->scope, (const char *const[]){"practice", "site", "lobby", NULL}))
    faults_add(faults, "scope", "fault.option", input->scope);
  if (faults->count != before) return ERR_INVALID;
  NodeId number = node_id_of(input->public_key);
  Node there;
  Err err = node_get(tx->store, &arena, number, &there);
  if (err == ERR_OK && memcmp(there.public_key, input->public_key, sizeof there.public_key) != 0)
    return err_because(ERR_EXISTS, "another device has the number %08x", number);
  if (err != ERR_OK && err != ERR_NOT_FOUND) return err;
  TRY(tx_put(tx, "node", node_row_id(number),
             COLS(col_int("number", number), col_text("name", name), col_text("kind", str_c(input->kind)),
                  col_text("scope", str_c(input->scope)), col_uuid("site", &input->site),
                  col_blob("public_key", (Str){(const char *)input->public_key, sizeof input->public_key}),
                  col_int("enrolled_at", err == ERR_OK ? there.enrolled_at : tx_now(tx)),
                  input->upstream ? col_int("upstream", input->upstream) : col_null("upstream")),
             NULL));
  bool arrives = err == ERR_NOT_FOUND && strcmp(input->kind, "office") == 0 && !uuid_is_nil(input->site);
  return arrives ? calendar_move_in(tx, input->site, number) : ERR_OK;
}

Err node_revoke(Tx *tx, NodeId number)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Node node;
  TRY(node_get(tx->store, &arena, number, &node));
  if (node.revoked_at) return ERR_OK;
  TRY(tx_update(tx, "node", node.id, COLS(col_int("revoked_at", tx_now(tx)))));
  return calendar_seize_all(tx, number, (Uuid){{0}}, "its device was revoked");
}

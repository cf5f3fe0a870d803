#include "common/practice/import.h"

#include <stdlib.h>

#include "common/practice/import_internal.h"
#include "common/practice/tidy.h"
#include "common/store/query.h"

SQL(CLIENT_OF_NUMBER, "SELECT client FROM client_identifier WHERE id = :id");
SQL(CLIENT_CONFIRMED, "SELECT contact_confirmed_at FROM client WHERE id = :id");
SQL(TYPE_NAMES, "SELECT id, name FROM appointment_type ORDER BY active DESC, id");
SQL(VISIT_STATUS, "SELECT status FROM appointment WHERE id = :id");

void import_skip(ImportReport *report, const char *what, const char *why)
{
  for (size_t i = 0; i < report->skipped_count; i++) {
    struct ImportSkip *skip = &report->skipped[i];
    if (strcmp(skip->why, why) != 0 || strcmp(skip->what, what) != 0) continue;
    skip->count++;
    return;
  }
  report->skipped = arena_grow_array(report->arena, report->skipped, report->skipped_count, &report->skipped_capacity,
                                     sizeof *report->skipped);
  report->skipped[report->skipped_count++] =
      (struct ImportSkip){.what = arena_cstr(report->arena, str_c(what)), .why = why, .count = 1};
}

void import_reset(ImportReport *report)
{
  *report = (ImportReport){.arena = report->arena, .options = report->options};
}

Err import_put(Tx *tx, ImportReport *report, const char *table, Uuid id, const Col cols[], size_t *counter)
{
  bool changed;
  TRY(tx_put(tx, table, id, cols, &changed));
  if (changed)
    (*counter)++;
  else
    report->unchanged++;
  return ERR_OK;
}

Uuid import_id(const char *domain, Str system, Str value)
{
  Hash hash = hash_parts((const Str[]){system, {"\0", 1}, value}, 3);
  return uuid_from_parts(str_c(domain), hash.bytes, sizeof hash.bytes);
}

static bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

Str import_name(const ImportReport *report, Arena *arena, Str text)
{
  Str line = tidy_line(arena, text);
  if (!report->options.strip_digits) return line;
  char *out = arena_alloc(arena, line.len + 1);
  size_t len = 0;
  for (size_t i = 0; i < line.len; i++) {
    out[len++] = line.ptr[i];
    if (i + 1 < line.len && line.ptr[i + 1] != ' ') continue;
    size_t end = len, start = len; /* the end of a word */
    while (start > 0 && out[start - 1] != ' ') start--;
    while (end > start && is_digit(out[end - 1])) end--;
    if (end > start) len = end; /* a word of digits alone stays */
  }
  out[len] = '\0';
  return (Str){out, len};
}

Err import_identified(Store *store, Str system, Str value, Uuid *client)
{
  *client = (Uuid){{0}};
  AUTO(Query, q, query_fini) = query(store, &CLIENT_OF_NUMBER);
  query_bind_uuid(&q, ":id", import_id("client_identifier", system, value));
  if (query_next(&q)) *client = query_uuid(&q, "client");
  return query_end(&q);
}

Err import_identifier(Tx *tx, ImportReport *report, Uuid client, Str system, Str value, Str type)
{
  Uuid owner;
  TRY(import_identified(tx->store, system, value, &owner));
  if (!uuid_is_nil(owner) && !uuid_eq(owner, client)) {
    import_skip(report, "identifier", "it belongs to another client already");
    return ERR_OK;
  }
  return import_put(tx, report, "client_identifier", import_id("client_identifier", system, value),
                    COLS(col_uuid("client", &client), col_text("system", system), col_text("value", value),
                         col_text("type", type)),
                    &report->identifiers);
}

Err import_confirmed(Store *store, Uuid client, bool *out)
{
  *out = false;
  AUTO(Query, q, query_fini) = query(store, &CLIENT_CONFIRMED);
  query_bind_uuid(&q, ":id", client);
  if (query_next(&q)) *out = !query_is_null(&q, "contact_confirmed_at");
  return query_end(&q);
}

Err import_site(Store *store, Str name, Uuid *out)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Site *sites;
  size_t count;
  TRY(site_list(store, &arena, &sites, &count));
  *out = (Uuid){{0}};
  Str wanted = str_fold(&arena, name);
  for (size_t i = 0; i < count && !str_empty(wanted); i++) {
    bool named = str_eq(str_fold(&arena, str_c(sites[i].name)), wanted);
    if (named || str_eq_ascii_nocase(str_c(sites[i].prefix), name)) *out = sites[i].id;
  }
  return ERR_OK;
}

Err import_type(Tx *tx, Arena *arena, Str name, int minutes, bool active, Uuid *out)
{
  *out = (Uuid){{0}};
  Str wanted = str_fold(arena, name);
  {
    AUTO(Query, q, query_fini) = query(tx->store, &TYPE_NAMES);
    while (uuid_is_nil(*out) && query_next(&q))
      if (str_eq(str_fold(arena, query_str(&q, "name")), wanted)) *out = query_uuid(&q, "id");
    TRY(query_end(&q));
  }
  if (!uuid_is_nil(*out) || minutes == 0) return ERR_OK;
  *out = import_id("appointment_type", STR(""), wanted);
  Err err = tx_insert(tx, "appointment_type", *out,
                      COLS(col_text("name", name), col_int("minutes", minutes), col_bool("active", active)));
  return err == ERR_EXISTS ? ERR_OK : err; /* the practice calls it something else by now */
}

static Err visit_event(Tx *tx, const ImportVisit *visit)
{
  Instant at = visit->ended_at ? visit->ended_at : tx_now(tx);
  Uuid id = import_id("appointment_event", (Str){(const char *)visit->id.bytes, 16}, str_c(visit->status));
  return tx_put(tx, "appointment_event", id,
                COLS(col_uuid("appointment", &visit->id), col_text("kind", str_c(visit->status)), col_int("at", at),
                     col_text("note", STR("imported"))),
                NULL);
}

Err import_visit(Tx *tx, ImportReport *report, const ImportVisit *visit)
{
  bool here = false, untouched = true;
  {
    AUTO(Query, q, query_fini) = query(tx->store, &VISIT_STATUS);
    query_bind_uuid(&q, ":id", visit->id);
    here = query_next(&q);
    if (here) untouched = str_eq_c(query_str(&q, "status"), "booked");
    TRY(query_end(&q));
  }
  if (!untouched) {
    report->unchanged++;
    return ERR_OK;
  }
  char start[WALL_TEXT_LEN + 1];
  wall_text(visit->start, start);
  size_t before = report->appointments;
  TRY(import_put(tx, report, "appointment", visit->id,
                 COLS(col_uuid("client", &visit->client), col_uuid("type", &visit->type),
                      col_uuid("site", &visit->site), col_uuid("provider", &visit->provider),
                      col_text("start_wall", str_c(start)), col_int("minutes", visit->minutes),
                      col_text("status", str_c(visit->status)), col_text("note", visit->note),
                      col_text("external_id", visit->external_id)),
                 &report->appointments));
  return report->appointments != before ? visit_event(tx, visit) : ERR_OK;
}

json_t *import_report_json(const ImportReport *report)
{
  json_t *out = json_object();
  const struct {
    const char *name;
    size_t count;
  } counts[] = {{"clients", report->clients},           {"identifiers", report->identifiers},
                {"related", report->related},           {"coverages", report->coverages},
                {"providers", report->providers},       {"sites", report->sites},
                {"appointments", report->appointments}, {"questionnaires", report->questionnaires},
                {"unchanged", report->unchanged}};
  for (size_t i = 0; i < COUNT_OF(counts); i++)
    json_object_set_new(out, counts[i].name, json_integer((json_int_t)counts[i].count));
  json_t *skipped = json_array();
  json_object_set_new(out, "skipped", skipped);
  for (size_t i = 0; i < report->skipped_count; i++) {
    json_t *skip = json_object();
    json_object_set_new(skip, "what", json_from_str(str_c(report->skipped[i].what)));
    json_object_set_new(skip, "why", json_from_str(str_c(report->skipped[i].why)));
    json_object_set_new(skip, "count", json_integer((json_int_t)report->skipped[i].count));
    json_array_append_new(skipped, skip);
  }
  return out;
}

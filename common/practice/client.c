#include "common/practice/client.h"

#include <stdlib.h>

#include "common/practice/tidy.h"
#include "common/store/query.h"

enum { ACCESS_QUIET_MS = 10 * 60 * 1000 };

#define CLIENT_COLUMNS                                                                                             \
  "id, given, family, prefix, suffix, preferred_name, birth_date, gender, language, status, phone, email, line1, " \
  "line2, city, state, postal_code, country, contact_confirmed_at"
SQL(CLIENT_GET, "SELECT " CLIENT_COLUMNS " FROM client WHERE id = :id");
SQL(ACCESS_RECENT, "SELECT 1 FROM access WHERE client = :client AND at > :since AND at <= :now AND staff IS :staff"
                   " AND what = :what LIMIT 1");

static Client read_client(Query *q, Arena *arena)
{
  return (Client){.id = query_uuid(q, "id"),
                  .given = query_cstr(q, arena, "given"),
                  .family = query_cstr(q, arena, "family"),
                  .prefix = query_cstr(q, arena, "prefix"),
                  .suffix = query_cstr(q, arena, "suffix"),
                  .preferred_name = query_cstr(q, arena, "preferred_name"),
                  .birth_date = query_cstr(q, arena, "birth_date"),
                  .gender = query_cstr(q, arena, "gender"),
                  .language = query_cstr(q, arena, "language"),
                  .status = query_cstr(q, arena, "status"),
                  .contact = {.phone = query_cstr(q, arena, "phone"),
                              .email = query_cstr(q, arena, "email"),
                              .line1 = query_cstr(q, arena, "line1"),
                              .line2 = query_cstr(q, arena, "line2"),
                              .city = query_cstr(q, arena, "city"),
                              .state = query_cstr(q, arena, "state"),
                              .postal_code = query_cstr(q, arena, "postal_code"),
                              .country = query_cstr(q, arena, "country")},
                  .contact_confirmed_at = query_int(q, "contact_confirmed_at")};
}

Err client_get(Store *store, Arena *arena, Uuid id, Client *out)
{
  AUTO(Query, q, query_fini) = query(store, &CLIENT_GET);
  query_bind_uuid(&q, ":id", id);
  if (!query_next(&q)) {
    TRY(query_end(&q));
    return ERR_NOT_FOUND;
  }
  *out = read_client(&q, arena);
  return query_end(&q);
}

const char *client_name(Arena *arena, const Client *client)
{
  const char *given = *client->preferred_name ? client->preferred_name : client->given;
  return tidy_full_name(arena, str_c(given), str_c(client->family));
}

/* Anyone may be born today somewhere west of here: the check is against the last place on Earth where it is today. */
static Date today_somewhere(Instant now)
{
  return date_from_days((int32_t)((now + 14 * 3600000LL) / 86400000));
}

Str client_sort_name(Arena *arena, Str given, Str family)
{
  return str_fold(arena, str_c(arena_printf(arena, STR_FMT " " STR_FMT, STR_ARG(family), STR_ARG(given))));
}

/* The columns of a person's details, tidied: into cols, which has room for CLIENT_COLS. */
enum { CLIENT_COLS = 20 };
static void client_cols(Arena *arena, const Client *c, Col cols[CLIENT_COLS])
{
  Str given = tidy_c(arena, c->given), family = tidy_c(arena, c->family);
  const Contact *contact = &c->contact;
  size_t n = 0;
  cols[n++] = col_text("given", given);
  cols[n++] = col_text("family", family);
  cols[n++] = col_text("prefix", tidy_c(arena, c->prefix));
  cols[n++] = col_text("suffix", tidy_c(arena, c->suffix));
  cols[n++] = col_text("sort_name", client_sort_name(arena, given, family));
  cols[n++] = col_text("preferred_name", tidy_c(arena, c->preferred_name));
  cols[n++] = col_text("birth_date", tidy_c(arena, c->birth_date));
  cols[n++] = col_text("gender", tidy_c(arena, c->gender));
  cols[n++] = col_text("language", tidy_c(arena, c->language));
  cols[n++] = col_text("status", c->status && *c->status ? str_c(c->status) : STR("active"));
  cols[n++] = col_text("phone", tidy_phone(arena, str_c(contact->phone)));
  cols[n++] = col_text("email", tidy_c(arena, contact->email));
  cols[n++] = col_text("line1", tidy_c(arena, contact->line1));
  cols[n++] = col_text("line2", tidy_c(arena, contact->line2));
  cols[n++] = col_text("city", tidy_c(arena, contact->city));
  cols[n++] = col_text("state", tidy_c(arena, contact->state));
  cols[n++] = col_text("postal_code", tidy_c(arena, contact->postal_code));
  cols[n++] = col_text("country", tidy_c(arena, contact->country));
  if (c->contact_confirmed_at) cols[n++] = col_int("contact_confirmed_at", c->contact_confirmed_at);
  cols[n] = (Col){0};
}

static Err check(Tx *tx, const Client *client, Faults *faults)
{
  size_t before = faults->count;
  client_check(client, today_somewhere(tx_now(tx)), faults);
  return faults->count == before ? ERR_OK : ERR_INVALID;
}

Err client_add(Tx *tx, const Client *client, Faults *faults, Uuid *out)
{
  TRY(check(tx, client, faults));
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  Col cols[CLIENT_COLS];
  client_cols(&arena, client, cols);
  Uuid id = uuid_is_nil(client->id) ? uuid_v7(store_env(tx->store)) : client->id;
  TRY(tx_insert(tx, "client", id, cols));
  *out = id;
  return ERR_OK;
}

Err client_save(Tx *tx, const Client *client, Faults *faults)
{
  TRY(check(tx, client, faults));
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  Col cols[CLIENT_COLS];
  client_cols(&arena, client, cols);
  return tx_update(tx, "client", client->id, cols);
}

Err client_save_contact(Tx *tx, Uuid client, const Contact *contact, Faults *faults)
{
  size_t before = faults->count;
  contact_check(contact, faults);
  if (faults->count != before) return ERR_INVALID;
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  return tx_update(
      tx, "client", client,
      COLS(col_text("phone", tidy_phone(&arena, str_c(contact->phone))),
           col_text("email", tidy_c(&arena, contact->email)), col_text("line1", tidy_c(&arena, contact->line1)),
           col_text("line2", tidy_c(&arena, contact->line2)), col_text("city", tidy_c(&arena, contact->city)),
           col_text("state", tidy_c(&arena, contact->state)),
           col_text("postal_code", tidy_c(&arena, contact->postal_code)),
           col_text("country", tidy_c(&arena, contact->country)), col_int("contact_confirmed_at", tx_now(tx))));
}

static Err read_recently(Store *store, Uuid client, Uuid staff, const char *what, Instant now, bool *out)
{
  AUTO(Query, q, query_fini) = query(store, &ACCESS_RECENT);
  query_bind_uuid(&q, ":client", client);
  query_bind_uuid(&q, ":staff", staff);
  query_bind_text(&q, ":what", str_c(what));
  query_bind_int(&q, ":since", now - ACCESS_QUIET_MS);
  query_bind_int(&q, ":now", now);
  *out = query_next(&q);
  return query_end(&q);
}

Err client_note_access(Store *store, Uuid client, Uuid staff, const char *face, const char *what)
{
  bool recently;
  TRY(read_recently(store, client, staff, what, store_now(store), &recently));
  if (recently) return ERR_OK;
  AUTO(Tx, tx, tx_fini) = {0};
  Actor actor = uuid_is_nil(staff) ? actor_client(client) : actor_staff(staff);
  TRY(tx_begin(store, actor, "client.read", "", &tx));
  TRY(tx_insert(&tx, "access", uuid_v7(store_env(store)),
                COLS(col_uuid("client", &client), col_uuid("staff", &staff), col_text("face", str_c(face)),
                     col_text("what", str_c(what)), col_int("at", tx_now(&tx)))));
  return tx_commit(&tx);
}

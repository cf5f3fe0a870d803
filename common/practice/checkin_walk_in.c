/* Someone without a visit today. */
#include "common/practice/checkin_internal.h"
#include "common/practice/tidy.h"
#include "common/store/query.h"

enum { PHONE_DIGITS_MIN = 7 };

SQL(CLIENTS_BORN, "SELECT id, given, family, phone, email FROM client WHERE birth_date = :birth AND status = 'active'");

static bool same_phone(Arena *arena, Str a, Str b)
{
  Str x = tidy_digits(arena, a), y = tidy_digits(arena, b);
  /* with or without the country's code in front */
  if (x.len > y.len) {
    Str longer = x;
    x = y;
    y = longer;
  }
  return x.len >= PHONE_DIGITS_MIN && str_eq(x, (Str){y.ptr + (y.len - x.len), x.len});
}

static bool same_email(Str a, Str b)
{
  return !str_empty(str_trim(a)) && str_eq_ascii_nocase(str_trim(a), str_trim(b));
}

Err checkin_find_known(Store *store, const Client *typed, Uuid *found, bool *similar)
{
  size_t certain = 0;
  *found = (Uuid){{0}};
  *similar = false;
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  AUTO(Query, q, query_fini) = query(store, &CLIENTS_BORN);
  query_bind_text(&q, ":birth", str_c(typed->birth_date));
  while (query_next(&q)) {
    if (!name_fits_whole(str_c(typed->given), str_c(typed->family), query_str(&q, "given"), query_str(&q, "family")))
      continue;
    *similar = true;
    if (!same_phone(&arena, query_str(&q, "phone"), str_c(typed->contact.phone)) &&
        !same_email(query_str(&q, "email"), str_c(typed->contact.email)))
      continue;
    *found = query_uuid(&q, "id");
    certain++;
  }
  TRY(query_end(&q));
  if (certain != 1) *found = (Uuid){{0}}; /* two records: staff will say which */
  return ERR_OK;
}

/* The same person at the same site on the same day gets the same id: what was begun is found again after a crash, and a second finish writes nothing twice. */
static Uuid id_of_walk_in(Arena *arena, const Site *site, Date today, const Client *typed)
{
  char day[DATE_TEXT_LEN + 1], where[UUID_TEXT_LEN + 1];
  date_text(today, day);
  uuid_text(site->id, where);
  Str given = str_fold(arena, str_c(typed->given)), family = str_fold(arena, str_c(typed->family));
  Str phone = tidy_digits(arena, str_c(typed->contact.phone)), email = str_trim(str_c(typed->contact.email));
  const char *who = arena_printf(arena, "%s\n%s\n" STR_FMT "\n" STR_FMT "\n%s\n" STR_FMT "\n" STR_FMT, where, day,
                                 STR_ARG(given), STR_ARG(family), typed->birth_date, STR_ARG(phone), STR_ARG(email));
  return uuid_from_parts(STR("checkin.walk-in"), who, strlen(who));
}

static void check_typed(const Client *client, Date today, Faults *faults)
{
  client_check(client, today, faults);
  if (!client->birth_date || !*client->birth_date) faults_add(faults, "birth_date", "fault.required", NULL);
}

/* Of someone who is known: a visit of today after all, or a walk-in. */
static Err begin_known(Store *store, Arena *arena, const Site *site, Date today, Uuid id, Checkin **out)
{
  Client client;
  WallTime now;
  Visit *visits;
  size_t count;
  TRY(client_get(store, arena, id, &client));
  TRY(site_wall(site, store_now(store), &now));
  TRY(visits_of_client(store, arena, site, today, id, &visits, &count));
  const Visit *visit = visit_choose(visits, count, now);
  TRY(client_note_access(store, id, (Uuid){{0}}, "kiosk", "identification"));
  return checkin_begin(store, site, &client, false, visit ? visit->id : (Uuid){{0}}, out);
}

Err checkin_walk_in(Store *store, const Site *site, const Client *typed, Faults *faults, Checkin **out)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  WallTime now;
  TRY(site_wall(site, store_now(store), &now));
  if (!uuid_is_nil(typed->id)) return begin_known(store, &arena, site, now.date, typed->id, out);
  Client client = checkin_copy_client(&arena, typed);
  size_t before = faults->count;
  check_typed(&client, now.date, faults);
  if (faults->count > before) return ERR_INVALID;
  Uuid known;
  bool similar;
  client.id = id_of_walk_in(&arena, site, now.date, &client);
  client.contact_confirmed_at = 0;
  Client written;
  Err err = client_get(store, &arena, client.id, &written);
  if (err != ERR_OK && err != ERR_NOT_FOUND) return err;
  TRY(checkin_find_known(store, &client, &known, &similar));
  if (err == ERR_OK) known = client.id; /* came earlier today */
  if (!uuid_is_nil(known)) return begin_known(store, &arena, site, now.date, known, out);
  TRY(checkin_begin(store, site, &client, true, (Uuid){{0}}, out));
  (*out)->is_similar = similar;
  return ERR_OK;
}

/* Who is meant, and which of their visits. */
#include "common/practice/checkin_internal.h"
#include "common/store/query.h"

enum {
  MISSED_MINUTES = 180, /* a visit that began longer ago gives way to one still to come */
  SOON_MINUTES = 60     /* someone waiting for one visit checks in for the next one no earlier than this */
};

#define VISIT_COLUMNS "a.id AS id, a.client AS client, a.status AS status, a.start_wall AS start"
#define VISIT_WHEN    " WHERE a.site = :site AND a.start_wall >= :from AND a.start_wall < :to"
SQL(VISITS_OF_DAY, "SELECT " VISIT_COLUMNS " FROM appointment a" VISIT_WHEN " ORDER BY a.start_wall, a.id");
/* Every visit of the day with each record of its person: the work does not depend on who is asked for. */
#define PERSON_COLUMNS                                                                                          \
  VISIT_COLUMNS ", c.given AS given, c.family AS family, c.preferred_name AS preferred, c.birth_date AS birth," \
                " c.status AS person FROM appointment a "
SQL(PERSONS_OF_DAY,
    "SELECT " PERSON_COLUMNS "JOIN client c ON c.id = a.client" VISIT_WHEN " UNION ALL SELECT " PERSON_COLUMNS
    "JOIN client_link l ON l.client = a.client AND l.active = 1 JOIN client c ON c.id = l.same_as" VISIT_WHEN
    " UNION ALL SELECT " PERSON_COLUMNS
    "JOIN client_link l ON l.same_as = a.client AND l.active = 1 JOIN client c ON c.id = l.client" VISIT_WHEN
    " ORDER BY start, id");

typedef struct Day {
  char from[DATE_TEXT_LEN + 1], to[DATE_TEXT_LEN + 1];
} Day;

static Day day_of(Date today)
{
  Day day = {.from = ""};
  date_text(today, day.from);
  date_text(date_from_days(date_days(today) + 1), day.to);
  return day;
}

static void bind_day(Query *q, const Site *site, const Day *day)
{
  query_bind_uuid(q, ":site", site->id);
  query_bind_text(q, ":from", str_c(day->from));
  query_bind_text(q, ":to", str_c(day->to));
}

static bool read_visit(Query *q, Visit *out)
{
  out->id = query_uuid(q, "id");
  out->client = query_uuid(q, "client");
  return appointment_status_parse(query_str(q, "status"), &out->status) &&
         wall_parse(query_str(q, "start"), &out->start);
}

static bool is_open(const Visit *visit)
{
  return visit->status == APPT_BOOKED || visit->status == APPT_ARRIVED || visit->status == APPT_ROOMED;
}

/* One of the words of a name, which are separated by single spaces after folding. */
static bool has_word(Str name, Str word)
{
  if (utf8_count(word) < 2) return false;
  while (name.len > 0) {
    if (str_eq(str_cut(&name, ' '), word)) return true;
  }
  return false;
}

static bool same_letters(Str a, Str b)
{
  size_t i = 0, k = 0;
  for (;;) {
    while (i < a.len && a.ptr[i] == ' ') i++;
    while (k < b.len && b.ptr[k] == ' ') k++;
    if (i == a.len || k == b.len) return i == a.len && k == b.len && a.len > 0;
    if (a.ptr[i++] != b.ptr[k++]) return false;
  }
}

static bool is_initial(Str name, Str typed)
{
  return utf8_count(typed) == 1 && str_starts(name, typed);
}

/* All folded. The family name whole lets an initial do for the given one; one of several family names wants a given name. */
static bool fits(Str given, Str family, Str typed_given, Str typed_family)
{
  bool whole = same_letters(family, typed_family), part = has_word(family, typed_family);
  bool given_fits = same_letters(given, typed_given) || has_word(given, typed_given);
  return (given_fits && (whole || part)) || (whole && is_initial(given, typed_given));
}

bool name_fits_whole(Str given, Str family, Str record_given, Str record_family)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  return same_letters(str_fold(&arena, record_given), str_fold(&arena, given)) &&
         same_letters(str_fold(&arena, record_family), str_fold(&arena, family));
}

typedef struct Wanted { /* CheckinIdentity, made ready */
  Str given, family, birth;
  bool by_code;
  Uuid coded; /* nil: the code was not ours */
  WallTime time;
  bool by_time;
} Wanted;

static bool same_time(WallTime a, WallTime b)
{
  return date_compare(a.date, b.date) == 0 && a.minute == b.minute;
}

/* Looks at everything before it answers, so that one kind of difference takes as long as another. */
static bool is_wanted(Query *q, Arena *arena, const Wanted *wanted, const Visit *visit)
{
  Str family = str_fold(arena, query_str(q, "family"));
  bool named = fits(str_fold(arena, query_str(q, "given")), family, wanted->given, wanted->family);
  bool preferred = fits(str_fold(arena, query_str(q, "preferred")), family, wanted->given, wanted->family);
  bool born = !str_empty(wanted->birth) && str_eq(query_str(q, "birth"), wanted->birth);
  bool active = str_eq_c(query_str(q, "person"), "active");
  bool timed = !wanted->by_time || same_time(visit->start, wanted->time);
  bool coded = !uuid_is_nil(wanted->coded) && uuid_eq(visit->id, wanted->coded);
  bool who = wanted->by_code ? coded : ((int)named | (int)preferred) & (int)born;
  return (int)who & (int)active & (int)timed & (int)is_open(visit);
}

static Err find_visits(Store *store, Arena *arena, const Site *site, Date today, const Wanted *wanted, Visit **list,
                       size_t *count)
{
  Day day = day_of(today);
  AUTO(Arena, scratch, arena_fini) = arena_make_wiping(0);
  size_t found = 0, capacity = 0;
  Visit *visits = NULL, visit;
  AUTO(Query, q, query_fini) = query(store, &PERSONS_OF_DAY);
  bind_day(&q, site, &day);
  while (query_next(&q)) {
    bool good = read_visit(&q, &visit) && is_wanted(&q, &scratch, wanted, &visit);
    arena_reset(&scratch);
    if (!good || (found > 0 && uuid_eq(visits[found - 1].id, visit.id))) continue; /* by another of their records */
    visits = arena_grow_array(arena, visits, found, &capacity, sizeof *visits);
    visits[found++] = visit;
  }
  TRY(query_end(&q));
  *list = visits;
  *count = found;
  return ERR_OK;
}

static bool among(const Uuid list[], size_t count, Uuid id)
{
  for (size_t i = 0; i < count; i++) {
    if (uuid_eq(list[i], id)) return true;
  }
  return false;
}

Err visits_of_client(Store *store, Arena *arena, const Site *site, Date today, Uuid client, Visit **list, size_t *count)
{
  Uuid *same;
  size_t same_count, found = 0, capacity = 0;
  TRY(client_same(store, arena, client, &same, &same_count));
  Day day = day_of(today);
  Visit *visits = NULL, visit;
  AUTO(Query, q, query_fini) = query(store, &VISITS_OF_DAY);
  bind_day(&q, site, &day);
  while (query_next(&q)) {
    if (!read_visit(&q, &visit) || !is_open(&visit) || !among(same, same_count, visit.client)) continue;
    visits = arena_grow_array(arena, visits, found, &capacity, sizeof *visits);
    visits[found++] = visit;
  }
  TRY(query_end(&q));
  *list = visits;
  *count = found;
  return ERR_OK;
}

const Visit *visit_choose(const Visit visits[], size_t count, WallTime now)
{
  const Visit *next = NULL, *missed = NULL, *waiting = NULL;
  for (size_t i = 0; i < count; i++) { /* by start */
    const Visit *visit = &visits[i];
    if (visit->status != APPT_BOOKED)
      waiting = visit;
    else if (wall_minutes_between(visit->start, now) > MISSED_MINUTES)
      missed = visit;
    else if (!next)
      next = visit;
  }
  const Visit *booked = next ? next : missed;
  bool later = booked && wall_minutes_between(now, booked->start) > SOON_MINUTES;
  return waiting && (!next || later) ? waiting : booked;
}

static bool one_person(const Visit visits[], size_t count, const Uuid same[], size_t same_count)
{
  for (size_t i = 1; i < count; i++) {
    if (!among(same, same_count, visits[i].client)) return false;
  }
  return true;
}

static Err make_ready(Store *store, Arena *arena, const CheckinIdentity *identity, Wanted *out)
{
  *out = (Wanted){.given = str_fold(arena, identity->given),
                  .family = str_fold(arena, identity->family),
                  .by_code = !str_empty(identity->code),
                  .time = identity->visit,
                  .by_time = identity->visit.date.year != 0};
  if (identity->birth_date.year != 0) {
    char birth[DATE_TEXT_LEN + 1];
    date_text(identity->birth_date, birth);
    out->birth = arena_strdup(arena, str_c(birth));
  }
  bool good = false;
  Uuid coded;
  TRY(checkin_read_code(store, identity->code, &good, &coded));
  if (good) out->coded = coded;
  return ERR_OK;
}

/* *visit nil: nobody, or not clear who. */
static Err look(Store *store, Arena *arena, const Site *site, const CheckinIdentity *identity, bool *ask_time,
                Visit *out)
{
  Wanted wanted;
  WallTime now;
  Visit *visits;
  Uuid *same;
  size_t count, same_count;
  *out = (Visit){.id = {{0}}};
  *ask_time = false;
  TRY(make_ready(store, arena, identity, &wanted));
  TRY(site_wall(site, store_now(store), &now));
  TRY(find_visits(store, arena, site, now.date, &wanted, &visits, &count));
  if (count == 0) return ERR_OK;
  TRY(client_same(store, arena, visits[0].client, &same, &same_count));
  if (!one_person(visits, count, same, same_count)) {
    *ask_time = !wanted.by_time;
    return ERR_OK;
  }
  const Visit *chosen = visit_choose(visits, count, now);
  if (chosen) *out = *chosen;
  return ERR_OK;
}

static ThrottleTag tag_of(Store *store, const CheckinIdentity *identity)
{
  char birth[DATE_TEXT_LEN + 1] = "";
  if (str_empty(identity->code) && identity->birth_date.year != 0) date_text(identity->birth_date, birth);
  return throttle_tag(store, *birth ? str_c(birth) : identity->code);
}

Err checkin_identify(Store *store, const Site *site, const CheckinIdentity *identity, CheckinFound *found,
                     Checkin **out)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  ThrottleTag tag = tag_of(store, identity);
  TRY(throttle_try(store, tag));
  bool ask_time;
  Visit visit;
  TRY(look(store, &arena, site, identity, &ask_time, &visit));
  if (ask_time || uuid_is_nil(visit.id))
    TRY(throttle_failed(store, site)); /* to learn that there are several is a guess too */
  if (ask_time) {
    *found = CHECKIN_ASK_TIME;
    return ERR_OK;
  }
  if (uuid_is_nil(visit.id)) return ERR_NOT_FOUND;
  Client client;
  TRY(client_get(store, &arena, visit.client, &client));
  TRY(client_note_access(store, visit.client, (Uuid){{0}}, "kiosk", "identification"));
  TRY(throttle_forgive(store, tag));
  *found = CHECKIN_FOUND;
  return checkin_begin(store, site, &client, false, visit.id, out);
}

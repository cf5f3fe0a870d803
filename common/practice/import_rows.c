/* What an import writes, declared in import_internal.h. */
#include "common/practice/booking.h"
#include "common/practice/client.h"
#include "common/practice/import_internal.h"
#include "common/store/query.h"

SQL(CLIENT_OF_NUMBER, "SELECT client FROM client_identifier WHERE id = :id");
SQL(CLIENT_CONFIRMED, "SELECT contact_confirmed_at FROM client WHERE id = :id");
SQL(COVERAGE_THERE, "SELECT status, confirmed_at FROM coverage WHERE id = :id");
SQL(TYPE_NAMES, "SELECT id, name FROM appointment_type ORDER BY active DESC, id");
SQL(VISIT_BOOKING, "SELECT site, provider, start_wall, minutes, demand FROM appointment WHERE id = :id");
SQL(VISIT_STATUS, "SELECT status FROM appointment WHERE id = :id");

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

Uuid import_id_of(const char *domain, Uuid parent, Str value)
{
  return import_id(domain, (Str){(const char *)parent.bytes, sizeof parent.bytes}, value);
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

typedef struct Known {
  bool here, confirmed;
} Known;

static Err known(Store *store, Uuid client, Known *out)
{
  *out = (Known){0};
  AUTO(Query, q, query_fini) = query(store, &CLIENT_CONFIRMED);
  query_bind_uuid(&q, ":id", client);
  if (query_next(&q)) *out = (Known){true, !query_is_null(&q, "contact_confirmed_at")};
  return query_end(&q);
}

static bool has_address(const ImportContact *c)
{
  return c->line1.len + c->line2.len + c->city.len + c->state.len + c->postal_code.len + c->country.len > 0;
}

typedef struct ColList {
  Col cols[20];
  size_t count;
  bool blanks; /* take empty values too */
} ColList;

static void add(ColList *list, const char *name, Str value)
{
  if (list->blanks || !str_empty(value)) list->cols[list->count++] = col_text(name, value);
}

Err import_person(Tx *tx, ImportReport *report, Uuid id, const ImportPerson *person)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  const ImportName *name = &person->name;
  const ImportContact *contact = &person->contact;
  Known client;
  TRY(known(tx->store, id, &client));
  ColList list = {.blanks = true};
  add(&list, "given", name->given);
  add(&list, "family", name->family);
  add(&list, "prefix", name->prefix);
  add(&list, "suffix", name->suffix);
  add(&list, "sort_name", client_sort_name(&arena, name->given, name->family));
  list.blanks = !client.here;
  add(&list, "preferred_name", name->preferred);
  add(&list, "birth_date", person->birth_date);
  add(&list, "gender", person->gender);
  add(&list, "language", person->language);
  bool plain = str_empty(person->status) || str_eq_c(person->status, "active"); /* no news of someone known */
  if (!plain || !client.here) add(&list, "status", plain ? STR("active") : person->status);
  if (!client.confirmed) {
    add(&list, "phone", contact->phone);
    add(&list, "email", contact->email);
    list.blanks = has_address(contact);
    add(&list, "line1", contact->line1);
    add(&list, "line2", contact->line2);
    add(&list, "city", contact->city);
    add(&list, "state", contact->state);
    add(&list, "postal_code", contact->postal_code);
    add(&list, "country", contact->country);
  }
  return import_put(tx, report, "client", id, list.cols, &report->clients);
}

static Err settled_here(Store *store, Uuid id, bool *out)
{
  AUTO(Query, q, query_fini) = query(store, &COVERAGE_THERE);
  query_bind_uuid(&q, ":id", id);
  *out = query_next(&q) && (!query_is_null(&q, "confirmed_at") || !str_eq_c(query_str(&q, "status"), "active"));
  return query_end(&q);
}

Uuid import_insurance_id(const ImportInsurance *in)
{
  const Str between = {"\0", 1};
  Hash hash =
      hash_parts((const Str[]){in->payer, between, in->plan, between, in->member_id, between, in->group_number}, 7);
  return import_id_of("coverage", in->client, (Str){(const char *)hash.bytes, sizeof hash.bytes});
}

Err import_insurance(Tx *tx, ImportReport *report, Uuid id, const ImportInsurance *in)
{
  bool settled;
  TRY(settled_here(tx->store, id, &settled));
  if (settled) {
    report->unchanged++;
    return ERR_OK;
  }
  bool active = str_eq_c(in->status, "active") || str_empty(in->status);
  return import_put(tx, report, "coverage", id,
                    COLS(col_uuid("client", &in->client), col_text("payer", in->payer), col_text("plan", in->plan),
                         col_text("member_id", in->member_id), col_text("group_number", in->group_number),
                         col_text("relationship", str_empty(in->relationship) ? STR("self") : in->relationship),
                         col_text("start_date", in->start_date), col_text("end_date", in->end_date),
                         col_int("rank", in->rank > 0 ? in->rank : 1),
                         col_text("status", active ? STR("active") : STR("cancelled"))),
                    &report->coverages);
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

static Err find_type(Store *store, Arena *arena, Str wanted, Uuid *out)
{
  *out = (Uuid){{0}};
  AUTO(Query, q, query_fini) = query(store, &TYPE_NAMES);
  while (uuid_is_nil(*out) && query_next(&q))
    if (str_eq(str_fold(arena, query_str(&q, "name")), wanted)) *out = query_uuid(&q, "id");
  return query_end(&q);
}

Err import_type(Tx *tx, Str name, int minutes, bool active, Uuid *out)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Str wanted = str_fold(&arena, name);
  TRY(find_type(tx->store, &arena, wanted, out));
  if (!uuid_is_nil(*out) || minutes == 0) return ERR_OK;
  *out = import_id("appointment_type", STR(""), wanted);
  Err err = tx_insert(tx, "appointment_type", *out,
                      COLS(col_text("name", name), col_int("minutes", minutes), col_bool("active", active)));
  return err == ERR_EXISTS ? ERR_OK : err; /* the practice calls it something else by now */
}

static Err visit_event(Tx *tx, const ImportVisit *visit)
{
  Instant at = visit->ended_at ? visit->ended_at : tx_now(tx);
  return tx_put(tx, "appointment_event", import_id_of("appointment_event", visit->id, str_c(visit->status)),
                COLS(col_uuid("appointment", &visit->id), col_text("kind", str_c(visit->status)), col_int("at", at),
                     col_text("note", STR("imported"))),
                NULL);
}

/* A visit may be changed by a file as long as nothing but its booking has happened. */
static Err gone_on_here(Store *store, Uuid id, bool *out)
{
  AUTO(Query, q, query_fini) = query(store, &VISIT_STATUS);
  query_bind_uuid(&q, ":id", id);
  *out = query_next(&q) && !str_eq_c(query_str(&q, "status"), "booked");
  return query_end(&q);
}

static bool asks_as_before(Query *q, const ImportVisit *visit)
{
  WallTime start;
  return uuid_eq(query_uuid(q, "site"), visit->site) && uuid_eq(query_uuid(q, "provider"), visit->provider) &&
         wall_parse(query_str(q, "start_wall"), &start) && wall_minutes_between(start, visit->start) == 0 &&
         query_int(q, "minutes") == visit->minutes && !query_is_null(q, "demand");
}

/* visit_demand: what is over claims no time; what is to come claims its own, beside another if the other system had it so. */
static Err visit_demand(Tx *tx, const ImportVisit *visit, Uuid *out)
{
  *out = (Uuid){{0}};
  bool open = strcmp(visit->status, "booked") == 0 || strcmp(visit->status, "arrived") == 0 ||
              strcmp(visit->status, "roomed") == 0;
  if (!open) return ERR_OK;
  {
    AUTO(Query, q, query_fini) = query(tx->store, &VISIT_BOOKING);
    query_bind_uuid(&q, ":id", visit->id);
    if (query_next(&q) && asks_as_before(&q, visit)) *out = query_uuid(&q, "demand");
    TRY(query_end(&q));
  }
  if (!uuid_is_nil(*out)) return ERR_OK;
  return booking_ask(tx,
                     &(BookingAsk){.appointment = visit->id,
                                   .type = visit->type,
                                   .site = visit->site,
                                   .provider = visit->provider,
                                   .start = visit->start,
                                   .minutes = visit->minutes,
                                   .double_reason = "imported",
                                   .queue = true},
                     out);
}

Err import_visit(Tx *tx, ImportReport *report, const ImportVisit *visit)
{
  bool gone_on;
  TRY(gone_on_here(tx->store, visit->id, &gone_on));
  if (gone_on) {
    report->unchanged++;
    return ERR_OK;
  }
  char start[WALL_TEXT_LEN + 1];
  wall_text(visit->start, start);
  size_t before = report->appointments;
  Uuid demand;
  TRY(visit_demand(tx, visit, &demand));
  TRY(import_put(tx, report, "appointment", visit->id,
                 COLS(col_uuid("client", &visit->client), col_uuid("type", &visit->type),
                      col_uuid("site", &visit->site), col_uuid("provider", &visit->provider),
                      col_text("start_wall", str_c(start)), col_int("minutes", visit->minutes),
                      col_uuid("demand", &demand), col_text("status", str_c(visit->status)),
                      col_text("note", visit->note), col_text("external_id", visit->external_id)),
                 &report->appointments));
  if (report->appointments == before) return ERR_OK;
  TRY(booking_settle(tx, visit->id));
  return visit_event(tx, visit);
}

/* One row of a CSV file: a client, or a visit. */
#include "common/practice/client.h"
#include "common/practice/import_csv_internal.h"
#include "common/practice/tidy.h"
#include "common/store/query.h"

SQL(TYPE_MINUTES, "SELECT minutes FROM appointment_type WHERE id = :id");
SQL(PROVIDER_NAMES, "SELECT id, given, family FROM provider WHERE active = 1");

enum { MINUTES_MOST = 24 * 60, NOTE_MAX_CHARS = 1000 };

static const struct {
  const char *key, *why;
} SENTENCES[] = {
    {"fault.required", "it is missing"},
    {"fault.too_long", "it is too long"},
    {"fault.date", "it is not a date"},
    {"fault.date_future", "it is in the future"},
    {"fault.date_long_ago", "it is too long ago"},
    {"fault.phone", "it is not a phone number"},
    {"fault.email", "it is not an email address"},
    {"fault.card_number", "it holds a payment card's number"},
};

static const char *sentence(const char *key)
{
  for (size_t i = 0; i < COUNT_OF(SENTENCES); i++)
    if (strcmp(SENTENCES[i].key, key) == 0) return SENTENCES[i].why;
  return "it is not what may stand there";
}

static Str gender_of(Arena *arena, Str text)
{
  Str word = str_fold(arena, text);
  if (str_eq_c(word, "m") || str_eq_c(word, "man") || str_eq_c(word, "hombre")) return STR("male");
  if (str_eq_c(word, "f") || str_eq_c(word, "w") || str_eq_c(word, "woman") || str_eq_c(word, "mujer"))
    return STR("female");
  return arena_strdup(arena, word);
}

/* mistakes: of the row as a client's details; true when there are any, and they are reported. */
static bool mistakes(CsvFile *file, const CsvRow *row, const ImportPerson *p)
{
  const ImportContact *c = &p->contact;
  Client client = {.given = p->name.given.ptr,
                   .family = p->name.family.ptr,
                   .preferred_name = p->name.preferred.ptr,
                   .birth_date = p->birth_date.ptr,
                   .gender = p->gender.ptr,
                   .language = p->language.ptr,
                   .contact = {c->phone.ptr, c->email.ptr, c->line1.ptr, c->line2.ptr, c->city.ptr, c->state.ptr,
                               c->postal_code.ptr, c->country.ptr}};
  Faults faults = faults_make(file->arena);
  Instant tomorrow = store_now(file->store) + 86400000;
  client_check(&client, date_from_days((int32_t)(tomorrow / 86400000)), &faults);
  for (size_t i = 0; i < faults.count; i++) csv_refuse(file, row, faults.items[i].field, sentence(faults.items[i].key));
  return faults.count > 0;
}

static Err take_insurance(CsvFile *file, const CsvRow *row, Uuid client)
{
  ImportInsurance insurance = {.client = client,
                               .payer = csv_field(file, row, CSV_PAYER),
                               .plan = csv_field(file, row, CSV_PLAN),
                               .member_id = csv_field(file, row, CSV_MEMBER),
                               .group_number = csv_field(file, row, CSV_GROUP),
                               .rank = 1};
  if (str_empty(insurance.payer)) return ERR_OK;
  return import_insurance(file->tx, file->report, import_insurance_id(&insurance), &insurance);
}

Err csv_take_client(CsvFile *file, const CsvRow *row)
{
  ImportPerson person = {
      .name = {.given = import_name(file->report, file->arena, csv_field(file, row, CSV_GIVEN)),
               .family = import_name(file->report, file->arena, csv_field(file, row, CSV_FAMILY)),
               .preferred = csv_field(file, row, CSV_PREFERRED)},
      .gender = gender_of(file->arena, csv_field(file, row, CSV_GENDER)),
      .language = csv_field(file, row, CSV_LANGUAGE),
      .contact = {.phone = tidy_phone(file->arena, csv_field(file, row, CSV_PHONE)),
                  .email = csv_field(file, row, CSV_EMAIL),
                  .line1 = csv_field(file, row, CSV_LINE1),
                  .line2 = csv_field(file, row, CSV_LINE2),
                  .city = csv_field(file, row, CSV_CITY),
                  .state = csv_field(file, row, CSV_STATE),
                  .postal_code = csv_field(file, row, CSV_POSTAL),
                  .country = csv_field(file, row, CSV_COUNTRY)},
  };
  Str number = csv_field(file, row, CSV_ID);
  if (!csv_date(file, csv_field(file, row, CSV_BIRTH), &person.birth_date)) {
    csv_refuse(file, row, "birth_date", "it is no date, or can be read in two ways: write 1990-12-31");
    return ERR_OK;
  }
  if (mistakes(file, row, &person)) return ERR_OK;
  if (str_empty(number) && str_empty(person.birth_date)) {
    csv_refuse(file, row, "", "without id or birth date nobody could know the client again");
    return ERR_OK;
  }
  Uuid id;
  Err err = csv_client(file, number, person.name.given, person.name.family, person.birth_date, &id);
  if (err == ERR_CONFLICT) {
    csv_refuse(file, row, "", "several clients have that name and date of birth: an id must tell which");
    return ERR_OK;
  }
  TRY(err);
  if (uuid_is_nil(id) && !str_empty(number)) id = import_id("client", CSV_NUMBERS, number);
  if (uuid_is_nil(id))
    id = import_id("client.person", person.birth_date,
                   client_sort_name(file->arena, person.name.given, person.name.family));
  TRY(import_person(file->tx, file->report, id, &person));
  if (!str_empty(number)) TRY(import_identifier(file->tx, file->report, id, CSV_NUMBERS, number, STR("MR")));
  return take_insurance(file, row, id);
}

/* A provider by name: "Dr. Lee Wong", "Wong, Lee", "Wong". More than one: nobody. */
static Err find_provider(CsvFile *file, Str name, Uuid *out)
{
  Str wanted = str_fold(file->arena, name);
  if (str_starts(wanted, STR("dr "))) wanted = (Str){wanted.ptr + 3, wanted.len - 3};
  size_t found = 0;
  AUTO(Query, q, query_fini) = query(file->store, &PROVIDER_NAMES);
  while (query_next(&q)) {
    Str given = query_copy(&q, file->arena, "given"), family = query_copy(&q, file->arena, "family");
    Str reversed = client_sort_name(file->arena, given, family);
    Str straight = client_sort_name(file->arena, family, given);
    if (!str_eq(wanted, reversed) && !str_eq(wanted, straight) && !str_eq(wanted, str_fold(file->arena, family)))
      continue;
    *out = query_uuid(&q, "id");
    found++;
  }
  TRY(query_end(&q));
  if (found != 1) *out = (Uuid){{0}};
  return ERR_OK;
}

/* when: "2026-11-24T09:30", "2026-11-24 9:30", or date and time in columns of their own. */
static bool when(const CsvFile *file, const CsvRow *row, WallTime *out)
{
  Str time = csv_field(file, row, CSV_START), date;
  if (wall_parse(time, out)) return true;
  if (str_empty(time)) {
    date = csv_field(file, row, CSV_DATE);
    time = csv_field(file, row, CSV_TIME);
  } else {
    date = str_cut(&time, memchr(time.ptr, 'T', time.len) ? 'T' : ' ');
  }
  int minute;
  Str iso;
  if (!csv_date(file, date, &iso) || !date_parse(iso, &out->date) || !loose_time(time, &minute)) return false;
  out->minute = (int16_t)minute;
  return true;
}

/* whose: the visit's client; nil, and reported, when it is nobody. */
static Err whose(CsvFile *file, const CsvRow *row, Uuid *out)
{
  Str birth;
  *out = (Uuid){{0}};
  bool dated = csv_date(file, csv_field(file, row, CSV_BIRTH), &birth);
  Err err = csv_client(file, csv_field(file, row, CSV_CLIENT),
                       import_name(file->report, file->arena, csv_field(file, row, CSV_GIVEN)),
                       import_name(file->report, file->arena, csv_field(file, row, CSV_FAMILY)),
                       dated ? birth : STR(""), out);
  if (err != ERR_OK && err != ERR_CONFLICT) return err;
  if (err == ERR_CONFLICT) *out = (Uuid){{0}};
  if (uuid_is_nil(*out))
    csv_refuse(file, row, "client", err == ERR_CONFLICT ? "several clients fit" : "there is no such client");
  return ERR_OK;
}

static Err which_site(CsvFile *file, const CsvRow *row, Uuid *out)
{
  Str name = csv_field(file, row, CSV_SITE);
  Site *sites;
  size_t count;
  *out = (Uuid){{0}};
  if (!str_empty(name)) {
    TRY(import_site(file->store, name, out));
  } else {
    TRY(site_list(file->store, file->arena, &sites, &count));
    if (count == 1) *out = sites[0].id;
  }
  if (uuid_is_nil(*out)) csv_refuse(file, row, "site", "there is no such site");
  return ERR_OK;
}

static const char *status_of(Arena *arena, Str text)
{
  static const char *const KNOWN[] = {"booked", "arrived", "roomed", "done", "noshow", "cancelled"};
  Str word = str_fold(arena, text);
  if (str_empty(word) || str_eq_c(word, "scheduled") || str_eq_c(word, "confirmed")) return "booked";
  if (str_eq_c(word, "canceled")) return "cancelled";
  if (str_eq_c(word, "completed") || str_eq_c(word, "fulfilled")) return "done";
  if (str_eq_c(word, "no show")) return "noshow";
  for (size_t i = 0; i < COUNT_OF(KNOWN); i++)
    if (str_eq_c(word, KNOWN[i])) return KNOWN[i];
  return NULL;
}

/* As long as the file says, else as long as the type usually is. */
static Err visit_minutes(CsvFile *file, Uuid type, int64_t said, int *out)
{
  *out = (int)said;
  if (said > 0) return ERR_OK;
  AUTO(Query, q, query_fini) = query(file->store, &TYPE_MINUTES);
  query_bind_uuid(&q, ":id", type);
  if (query_next(&q)) *out = (int)query_int(&q, "minutes");
  return query_end(&q);
}

Err csv_take_visit(CsvFile *file, const CsvRow *row)
{
  ImportVisit visit = {.note = csv_field(file, row, CSV_NOTE), .external_id = csv_field(file, row, CSV_ID)};
  int64_t minutes = 0;
  Str length = csv_field(file, row, CSV_MINUTES), doctor = csv_field(file, row, CSV_PROVIDER);
  visit.status = status_of(file->arena, csv_field(file, row, CSV_STATUS));
  TRY(whose(file, row, &visit.client));
  TRY(which_site(file, row, &visit.site));
  if (uuid_is_nil(visit.client) || uuid_is_nil(visit.site)) return ERR_OK;
  TRY(import_type(file->tx, csv_field(file, row, CSV_TYPE), 0, false, &visit.type));
  if (!str_empty(doctor)) TRY(find_provider(file, doctor, &visit.provider));
  const char *field = !when(file, row, &visit.start)                          ? "start"
                      : !visit.status                                         ? "status"
                      : uuid_is_nil(visit.type)                               ? "type"
                      : !str_empty(doctor) && uuid_is_nil(visit.provider)     ? "provider"
                      : !str_empty(length) && !str_to_int64(length, &minutes) ? "minutes"
                      : minutes < 0 || minutes > MINUTES_MOST                 ? "minutes"
                      : utf8_count(visit.note) > NOTE_MAX_CHARS               ? "note"
                                                                              : NULL;
  if (field) {
    csv_refuse(file, row, field, sentence(""));
    return ERR_OK;
  }
  TRY(visit_minutes(file, visit.type, minutes, &visit.minutes));
  char start[WALL_TEXT_LEN + 1];
  wall_text(visit.start, start);
  visit.id = str_empty(visit.external_id) ? import_id_of("appointment", visit.client, str_c(start))
                                          : import_id("appointment", CSV_NUMBERS, visit.external_id);
  return import_visit(file->tx, file->report, &visit);
}

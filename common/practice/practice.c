#include "common/practice/practice.h"

#include <ctype.h>

#include "common/base/colour.h"
#include "common/base/crypto.h"
#include "common/base/json.h"
#include "common/base/money.h"
#include "common/practice/tidy.h"
#include "common/store/query.h"

enum { NAME_MAX_CHARS = 200, PREFIX_MAX = 4, LANGUAGE_MAX = 35 };

static const char *const VERTICALS[] = {"clinic", "therapy", "dental", "law", "consulting"};

SQL(PRACTICE_GET, "SELECT id, name, vertical, currency, language, accent, settings FROM practice ORDER BY id LIMIT 1");
#define SITE_COLUMNS "id, name, prefix, zone, phone, waiting_place"
SQL(SITE_GET, "SELECT " SITE_COLUMNS " FROM site WHERE id = :id");
SQL(SITE_LIST, "SELECT " SITE_COLUMNS " FROM site WHERE active = 1 ORDER BY name, id");
SQL(SITE_OF_NODE, "SELECT site FROM node WHERE id = :id");
SQL(SITE_WITH_PREFIX, "SELECT 1 FROM site WHERE prefix = :prefix");

static Str text_of(Arena *arena, const char *text, const char *field, bool required, Faults *faults)
{
  Str line = tidy_c(arena, text);
  if (required && str_empty(line)) faults_add(faults, field, "fault.required", NULL);
  if (utf8_count(line) > NAME_MAX_CHARS) faults_add(faults, field, "fault.too_long", "200");
  return line;
}

static bool is_vertical(Str text)
{
  for (size_t i = 0; i < COUNT_OF(VERTICALS); i++)
    if (str_eq_c(text, VERTICALS[i])) return true;
  return false;
}

static bool is_currency(Str text)
{
  char code[4] = {0};
  Money money;
  if (text.len != 3) return false;
  memcpy(code, text.ptr, 3);
  return money_parse(STR("1"), code, &money) == ERR_OK;
}

/* The shape of BCP 47 is enough: which languages there are is for assets/i18n to say. */
static bool is_language(Str text)
{
  if (text.len < 2 || text.len > LANGUAGE_MAX) return false;
  for (size_t i = 0; i < text.len; i++)
    if (!isalnum((unsigned char)text.ptr[i]) && text.ptr[i] != '-') return false;
  return isalpha((unsigned char)text.ptr[0]) && isalpha((unsigned char)text.ptr[1]);
}

/* read_settings: a practice whose settings cannot be read is asked what its vertical is asked. */
static void read_settings(Str text, Practice *out)
{
  AUTO(json_t *, settings, json_release) = NULL;
  out->asks_coverage = strcmp(out->vertical, "law") != 0 && strcmp(out->vertical, "consulting") != 0;
  if (json_parse(text, &settings) == ERR_OK) out->asks_coverage = json_bool(settings, "coverage", out->asks_coverage);
}

static Str first_settings(Arena *arena, const Env *env, Str coverage)
{
  char key[PRACTICE_CODE_KEY_BYTES];
  env_random(env, key, sizeof key);
  AUTO(json_t *, settings, json_release) = json_object();
  json_object_set_new(settings, PRACTICE_CODE_KEY, json_from_str(base64url_encode(arena, (Str){key, sizeof key})));
  if (!str_empty(coverage)) json_object_set_new(settings, "coverage", json_boolean(str_eq_c(coverage, "yes")));
  crypto_wipe(key, sizeof key);
  return json_canonical(arena, settings);
}

Err practice_get(Store *store, Arena *arena, Practice *out)
{
  AUTO(Query, q, query_fini) = query(store, &PRACTICE_GET);
  if (!query_next(&q)) {
    TRY(query_end(&q));
    return ERR_NOT_FOUND;
  }
  *out = (Practice){.id = query_uuid(&q, "id"),
                    .name = query_cstr(&q, arena, "name"),
                    .vertical = query_cstr(&q, arena, "vertical"),
                    .currency = query_cstr(&q, arena, "currency"),
                    .language = query_cstr(&q, arena, "language"),
                    .accent = query_cstr(&q, arena, "accent")};
  read_settings(query_str(&q, "settings"), out);
  return query_end(&q);
}

const char *practice_people(const char *vertical)
{
  return strcmp(vertical, "clinic") == 0 || strcmp(vertical, "dental") == 0 ? "patient" : "client";
}

Err practice_add(Tx *tx, const PracticeNew *input, Faults *faults, Uuid *out)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  Practice there;
  Err err = practice_get(tx->store, &arena, &there);
  if (err == ERR_OK) return err_because(ERR_EXISTS, "this replica has a practice already");
  if (err != ERR_NOT_FOUND) return err;
  size_t before = faults->count;
  Str name = text_of(&arena, input->name, "name", true, faults);
  Str accent = tidy_c(&arena, input->accent), coverage = tidy_c(&arena, input->coverage);
  Colour colour;
  if (!is_vertical(str_c(input->vertical))) faults_add(faults, "vertical", "fault.vertical", input->vertical);
  if (!is_currency(str_c(input->currency))) faults_add(faults, "currency", "fault.currency", input->currency);
  if (!is_language(str_c(input->language))) faults_add(faults, "language", "fault.language", input->language);
  if (!str_empty(accent) && !colour_parse(accent, &colour)) faults_add(faults, "accent", "fault.colour", input->accent);
  if (!str_empty(coverage) && !str_eq_c(coverage, "yes") && !str_eq_c(coverage, "no"))
    faults_add(faults, "coverage", "fault.option", input->coverage);
  if (faults->count != before) return ERR_INVALID;
  Uuid id = uuid_v7(store_env(tx->store));
  TRY(tx_insert(tx, "practice", id,
                COLS(col_text("name", name), col_text("vertical", str_c(input->vertical)),
                     col_text("currency", str_c(input->currency)), col_text("language", str_c(input->language)),
                     col_text("accent", accent),
                     col_text("settings", first_settings(&arena, store_env(tx->store), coverage)))));
  *out = id;
  return ERR_OK;
}

static Site read_site(Query *q, Arena *arena)
{
  return (Site){.id = query_uuid(q, "id"),
                .name = query_cstr(q, arena, "name"),
                .prefix = query_cstr(q, arena, "prefix"),
                .zone = query_cstr(q, arena, "zone"),
                .phone = query_cstr(q, arena, "phone"),
                .waiting_place = query_cstr(q, arena, "waiting_place")};
}

Err site_get(Store *store, Arena *arena, Uuid id, Site *out)
{
  AUTO(Query, q, query_fini) = query(store, &SITE_GET);
  query_bind_uuid(&q, ":id", id);
  if (!query_next(&q)) {
    TRY(query_end(&q));
    return ERR_NOT_FOUND;
  }
  *out = read_site(&q, arena);
  return query_end(&q);
}

Err site_list(Store *store, Arena *arena, Site **list, size_t *count)
{
  AUTO(Query, q, query_fini) = query(store, &SITE_LIST);
  Site *found = NULL;
  size_t n = 0, capacity = 0;
  while (query_next(&q)) {
    found = arena_grow_array(arena, found, n, &capacity, sizeof *found);
    found[n++] = read_site(&q, arena);
  }
  TRY(query_end(&q));
  *list = found;
  *count = n;
  return ERR_OK;
}

Err site_here(Store *store, Arena *arena, Site *out)
{
  Uuid id = {{0}};
  {
    AUTO(Query, q, query_fini) = query(store, &SITE_OF_NODE);
    query_bind_uuid(&q, ":id", node_row_id(store_node(store)));
    if (query_next(&q)) id = query_uuid(&q, "site");
    TRY(query_end(&q));
  }
  if (!uuid_is_nil(id)) return site_get(store, arena, id, out);
  Site *list;
  size_t count;
  TRY(site_list(store, arena, &list, &count));
  if (count != 1) return ERR_NOT_FOUND;
  *out = list[0];
  return ERR_OK;
}

Err site_wall(const Site *site, Instant now, WallTime *out)
{
  return zone_to_wall(site->zone, now, out);
}

/* Letters and digits, in upper case: it is read out loud and typed. "" when it is none. */
static Str prefix_of(Arena *arena, const char *typed)
{
  Str line = tidy_c(arena, typed);
  if (line.len < 1 || line.len > PREFIX_MAX) return STR("");
  char *upper = arena_cstr(arena, line);
  for (size_t i = 0; i < line.len; i++) {
    upper[i] = (char)toupper((unsigned char)upper[i]);
    bool letter = (upper[i] >= 'A' && upper[i] <= 'Z') || (upper[i] >= '0' && upper[i] <= '9');
    if (!letter) return STR("");
  }
  return (Str){upper, line.len};
}

static Err prefix_taken(Store *store, Str prefix, bool *taken)
{
  AUTO(Query, q, query_fini) = query(store, &SITE_WITH_PREFIX);
  query_bind_text(&q, ":prefix", prefix);
  *taken = query_next(&q);
  return query_end(&q);
}

Err site_add(Tx *tx, const SiteNew *input, Faults *faults, Uuid *out)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  size_t before = faults->count;
  Str name = text_of(&arena, input->name, "name", true, faults);
  Str prefix = prefix_of(&arena, input->prefix);
  if (str_empty(prefix)) {
    faults_add(faults, "prefix", "fault.prefix", input->prefix);
  } else {
    bool taken;
    TRY(prefix_taken(tx->store, prefix, &taken));
    if (taken) faults_add(faults, "prefix", "fault.prefix_taken", input->prefix);
  }
  if (!input->zone || !zone_known(input->zone)) faults_add(faults, "zone", "fault.zone", input->zone);
  Str phone = tidy_phone(&arena, text_of(&arena, input->phone, "phone", false, faults));
  Str waiting = text_of(&arena, input->waiting_place, "waiting_place", false, faults);
  Str line1 = text_of(&arena, input->line1, "line1", false, faults);
  Str city = text_of(&arena, input->city, "city", false, faults);
  Str state = text_of(&arena, input->state, "state", false, faults);
  Str postal = text_of(&arena, input->postal_code, "postal_code", false, faults);
  Str country = text_of(&arena, input->country, "country", false, faults);
  if (faults->count != before) return ERR_INVALID;
  Uuid id = uuid_v7(store_env(tx->store));
  TRY(tx_insert(tx, "site", id,
                COLS(col_text("name", name), col_text("prefix", prefix), col_text("zone", str_c(input->zone)),
                     col_text("phone", phone), col_text("waiting_place", waiting), col_text("line1", line1),
                     col_text("city", city), col_text("state", state), col_text("postal_code", postal),
                     col_text("country", country))));
  *out = id;
  return ERR_OK;
}

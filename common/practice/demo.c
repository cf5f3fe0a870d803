#include "common/practice/demo.h"

#include <dirent.h>
#include <stdlib.h>

#include "common/base/assets.h"
#include "common/practice/appointment.h"
#include "common/practice/demo_internal.h"
#include "common/practice/import.h"
#include "common/practice/permission.h"
#include "common/practice/staff.h"
#include "common/store/query.h"

enum { ASSET_MAX = 1 << 20, CLIENTS_USUAL = 24, CLIENTS_MOST = 1000 };

/* Names beyond ASCII first: a demonstration should show them, and tests look for them. */
SQL_SCAN(DEMO_CLIENTS, "SELECT id FROM client WHERE status = 'active'"
                       " ORDER BY length(CAST(given || family AS BLOB)) = length(given || family), sort_name, id"
                       " LIMIT :max_count");

uint64_t dice_next(Dice *dice)
{
  uint64_t z = dice->state += 0x9e3779b97f4a7c15U;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
  z = (z ^ z >> 27) * 0x94d049bb133111ebU;
  return z ^ z >> 31;
}

size_t dice_below(Dice *dice, size_t limit)
{
  return (size_t)(dice_next(dice) % limit);
}

int dice_between(Dice *dice, int least, int most)
{
  return least + (int)dice_below(dice, (size_t)(most - least) + 1);
}

Err demo_asset(Arena *arena, const char *name, json_t **out)
{
  return json_read_file(assets_path(arena, name), ASSET_MAX, out);
}

const char *demo_cstr(Arena *arena, json_t *value, const char *path)
{
  return arena_cstr(arena, json_str(value, path));
}

Err demo_practice(Arena *arena, const DemoOptions *options, json_t **out)
{
  const char *vertical = options->vertical ? options->vertical : "clinic";
  bool usual = strcmp(vertical, "clinic") == 0;
  if (memchr(vertical, '/', strlen(vertical))) return err_because(ERR_INVALID, "not a vertical");
  return demo_asset(arena, usual ? "demo/practice.json" : arena_printf(arena, "demo/practice-%s.json", vertical), out);
}

/* faults_as_err: what is wrong in an asset or an option is not a person's mistake in a form. */
static Err faults_as_err(Err err, const Faults *faults, const char *what)
{
  if (err != ERR_INVALID || faults->count == 0) return err;
  const Fault *fault = &faults->items[faults->count - 1];
  return err_because(ERR_INVALID, "demo: %s: %s: %s", what, fault->field, fault->key);
}

static Err add_practice(Demo *demo, Tx *tx, Faults *faults)
{
  Arena *arena = demo->arena;
  json_t *p = demo->practice;
  const char *language = demo->options->language ? demo->options->language : demo_cstr(arena, p, "language");
  PracticeNew input = {.name = demo_cstr(arena, p, "name"),
                       .vertical = demo_cstr(arena, p, "vertical"),
                       .currency = demo_cstr(arena, p, "currency"),
                       .language = language,
                       .accent = demo_cstr(arena, p, "accent")};
  Uuid id;
  TRY(practice_add(tx, &input, faults, &id));
  NodeNew node = {.name = "Central server", .kind = "root", .scope = "practice"};
  memcpy(node.public_key, store_key(demo->store)->public_key, sizeof node.public_key);
  return node_add(tx, &node, faults);
}

static Err add_site(Demo *demo, Tx *tx, json_t *in, DemoSite *out, Faults *faults)
{
  Arena *arena = demo->arena;
  const char *zone = demo->options->zone ? demo->options->zone : demo_cstr(arena, demo->practice, "zone");
  SiteNew input = {.name = demo_cstr(arena, in, "name"),
                   .prefix = demo_cstr(arena, in, "prefix"),
                   .zone = zone,
                   .phone = demo_cstr(arena, in, "phone"),
                   .waiting_place = demo_cstr(arena, in, "waiting_place"),
                   .line1 = demo_cstr(arena, in, "line1"),
                   .city = demo_cstr(arena, in, "city"),
                   .state = demo_cstr(arena, in, "state"),
                   .postal_code = demo_cstr(arena, in, "postal_code"),
                   .country = demo_cstr(arena, in, "country")};
  *out = (DemoSite){.prefix = input.prefix, .zone = zone};
  TRY(site_add(tx, &input, faults, &out->id));
  json_t *rooms = json_object_get(in, "rooms");
  out->rooms = ARENA_ARRAY(arena, Uuid, json_array_size(rooms) + 1);
  for (size_t i = 0; i < json_array_size(rooms); i++) {
    const char *name = demo_cstr(arena, json_array_get(rooms, i), "");
    TRY(resource_add(tx, out->id, name, "room", &out->rooms[out->room_count++]));
  }
  return ERR_OK;
}

static DemoSite *site_of_prefix(Demo *demo, Str prefix)
{
  for (size_t i = 0; i < demo->site_count; i++)
    if (str_eq_c(prefix, demo->sites[i].prefix)) return &demo->sites[i];
  return NULL;
}

static Err add_provider(Demo *demo, Tx *tx, json_t *in)
{
  Arena *arena = demo->arena;
  ProviderNew input = {.given = demo_cstr(arena, in, "given"),
                       .family = demo_cstr(arena, in, "family"),
                       .prefix = demo_cstr(arena, in, "prefix"),
                       .identifier = demo_cstr(arena, in, "identifier"),
                       .specialty = demo_cstr(arena, in, "specialty")};
  json_t *sites = json_object_get(in, "sites");
  Uuid id;
  TRY(provider_add(tx, &input, &id));
  for (size_t i = 0; i < json_array_size(sites); i++) {
    DemoSite *site = site_of_prefix(demo, json_str(json_array_get(sites, i), ""));
    if (!site) return err_because(ERR_INVALID, "demo: a provider works at a site that is none");
    TRY(provider_at(tx, id, site->id));
    site->providers[site->provider_count++] = id;
  }
  return ERR_OK;
}

static Err add_type(Demo *demo, Tx *tx, json_t *in)
{
  DemoType *type = &demo->types[demo->type_count++];
  AppointmentType input = {.name = demo_cstr(demo->arena, in, "name"),
                           .minutes = (int)json_int(in, "minutes", 30),
                           .walk_in = json_bool(in, "walk_in", false)};
  *type = (DemoType){.minutes = input.minutes, .walk_in = input.walk_in, .reasons = json_object_get(in, "reasons")};
  return appointment_type_add(tx, &input, &type->id);
}

static Err add_calendar(Demo *demo, Tx *tx, Faults *faults)
{
  json_t *sites = json_object_get(demo->practice, "sites");
  json_t *providers = json_object_get(demo->practice, "providers");
  json_t *types = json_object_get(demo->practice, "types");
  if (!json_array_size(sites) || !json_array_size(providers) || !json_array_size(types))
    return err_because(ERR_INVALID, "demo: practice.json needs sites, providers and types");
  demo->sites = ARENA_ARRAY(demo->arena, DemoSite, json_array_size(sites));
  demo->types = ARENA_ARRAY(demo->arena, DemoType, json_array_size(types));
  for (size_t i = 0; i < json_array_size(sites); i++) {
    DemoSite *site = &demo->sites[demo->site_count++];
    TRY(add_site(demo, tx, json_array_get(sites, i), site, faults));
    site->providers = ARENA_ARRAY(demo->arena, Uuid, json_array_size(providers));
  }
  for (size_t i = 0; i < json_array_size(providers); i++) TRY(add_provider(demo, tx, json_array_get(providers, i)));
  for (size_t i = 0; i < json_array_size(types); i++) TRY(add_type(demo, tx, json_array_get(types, i)));
  bool bookable = false;
  for (size_t i = 0; i < demo->type_count; i++) bookable |= !demo->types[i].walk_in;
  if (!bookable) return err_because(ERR_INVALID, "demo: no type can be booked");
  for (size_t i = 0; i < demo->site_count; i++)
    if (demo->sites[i].provider_count == 0) return err_because(ERR_INVALID, "demo: a site has no provider");
  return ERR_OK;
}

Err demo_accounts(Arena *arena, const DemoOptions *options, DemoAccount **list, size_t *count)
{
  AUTO(json_t *, practice, json_release) = NULL;
  TRY(demo_practice(arena, options, &practice));
  json_t *staff = json_object_get(practice, "staff");
  DemoAccount *accounts = ARENA_ARRAY(arena, DemoAccount, json_array_size(staff) + 1);
  int64_t pin = 0;
  bool has_pin = options->pin && str_to_int64(str_c(options->pin), &pin);
  for (size_t i = 0; i < json_array_size(staff); i++) {
    json_t *in = json_array_get(staff, i);
    const char *given = demo_cstr(arena, in, "given"), *family = demo_cstr(arena, in, "family");
    accounts[i] = (DemoAccount){
        .username = demo_cstr(arena, in, "username"),
        .name = arena_printf(arena, "%s %s", given, family),
        .role = demo_cstr(arena, in, "role"),
        .site = demo_cstr(arena, in, "site"),
        .pin = has_pin ? arena_printf(arena, "%04d", (int)((pin + (int64_t)i) % 10000)) : "",
    };
  }
  *list = accounts;
  *count = json_array_size(staff);
  return ERR_OK;
}

static Err add_staff(Demo *demo, Tx *tx, Faults *faults)
{
  TRY(permission_add_default_roles(tx));
  json_t *staff = json_object_get(demo->practice, "staff");
  DemoAccount *accounts;
  size_t count;
  TRY(demo_accounts(demo->arena, demo->options, &accounts, &count));
  for (size_t i = 0; i < count; i++) {
    json_t *in = json_array_get(staff, i);
    DemoSite *site = site_of_prefix(demo, str_c(accounts[i].site));
    StaffNew input = {.username = accounts[i].username,
                      .given = demo_cstr(demo->arena, in, "given"),
                      .family = demo_cstr(demo->arena, in, "family"),
                      .password = demo->options->password,
                      .pin = *accounts[i].pin ? accounts[i].pin : NULL,
                      .role = accounts[i].role,
                      .site = site ? site->id : (Uuid){{0}}};
    Uuid id;
    TRY(staff_add(tx, &input, faults, &id));
  }
  return ERR_OK;
}

static Err fill_practice(Demo *demo)
{
  Faults faults = faults_make(demo->arena);
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(demo->store, actor_system(), "demo.practice", "", &tx));
  TRY(faults_as_err(add_practice(demo, &tx, &faults), &faults, "practice"));
  TRY(faults_as_err(add_calendar(demo, &tx, &faults), &faults, "sites and providers"));
  TRY(faults_as_err(add_staff(demo, &tx, &faults), &faults, "staff"));
  TRY(demo_forms(demo, &tx));
  return tx_commit(&tx);
}

static int by_name(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* import_folder: every bundle in it, by name, so that two demos are alike. */
static Err import_folder(Demo *demo)
{
  if (!demo->options->fhir_folder) return ERR_OK;
  DIR *folder = opendir(demo->options->fhir_folder);
  if (!folder) return ERR_OK;
  const char **paths = NULL;
  size_t count = 0, capacity = 0;
  for (struct dirent *entry; (entry = readdir(folder));) {
    const char *end = strrchr(entry->d_name, '.');
    if (!end || strcmp(end, ".json") != 0) continue;
    paths = arena_grow_array(demo->arena, paths, count, &capacity, sizeof *paths);
    paths[count++] = arena_printf(demo->arena, "%s/%s", demo->options->fhir_folder, entry->d_name);
  }
  closedir(folder);
  if (count > 1) qsort(paths, count, sizeof *paths, by_name);
  for (size_t i = 0; i < count; i++) {
    ImportReport report = {.arena = demo->arena, .options = {.strip_digits = true}};
    TRY(import_fhir_file(demo->store, actor_system(), paths[i], &report));
  }
  return ERR_OK;
}

static Err read_clients(Demo *demo)
{
  demo->clients = ARENA_ARRAY(demo->arena, Uuid, CLIENTS_MOST);
  AUTO(Query, q, query_fini) = query(demo->store, &DEMO_CLIENTS);
  query_bind_int(&q, ":max_count", CLIENTS_MOST);
  for (demo->client_count = 0; query_next(&q); demo->client_count++)
    demo->clients[demo->client_count] = query_uuid(&q, "id");
  return query_end(&q);
}

Err demo_fill(Store *store, const DemoOptions *options)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  AUTO(json_t *, practice, json_release) = NULL;
  TRY(demo_practice(&arena, options, &practice));
  Demo demo = {
      .arena = &arena, .store = store, .options = options, .practice = practice, .dice = {.state = options->seed}};
  TRY(fill_practice(&demo));
  TRY(import_folder(&demo));
  TRY(read_clients(&demo));
  if (demo.client_count == 0) {
    TRY(demo_clients(store, options->clients ? options->clients : CLIENTS_USUAL, options->seed));
    TRY(read_clients(&demo));
  }
  return demo_days(&demo);
}

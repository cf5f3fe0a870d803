/* Generated clients. */
#include "common/practice/client.h"
#include "common/practice/demo_internal.h"

enum { CLIENTS_A_TX = 5000 };

typedef struct People { /* of one language */
  const char *language;
  size_t until; /* weights of this and those before it */
  const char **given, **family;
  size_t given_count, family_count;
} People;

typedef struct Pool {
  People *people;
  size_t count, weight;
} Pool;

static const struct {
  const char *city, *state, *postal_code;
} PLACES[] = {{"Boston", "MA", "02108"},     {"Quincy", "MA", "02169"}, {"Cambridge", "MA", "02139"},
              {"Somerville", "MA", "02143"}, {"Newton", "MA", "02458"}, {"Brookline", "MA", "02445"}};
static const char *const STREETS[] = {"Elm Street", "Oak Avenue", "Chestnut Lane", "Harbor Road", "Mill Street"};
static const char *const PAYERS[] = {"Blue Cross", "Aetna", "Medicare", "Medicaid", "self-pay"};

static const char **texts(Arena *arena, json_t *list, size_t *count)
{
  *count = json_array_size(list);
  const char **out = ARENA_ARRAY(arena, const char *, *count + 1);
  for (size_t i = 0; i < *count; i++) out[i] = demo_cstr(arena, json_array_get(list, i), "");
  return out;
}

static Err read_pool(Arena *arena, Pool *out)
{
  AUTO(json_t *, list, json_release) = NULL;
  TRY(demo_asset(arena, "demo/names.json", &list));
  out->count = json_array_size(list);
  out->people = ARENA_ARRAY(arena, People, out->count + 1);
  for (size_t i = 0; i < out->count; i++) {
    json_t *in = json_array_get(list, i);
    People *p = &out->people[i];
    p->language = demo_cstr(arena, in, "language");
    out->weight += (size_t)json_int(in, "weight", 1);
    p->until = out->weight;
    p->given = texts(arena, json_object_get(in, "given"), &p->given_count);
    p->family = texts(arena, json_object_get(in, "family"), &p->family_count);
    if (!p->given_count || !p->family_count) return err_because(ERR_INVALID, "demo: names.json: no names");
  }
  return out->weight ? ERR_OK : err_because(ERR_INVALID, "demo: names.json is empty");
}

/* Ids that ascend, as those of real rows do: a large table with ids in no order is slow to fill. */
static Uuid ascending_id(const char *domain, uint64_t seed, size_t number)
{
  const uint64_t parts[] = {seed, number};
  Uuid id = uuid_from_parts(str_c(domain), parts, sizeof parts);
  uint64_t front = 0x018000000000U + number;
  for (int i = 5; i >= 0; i--, front >>= 8) id.bytes[i] = (uint8_t)front;
  return id;
}

static Err put_client(Tx *tx, Arena *arena, const Pool *pool, Dice *dice, uint64_t seed, size_t number)
{
  size_t draw = dice_below(dice, pool->weight);
  const People *people = pool->people;
  while (people->until <= draw) people++;
  Uuid id = ascending_id("demo.client", seed, number);
  Str given = str_c(people->given[dice_below(dice, people->given_count)]);
  Str family = str_c(people->family[dice_below(dice, people->family_count)]);
  char birth[DATE_TEXT_LEN + 1];
  date_text(date_from_days(dice_between(dice, -14600, 19700)), birth); /* 1930 to 2023 */
  size_t place = dice_below(dice, COUNT_OF(PLACES));
  const char *street = STREETS[dice_below(dice, COUNT_OF(STREETS))];
  const char *phone = arena_printf(arena, "555-%03d-%04d", dice_between(dice, 100, 999), dice_between(dice, 0, 9999));
  TRY(tx_insert(tx, "client", id,
                COLS(col_text("given", given), col_text("family", family),
                     col_text("sort_name", client_sort_name(arena, given, family)),
                     col_text("birth_date", str_c(birth)),
                     col_text("gender", dice_below(dice, 2) ? STR("female") : STR("male")),
                     col_text("language", str_c(people->language)), col_text("phone", str_c(phone)),
                     col_text("email", str_c(arena_printf(arena, "client%zu@example.org", number))),
                     col_text("line1", str_c(arena_printf(arena, "%d %s", dice_between(dice, 1, 999), street))),
                     col_text("city", str_c(PLACES[place].city)), col_text("state", str_c(PLACES[place].state)),
                     col_text("postal_code", str_c(PLACES[place].postal_code)), col_text("country", STR("US")))));
  return tx_insert(tx, "coverage", ascending_id("demo.coverage", seed, number),
                   COLS(col_uuid("client", &id), col_text("payer", str_c(PAYERS[dice_below(dice, COUNT_OF(PAYERS))])),
                        col_text("member_id", str_c(arena_printf(arena, "W%08zu", number)))));
}

Err demo_clients(Store *store, size_t n, uint64_t seed)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  AUTO(Arena, scratch, arena_fini) = arena_make(0);
  Pool pool = {0};
  TRY(read_pool(&arena, &pool));
  Dice dice = {.state = seed};
  for (size_t done = 0; done < n;) {
    AUTO(Tx, tx, tx_fini) = {0};
    TRY(tx_begin(store, actor_system(), "demo.clients", "", &tx));
    for (size_t i = 0; i < CLIENTS_A_TX && done < n; i++, done++) {
      TRY(put_client(&tx, &scratch, &pool, &dice, seed, done));
      if (done % 64 == 0) arena_reset(&scratch);
    }
    TRY(tx_commit(&tx));
  }
  return ERR_OK;
}

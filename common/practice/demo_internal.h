/* What the demo_*.c files share. Included by them alone. */
#pragma once

#include "common/base/json.h"
#include "common/practice/demo.h"
#include "common/practice/practice.h"

/* Dice: reproducible numbers from a seed (splitmix64); for nothing that has to be secret. */
typedef struct Dice {
  uint64_t state;
} Dice;
uint64_t dice_next(Dice *dice);
/* dice_below: 0..limit-1; limit > 0. dice_between: both ends count. */
size_t dice_below(Dice *dice, size_t limit);
int dice_between(Dice *dice, int least, int most);

typedef struct DemoSite {
  Uuid id;
  const char *prefix, *zone;
  Uuid *rooms;
  size_t room_count;
  Uuid *providers;
  size_t provider_count;
} DemoSite;

typedef struct DemoType {
  Uuid id;
  int minutes;
  bool walk_in;
  json_t *reasons;
} DemoType;

typedef struct Demo {
  Arena *arena;
  Store *store;
  const DemoOptions *options;
  json_t *practice; /* practice.json */
  DemoSite *sites;
  size_t site_count;
  DemoType *types;
  size_t type_count;
  Uuid *clients; /* in the order in which they come */
  size_t client_count;
  Dice dice;
} Demo;

/* demo_asset: a JSON file of assets/. */
MUST_CHECK Err demo_asset(Arena *arena, const char *name, json_t **out);
/* demo_cstr: the text at a path, in the arena; "" when there is none. */
const char *demo_cstr(Arena *arena, json_t *value, const char *path);
/* demo_practice: practice.json of the options' vertical. */
MUST_CHECK Err demo_practice(Arena *arena, const DemoOptions *options, json_t **out);

/* demo_forms.c: questionnaires, consent documents, and what is due when. */
MUST_CHECK Err demo_forms(Demo *demo, Tx *tx);
/* demo_days.c: visits of the last two weeks, and of today. */
MUST_CHECK Err demo_days(Demo *demo);

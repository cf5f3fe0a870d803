/* Questionnaires: whatever is opened can be walked to its end, filled in, saved, loaded and sent. */
#include "common/practice/form.h"
#include "tests/fuzz/fuzz.h"

enum { STEPS_MAX = 5000, ITEMS_MAX = 4096 * 64 };

static void fill(Answers *answers, const FormItem *item, Arena *arena)
{
  static const char *const TYPED[] = {"1", "2026-03-01", "09:30", "yes", "2026-03-01T09:30"};
  for (size_t i = 0; i < COUNT_OF(TYPED); i++) {
    Faults faults = faults_make(arena);
    json_t *value = form_value(item, str_c(TYPED[i]));
    if (!value) return;
    AUTO(json_t *, list, json_release) = json_pack("[o]", value);
    Err err = answers_set(answers, item, list, &faults);
    REQUIRE(err == ERR_OK || err == ERR_INVALID);
    if (err == ERR_OK) return;
  }
}

static void walk(Form *form, Answers *answers, Arena *arena)
{
  int steps = 0;
  for (const FormItem *at = answers_next(answers, NULL); at && steps < STEPS_MAX;
       at = answers_next(answers, at), steps++) {
    REQUIRE(answers_enabled(answers, at) && !at->hidden && !at->read_only && !at->unsupported &&
            at->type != FORM_GROUP);
    REQUIRE(form_item(form, at->index) == at);
    fill(answers, at, arena);
  }
  REQUIRE(steps <= (int)form_item_total(form));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  AUTO(json_t *, json, json_release) = NULL;
  AUTO(Form *, form, form_closep) = NULL;
  if (json_parse((Str){(const char *)data, size}, &json) != ERR_OK) return 0;
  Err err = form_open(json, &form);
  REQUIRE(err == ERR_OK || err == ERR_INVALID || err == ERR_UNSUPPORTED);
  if (err != ERR_OK) return 0;
  REQUIRE(form_item_total(form) <= ITEMS_MAX);
  form_set_language(form, "es-MX");
  AUTO(Answers *, answers, answers_freep) = answers_new(form);
  AUTO(Answers *, loaded, answers_freep) = answers_new(form);
  answers_initial(answers, NULL);
  walk(form, answers, &arena);
  AUTO(json_t *, saved, json_release) = answers_json(answers);
  REQUIRE(answers_load(loaded, saved) == ERR_OK);
  AUTO(json_t *, back, json_release) = answers_json(loaded);
  REQUIRE(json_equal(saved, back));
  AUTO(json_t *, response, json_release) = answers_response(answers, "http://x/q", (Uuid){{1}}, 1772463600000);
  FormSeen *lines;
  size_t count;
  REQUIRE(form_show_response(form, response, &arena, &lines, &count) == ERR_OK);
  Faults faults = faults_make(&arena);
  answers_check(answers, &faults);
  (void)form_report(form, &arena);
  return 0;
}

static void seed_file(const char *path)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  AUTO(json_t *, json, json_release) = NULL;
  if (json_read_file(path, 1 << 20, &json) == ERR_OK) fuzz_seed(json_canonical(&arena, json));
}

void fuzz_seeds(void)
{
  seed_file("assets/questionnaires/health-check.json");
  seed_file("assets/questionnaires/reason-for-visit.json");
  fuzz_seed(
      STR("{\"resourceType\":\"Questionnaire\",\"status\":\"active\",\"item\":[{\"linkId\":\"g\",\"type\":\"group\","
          "\"repeats\":true,\"text\":\"Again\",\"item\":[{\"linkId\":\"a\",\"type\":\"choice\",\"answerOption\":[{"
          "\"valueCoding\":{\"code\":\"x\",\"display\":\"X\"}},{\"valueInteger\":3}]},{\"linkId\":\"b\",\"type\":"
          "\"date\",\"enableWhen\":[{\"question\":\"a\",\"operator\":\"=\",\"answerCoding\":{\"code\":\"x\"}}]}]},{"
          "\"linkId\":\"q\",\"type\":\"quantity\",\"initial\":[{\"valueQuantity\":{\"value\":1.5}}]}]}"));
}

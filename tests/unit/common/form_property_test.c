/* Random answers to random small questionnaires, held against a second, plainer reading of the rules. A failing round names its seed. */
#include <string.h>

#include "common/practice/form.h"
#include "tests/support/unit.h"

enum { ROUNDS = 400, ITEMS_MAX = 14, STEPS = 60 };

typedef struct Dice {
  EnvFake fake;
  uint64_t seed;
} Dice;

static Dice dice_of(uint64_t seed)
{
  Dice dice = {.seed = seed};
  env_fake_init(&dice.fake, 0, seed);
  return dice;
}

static size_t roll(Dice *dice, size_t sides)
{
  uint32_t value;
  env_random(&dice->fake.env, &value, sizeof value);
  return value % sides;
}

static bool chance(Dice *dice, size_t percent)
{
  return roll(dice, 100) < percent;
}

static const char *const TYPES[] = {"group",  "boolean", "integer", "string",
                                    "choice", "date",    "display", "open-choice"};

static json_t *options(void)
{
  return json_pack("[{s{ss ss}} {s{ss ss}} {ss}]", "valueCoding", "code", "a", "display", "A", "valueCoding", "code",
                   "b", "display", "B", "valueString", "words");
}

/* A condition on an item made before, which therefore cannot make a circle. */
static json_t *condition(Dice *dice, size_t before)
{
  static const char *const OPERATORS[] = {"=", "!=", "exists", ">", "<="};
  char question[8];
  snprintf(question, sizeof question, "q%zu", roll(dice, before));
  const char *operator= OPERATORS[roll(dice, COUNT_OF(OPERATORS))];
  json_t *when = json_pack("{ss ss}", "question", question, "operator", operator);
  if (strcmp(operator, "exists") == 0 || chance(dice, 30))
    json_object_set_new(when, "answerBoolean", json_boolean(chance(dice, 60)));
  else if (chance(dice, 50))
    json_object_set_new(when, "answerInteger", json_integer((json_int_t)roll(dice, 4)));
  else
    json_object_set_new(when, "answerCoding", json_pack("{ss}", "code", chance(dice, 50) ? "a" : "b"));
  return when;
}

static json_t *random_items(Dice *dice, size_t *made, int depth)
{
  json_t *list = json_array();
  for (size_t i = 0, count = 1 + roll(dice, 4); i < count && *made < ITEMS_MAX; i++) {
    char link_id[8];
    size_t number = (*made)++;
    snprintf(link_id, sizeof link_id, "q%zu", number);
    const char *type = TYPES[roll(dice, COUNT_OF(TYPES))];
    json_t *item =
        json_pack("{ss ss ss sb}", "linkId", link_id, "type", type, "text", link_id, "required", chance(dice, 40));
    if (strstr(type, "choice")) json_object_set_new(item, "answerOption", options());
    if (strcmp(type, "display") != 0 && chance(dice, 20)) json_object_set_new(item, "repeats", json_true());
    if (chance(dice, 8)) json_object_set_new(item, "readOnly", json_true());
    if (number > 0 && chance(dice, 50)) {
      json_t *whens = json_array();
      for (size_t k = 1 + roll(dice, 2); k > 0; k--) json_array_append_new(whens, condition(dice, number));
      json_object_set_new(item, "enableWhen", whens);
      json_object_set_new(item, "enableBehavior", json_string(chance(dice, 50) ? "all" : "any"));
    }
    if (depth < 3 && chance(dice, strcmp(type, "group") == 0 ? 90 : 10))
      json_object_set_new(item, "item", random_items(dice, made, depth + 1));
    json_array_append_new(list, item);
  }
  return list;
}

/* A condition may name an item above it that depends on it in turn: such forms are refused, and another is made. */
static Form *random_form(Dice *dice, json_t **questionnaire)
{
  for (;;) {
    size_t made = 0;
    json_t *items = random_items(dice, &made, 0);
    *questionnaire = json_pack("{ss ss so}", "resourceType", "Questionnaire", "url", "urn:q", "item", items);
    Form *form = NULL;
    if (form_open(*questionnaire, &form) == ERR_OK) return form;
    assert_non_null(strstr(err_detail(), "circle"));
    json_release(questionnaire);
  }
}

static json_t *random_value(Dice *dice, const FormItem *item)
{
  if (item->option_count > 0) return json_incref(item->options[roll(dice, item->option_count)].value);
  switch (roll(dice, 9) == 0 ? 0 : (int)item->type) {
  case FORM_BOOLEAN: return json_pack("{sb}", "valueBoolean", chance(dice, 50));
  case FORM_INTEGER: return json_pack("{si}", "valueInteger", (int)roll(dice, 4));
  case FORM_DATE: return json_pack("{ss}", "valueDate", "2026-03-01");
  default: return json_pack("{ss}", "valueString", chance(dice, 20) ? "  " : "text"); /* wrong for some types */
  }
}

static void random_answers(Dice *dice, const Form *form, Answers *answers)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Faults faults = faults_make(&arena);
  for (int i = 0; i < STEPS; i++) {
    const FormItem *item = form_item(form, roll(dice, form_item_total(form)));
    AUTO(json_t *, values, json_release) = json_array();
    for (size_t k = roll(dice, 3); k > 0; k--) json_array_append_new(values, random_value(dice, item));
    Err err = answers_set(answers, item, values, &faults);
    assert_true(err == ERR_OK || err == ERR_INVALID);
  }
}

/* ---- the second reading: straight from the JSON, recursive, without order or memory; for forms without rounds ---- */

static json_t *element_of(json_t *list, const char *link_id, json_t **parent)
{
  size_t i;
  json_t *element;
  json_array_foreach(list, i, element)
  {
    if (str_eq_c(json_str(element, "linkId"), link_id)) return element;
    json_t *below = element_of(json_object_get(element, "item"), link_id, parent);
    if (below) {
      if (!*parent) *parent = element;
      return below;
    }
  }
  return NULL;
}

static bool plain_enabled(json_t *questionnaire, const Form *form, const Answers *answers, const char *link_id);

static bool plain_compare(json_t *answer, const char *operator, json_t * when)
{
  json_t *boolean = json_object_get(when, "answerBoolean"), *integer = json_object_get(when, "answerInteger");
  json_t *coding = json_object_get(when, "answerCoding");
  bool equal = false, above = false, known = true;
  if (boolean) {
    equal = json_equal(json_object_get(answer, "valueBoolean"), boolean);
    known = equal;
  } else if (integer) {
    json_t *given = json_object_get(answer, "valueInteger");
    known = given != NULL;
    equal = known && json_integer_value(given) == json_integer_value(integer);
    above = known && json_integer_value(given) > json_integer_value(integer);
  } else {
    json_t *given = json_object_get(answer, "valueCoding");
    equal = given && str_eq(json_str(given, "code"), json_str(coding, "code"));
    known = equal;
  }
  if (strcmp(operator, ">") == 0) return above;
  if (strcmp(operator, "<=") == 0) return known && !above;
  return equal;
}

static bool plain_holds(json_t *questionnaire, const Form *form, const Answers *answers, json_t *when)
{
  const char *question = json_string_value(json_object_get(when, "question"));
  const char *operator= json_string_value(json_object_get(when, "operator"));
  bool counts = plain_enabled(questionnaire, form, answers, question);
  json_t *given = counts ? answers_get(answers, form_find(form, question)) : NULL, *answer;
  if (strcmp(operator, "exists") == 0)
    return (json_array_size(given) > 0) == json_is_true(json_object_get(when, "answerBoolean"));
  bool found = false;
  size_t i;
  json_array_foreach(given, i, answer) found = found || plain_compare(answer, operator, when);
  return strcmp(operator, "!=") == 0 ? !found : found;
}

static bool plain_enabled(json_t *questionnaire, const Form *form, const Answers *answers, const char *link_id)
{
  json_t *parent = NULL;
  json_t *element = element_of(json_object_get(questionnaire, "item"), link_id, &parent);
  if (parent) {
    const char *parent_id = json_string_value(json_object_get(parent, "linkId"));
    if (!plain_enabled(questionnaire, form, answers, parent_id)) return false;
    bool free = str_eq_c(json_str(parent, "type"), "group") || str_eq_c(json_str(element, "type"), "display");
    if (!free && json_array_size(answers_get(answers, form_find(form, parent_id))) == 0) return false;
  }
  json_t *whens = json_object_get(element, "enableWhen"), *when;
  size_t i, held = 0;
  json_array_foreach(whens, i, when) held += plain_holds(questionnaire, form, answers, when);
  if (json_array_size(whens) == 0) return true;
  return str_eq_c(json_str(element, "enableBehavior"), "all") ? held == json_array_size(whens) : held > 0;
}

static bool has_rounds(const Form *form)
{
  for (size_t i = 0; i < form_item_total(form); i++) {
    if (form_item(form, i)->again) return true;
  }
  return false;
}

TEST(enabled_and_required_are_as_a_plain_reading_says)
{
  size_t compared = 0, wanted = 0;
  for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
    Dice dice = dice_of(seed);
    AUTO(Arena, arena, arena_fini) = arena_make(0);
    AUTO(json_t *, questionnaire, json_release) = NULL;
    AUTO(Form *, form, form_closep) = random_form(&dice, &questionnaire);
    if (has_rounds(form)) continue;
    AUTO(Answers *, answers, answers_freep) = answers_new(form);
    random_answers(&dice, form, answers);
    Faults faults = faults_make(&arena);
    answers_check(answers, &faults);
    for (size_t i = 0; i < form_item_total(form); i++) {
      const FormItem *item = form_item(form, i);
      bool enabled = plain_enabled(questionnaire, form, answers, item->link_id);
      if (enabled != answers_enabled(answers, item)) fail_msg("seed %llu: %s", (unsigned long long)seed, item->link_id);
      compared++;
      if (item->type == FORM_GROUP || item->type == FORM_DISPLAY) continue;
      bool missing = enabled && item->required && !item->read_only && json_array_size(answers_get(answers, item)) == 0;
      bool of_group = !item->required && faults_for(&faults, item->link_id); /* stands for its required group */
      if (missing != (faults_for(&faults, item->link_id) != NULL) && !of_group)
        fail_msg("seed %llu: %s", (unsigned long long)seed, item->link_id);
      wanted += missing;
    }
  }
  assert_true(compared > 1000);
  assert_true(wanted > 50);
}

TEST(walking_forth_and_back_meets_the_same_questions)
{
  for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
    Dice dice = dice_of(seed);
    AUTO(json_t *, questionnaire, json_release) = NULL;
    AUTO(Form *, form, form_closep) = random_form(&dice, &questionnaire);
    AUTO(Answers *, answers, answers_freep) = answers_new(form);
    random_answers(&dice, form, answers);
    const FormItem *met[4096];
    size_t count = 0;
    for (const FormItem *at = answers_next(answers, NULL); at; at = answers_next(answers, at)) met[count++] = at;
    for (const FormItem *at = answers_previous(answers, NULL); at; at = answers_previous(answers, at))
      assert_ptr_equal(at, met[--count]);
    assert_int_equal(count, 0);
  }
}

TEST(drafts_round_trip)
{
  for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
    Dice dice = dice_of(seed);
    AUTO(Arena, arena, arena_fini) = arena_make(0);
    AUTO(json_t *, questionnaire, json_release) = NULL;
    AUTO(Form *, form, form_closep) = random_form(&dice, &questionnaire);
    AUTO(Answers *, answers, answers_freep) = answers_new(form);
    AUTO(Answers *, again, answers_freep) = answers_new(form);
    random_answers(&dice, form, answers);
    random_answers(&dice, form, again); /* what was there before does not stay */
    AUTO(json_t *, saved, json_release) = answers_json(answers);
    Str text = json_canonical(&arena, saved);
    AUTO(json_t *, read, json_release) = NULL;
    assert_int_equal(json_parse(text, &read), ERR_OK);
    if (answers_load(again, read) != ERR_OK) fail_msg("seed %llu: %s", (unsigned long long)seed, err_detail());
    AUTO(json_t *, second, json_release) = answers_json(again);
    assert_true(json_equal(saved, second));
    for (size_t i = 0; i < form_item_total(form); i++)
      assert_int_equal(answers_enabled(answers, form_item(form, i)), answers_enabled(again, form_item(form, i)));
  }
}

/* FHIR R4: items in the questionnaire's order and place, no empty lists, one value an answer, of the item's type. */
static void assert_structure(json_t *response_items, json_t *form_items, bool top)
{
  size_t i, position = 0;
  json_t *item, *answer;
  assert_true(top || json_array_size(response_items) > 0);
  json_array_foreach(response_items, i, item)
  {
    while (position < json_array_size(form_items) &&
           !str_eq(json_str(json_array_get(form_items, position), "linkId"), json_str(item, "linkId")))
      position++;
    json_t *element = json_array_get(form_items, position);
    assert_non_null(element);
    bool group = str_eq_c(json_str(element, "type"), "group");
    assert_false(str_eq_c(json_str(element, "type"), "display"));
    assert_true(json_array_size(json_object_get(item, group ? "item" : "answer")) > 0);
    assert_null(json_object_get(item, group ? "answer" : "item"));
    if (group) assert_structure(json_object_get(item, "item"), json_object_get(element, "item"), false);
    size_t k;
    json_array_foreach(json_object_get(item, "answer"), k, answer)
    {
      json_t *below = json_object_get(answer, "item");
      assert_int_equal(json_object_size(answer), below ? 2 : 1);
      if (below) assert_structure(below, json_object_get(element, "item"), false);
    }
  }
}

TEST(responses_have_the_structure_of_their_questionnaire)
{
  size_t with_items = 0;
  for (uint64_t seed = 1; seed <= ROUNDS; seed++) {
    Dice dice = dice_of(seed);
    AUTO(Arena, arena, arena_fini) = arena_make(0);
    AUTO(json_t *, questionnaire, json_release) = NULL;
    AUTO(Form *, form, form_closep) = random_form(&dice, &questionnaire);
    AUTO(Answers *, answers, answers_freep) = answers_new(form);
    random_answers(&dice, form, answers);
    AUTO(json_t *, response, json_release) = answers_response(answers, "urn:q", (Uuid){{1}}, 0);
    json_t *items = json_object_get(response, "item");
    if (!items) continue;
    assert_structure(items, json_object_get(questionnaire, "item"), true);
    with_items++;
    FormSeen *lines;
    size_t count;
    assert_int_equal(form_show_response(form, response, &arena, &lines, &count), ERR_OK);
    assert_true(count > 0);
  }
  assert_true(with_items > ROUNDS / 2);
}

/* What a hostile author may put anywhere. */
static json_t *odd_value(Dice *dice)
{
  static const char *const TEXTS[] = {"null",      "true",   "-1",          "1e308",   "99999999999", "\"\"", "\"q1\"",
                                      "\"group\"", "\"#x\"", "[]",          "[[]]",    "[null]",      "{}",   "[{}]",
                                      "\"=\"",     "[1]",    "{\"a\": []}", "\"x|y\"", "\"choice\""};
  json_t *value = NULL;
  assert_int_equal(json_parse(str_c(TEXTS[roll(dice, COUNT_OF(TEXTS))]), &value), ERR_OK);
  return value;
}

static void damage(Dice *dice, json_t *value, size_t percent)
{
  const char *key;
  json_t *member;
  void *next;
  size_t i;
  json_object_foreach_safe(value, next, key, member)
  {
    damage(dice, member, percent);
    if (chance(dice, percent)) json_object_set_new(value, key, odd_value(dice));
  }
  json_array_foreach(value, i, member)
  {
    damage(dice, member, percent);
    if (chance(dice, percent)) json_array_set_new(value, i, odd_value(dice));
  }
}

/* One of everything that the parser looks at. */
static const char EVERYTHING[] =
    "{\"resourceType\": \"Questionnaire\", \"url\": \"urn:q\", \"language\": \"en\", \"title\": \"T\", \"contained\": ["
    "{\"resourceType\": \"ValueSet\", \"id\": \"x\", \"compose\": {\"include\": [{\"system\": \"s\", \"concept\": "
    "[{\"code\": \"a\","
    "\"display\": \"A\", \"designation\": [{\"language\": \"es\", \"value\": \"B\"}]}]}]}}], \"item\": ["
    "{\"linkId\": \"q1\", \"type\": \"group\", \"repeats\": true, \"text\": \"G\", \"_text\": {\"extension\": "
    "[{\"url\":"
    "\"http://hl7.org/fhir/StructureDefinition/translation\", \"extension\": [{\"url\": \"lang\", \"valueCode\": "
    "\"es\"},"
    "{\"url\": \"content\", \"valueString\": \"H\"}]}]}, \"item\": ["
    "{\"linkId\": \"q2\", \"type\": \"string\", \"maxLength\": 5, \"required\": true, \"extension\": [{\"url\":"
    "\"http://hl7.org/fhir/StructureDefinition/regex\", \"valueString\": \"[a-z]+\"}], \"initial\": [{\"valueString\": "
    "\"x\"}]},"
    "{\"linkId\": \"q3\", \"type\": \"quantity\", \"extension\": [{\"url\":"
    "\"http://hl7.org/fhir/StructureDefinition/questionnaire-unitOption\", \"valueCoding\": {\"code\": \"kg\"}}]}]},"
    "{\"linkId\": \"q4\", \"type\": \"choice\", \"answerValueSet\": \"#x\", \"enableWhen\": [{\"question\": \"q2\","
    "\"operator\": \"=\", \"answerString\": \"x\"}], \"item\": [{\"linkId\": \"q5\", \"type\": \"display\", "
    "\"extension\": [{\"url\":"
    "\"http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl\", \"valueCodeableConcept\": {\"coding\": "
    "[{\"code\":"
    "\"help\"}]}}]}]}, {\"linkId\": \"q6\", \"type\": \"open-choice\", \"answerOption\": [{\"valueCoding\": {\"code\": "
    "\"c\"}},"
    "{\"valueInteger\": 3, \"initialSelected\": true}]}]}";

TEST(damaged_questionnaires_and_responses_are_refused_or_taken_and_never_hurt)
{
  size_t taken = 0, refused = 0;
  for (uint64_t seed = 1; seed <= 4000; seed++) {
    Dice dice = dice_of(seed);
    AUTO(Arena, arena, arena_fini) = arena_make(0);
    AUTO(json_t *, questionnaire, json_release) = NULL;
    assert_int_equal(json_parse(str_c(EVERYTHING), &questionnaire), ERR_OK);
    damage(&dice, questionnaire, 1 + seed % 8);
    AUTO(Form *, form, form_closep) = NULL;
    Err err = form_open(questionnaire, &form);
    assert_true(err == ERR_OK || err == ERR_INVALID || err == ERR_UNSUPPORTED);
    if (err != ERR_OK) {
      refused++;
      continue;
    }
    taken++;
    form_set_language(form, "es");
    AUTO(Answers *, answers, answers_freep) = answers_new(form);
    answers_initial(answers, NULL);
    if (form_item_total(form) > 0) random_answers(&dice, form, answers);
    Faults faults = faults_make(&arena);
    answers_check(answers, &faults);
    form_report(form, &arena);
    AUTO(json_t *, saved, json_release) = answers_json(answers);
    damage(&dice, saved, 10);
    Err loaded = answers_load(answers, saved);
    assert_true(loaded == ERR_OK || loaded == ERR_INVALID);
    AUTO(json_t *, response, json_release) = answers_response(answers, "urn:q", (Uuid){{1}}, 0);
    damage(&dice, response, 5);
    FormSeen *lines;
    size_t count;
    err = form_show_response(form, response, &arena, &lines, &count);
    assert_true(err == ERR_OK || err == ERR_INVALID);
  }
  assert_true(taken > 500 && refused > 500);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(enabled_and_required_are_as_a_plain_reading_says),
      cmocka_unit_test(walking_forth_and_back_meets_the_same_questions),
      cmocka_unit_test(drafts_round_trip),
      cmocka_unit_test(responses_have_the_structure_of_their_questionnaire),
      cmocka_unit_test(damaged_questionnaires_and_responses_are_refused_or_taken_and_never_hurt),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

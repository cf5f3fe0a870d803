#include <math.h>

#include "common/practice/form_internal.h"

static const struct OperatorName {
  const char *name;
  FormOperator operator;
} OPERATORS[] = {{"exists", WHEN_EXISTS}, {"=", WHEN_EQ},  {"!=", WHEN_NE}, {">", WHEN_GT},
                 {"<", WHEN_LT},          {">=", WHEN_GE}, {"<=", WHEN_LE}};

/* Of the copies of a question the one nearest to the item: in the same round of a repeating group, or else the first. */
static const FormItem *nearest(const Form *form, const FormItem *item, const char *link_id)
{
  const FormItem *first = form_find(form, link_id);
  for (const FormItem *around = item->parent; first && around; around = around->parent) {
    for (size_t at = first->index;; at = form->nodes[at].next_copy) {
      if (at > around->index && at < form_node(form, around)->end) return form->items[at];
      if (!form->nodes[at].next_copy) break;
    }
  }
  return first;
}

/* answer[x]: the member whose name begins with "answer". */
static json_t *answer_of(json_t *when, const char **key)
{
  const char *name;
  json_t *value;
  json_object_foreach(when, name, value)
  {
    if (!str_starts(str_c(name), STR("answer"))) continue;
    *key = name;
    return value;
  }
  return NULL;
}

static Err read_when(const Form *form, const FormItem *item, json_t *element, FormWhen *when)
{
  const char *question = form_string(element, "question"), *operator= form_string(element, "operator");
  when->question = nearest(form, item, question);
  if (!when->question)
    return err_because(ERR_INVALID, "enableWhen of '%s' names an item that is not there: '%s'", item->link_id,
                       question);
  bool known = false;
  for (size_t i = 0; i < COUNT_OF(OPERATORS) && !known; i++) {
    known = strcmp(operator, OPERATORS[i].name) == 0;
    when->operator= OPERATORS[i].operator;
  }
  if (!known) return err_because(ERR_INVALID, "enableWhen of '%s' has no operator '%s'", item->link_id, operator);
  when->value = answer_of(element, &when->key);
  if (!when->value || (when->operator== WHEN_EXISTS && !json_is_boolean(when->value)))
    return err_because(ERR_INVALID, "enableWhen of '%s' has no fitting answer[x]", item->link_id);
  return ERR_OK;
}

static Err read_whens(Form *form, const FormItem *item)
{
  FormNode *node = form_node(form, item);
  json_t *list = json_object_get(node->json, "enableWhen");
  size_t count = json_array_size(list);
  if (item->again || count == 0) return ERR_OK;
  if (count > FORM_WHENS_MAX)
    return err_because(ERR_INVALID, "'%s' has over %d enableWhen", item->link_id, FORM_WHENS_MAX);
  node->any = !str_eq_c(json_str(node->json, "enableBehavior"), "all");
  node->whens = ARENA_ARRAY(&form->arena, FormWhen, count);
  node->when_count = count;
  size_t i;
  json_t *element;
  json_array_foreach(list, i, element)
  {
    TRY(read_when(form, item, element, &node->whens[i]));
  }
  return ERR_OK;
}

Err form_read_whens(Form *form)
{
  for (size_t i = 0; i < form->total; i++) TRY(read_whens(form, form->items[i]));
  return ERR_OK;
}

/* What an item's being enabled depends on, by number; NULL after the last. */
static const FormItem *dependency(const Form *form, const FormItem *item, size_t number)
{
  const FormNode *node = form_node(form, item);
  if (number < node->when_count) return node->whens[number].question;
  number -= node->when_count;
  if (item->parent && number-- == 0) return item->parent;
  return node->gate && number == 0 ? node->gate : NULL;
}

/* Going backwards from an item that could not be placed ends up on the circle. */
static Err name_circle(const Form *form, const size_t missing[], const FormItem *at)
{
  for (size_t step = 0; step < form->total; step++) {
    const FormItem *before;
    for (size_t i = 0; (before = dependency(form, at, i)) != NULL; i++) {
      if (missing[before->index]) break;
    }
    if (before) at = before;
  }
  while (form_node(form, at)->when_count == 0 && at->parent) at = at->parent; /* only conditions make a circle */
  return err_because(ERR_INVALID, "enableWhen of '%s' goes round in a circle", at->link_id);
}

/* Kahn's algorithm: `missing` counts the dependencies that are not placed yet; dependents form a list for each item. */
Err form_sort(Form *form)
{
  size_t total = form->total, edges = 0;
  Arena *arena = &form->arena;
  form->order = ARENA_ARRAY(arena, size_t, total);
  AUTO(Arena, scratch, arena_fini) = arena_make(0);
  size_t *missing = ARENA_ARRAY(&scratch, size_t, total);
  for (size_t i = 0; i < total; i++) {
    while (dependency(form, form->items[i], missing[i])) missing[i]++;
    edges += missing[i];
  }
  size_t *head = ARENA_ARRAY(&scratch, size_t, total); /* edge number + 1 */
  size_t *next = ARENA_ARRAY(&scratch, size_t, edges), *target = ARENA_ARRAY(&scratch, size_t, edges);
  for (size_t i = 0, edge = 0; i < total; i++) {
    for (size_t k = 0; k < missing[i]; k++, edge++) {
      size_t from = dependency(form, form->items[i], k)->index;
      target[edge] = i;
      next[edge] = head[from];
      head[from] = edge + 1;
    }
  }
  size_t placed = 0;
  for (size_t i = 0; i < total; i++) {
    if (missing[i] == 0) form->order[placed++] = i;
  }
  for (size_t done = 0; done < placed; done++) {
    for (size_t edge = head[form->order[done]]; edge; edge = next[edge - 1]) {
      if (--missing[target[edge - 1]] == 0) form->order[placed++] = target[edge - 1];
    }
  }
  if (placed == total) return ERR_OK;
  size_t left = 0;
  while (missing[left] == 0) left++;
  return name_circle(form, missing, form->items[left]);
}

typedef enum Comparison { BELOW, SAME, ABOVE, UNCLEAR } Comparison;

static Comparison compare_numbers(double a, double b)
{
  return isnan(a) || isnan(b) ? UNCLEAR : a < b ? BELOW : a > b ? ABOVE : SAME;
}

/* FHIR dates and times compare as texts; where one is less precise and the rest agrees, nobody knows. */
static Comparison compare_times(Str a, Str b)
{
  Instant at_a, at_b;
  if (instant_parse(a, &at_a) && instant_parse(b, &at_b)) return compare_numbers((double)at_a, (double)at_b);
  size_t len = a.len < b.len ? a.len : b.len;
  int difference = len ? memcmp(a.ptr, b.ptr, len) : 0;
  if (difference) return difference < 0 ? BELOW : ABOVE;
  return a.len == b.len ? SAME : UNCLEAR;
}

static Comparison compare_quantities(json_t *a, json_t *b)
{
  Str unit_a = json_str(a, "code"), unit_b = json_str(b, "code");
  if (str_empty(unit_a) || str_empty(unit_b)) {
    unit_a = json_str(a, "unit");
    unit_b = json_str(b, "unit");
  }
  if (!str_empty(unit_a) && !str_empty(unit_b) && !str_eq(unit_a, unit_b)) return UNCLEAR;
  json_t *value_a = json_object_get(a, "value"), *value_b = json_object_get(b, "value");
  if (!json_is_number(value_a) || !json_is_number(value_b)) return UNCLEAR;
  return compare_numbers(json_number_value(value_a), json_number_value(value_b));
}

static bool is_time(const char *key)
{
  return strcmp(key, "answerDate") == 0 || strcmp(key, "answerDateTime") == 0 || strcmp(key, "answerTime") == 0;
}

/* `given` is an answer's value, `wanted` that of the condition. */
static Comparison compare(json_t *given, const FormWhen *when)
{
  json_t *wanted = when->value;
  if (json_is_number(given) && json_is_number(wanted))
    return compare_numbers(json_number_value(given), json_number_value(wanted));
  if (strcmp(when->key, "answerCoding") == 0)
    return json_is_object(given) && form_same_coding(given, wanted) ? SAME : UNCLEAR;
  if (strcmp(when->key, "answerQuantity") == 0) return compare_quantities(given, wanted);
  if (json_is_string(given) && json_is_string(wanted) && is_time(when->key))
    return compare_times(json_str(given, ""), json_str(wanted, ""));
  if (json_is_string(given) && json_is_string(wanted)) {
    int difference = strcmp(json_string_value(given), json_string_value(wanted));
    return difference < 0 ? BELOW : difference > 0 ? ABOVE : SAME;
  }
  return json_equal(given, wanted) ? SAME : UNCLEAR;
}

static bool fits(Comparison comparison, FormOperator operator)
{
  switch (operator) {
  case WHEN_EXISTS: return true;
  case WHEN_EQ:
  case WHEN_NE: /* "no answer is equal" is the caller's turning round */ return comparison == SAME;
  case WHEN_GT: return comparison == ABOVE;
  case WHEN_LT: return comparison == BELOW;
  case WHEN_GE: return comparison == ABOVE || comparison == SAME;
  case WHEN_LE: return comparison == BELOW || comparison == SAME;
  }
  return false;
}

/* http://hl7.org/fhir/R4/codesystem-questionnaire-enable-operator.html: != is "no answer equals", so also true without any answer. */
static bool holds(const Answers *answers, const FormWhen *when)
{
  json_t *values = answers->enabled[when->question->index] ? answers_given(answers, when->question) : NULL;
  if (when->operator== WHEN_EXISTS) return (json_array_size(values) > 0) == json_is_true(when->value);
  bool found = false;
  size_t i;
  json_t *value;
  json_array_foreach(values, i, value)
  {
    const char *key;
    found = found || fits(compare(form_value_of(value, &key), when), when->operator);
  }
  return when->operator== WHEN_NE ? !found : found;
}

static bool conditions_hold(const Answers *answers, const FormNode *node)
{
  if (node->when_count == 0) return true;
  for (size_t i = 0; i < node->when_count; i++) {
    if (holds(answers, &node->whens[i]) == node->any) return node->any;
  }
  return !node->any;
}

static bool said_yes(const Answers *answers, const FormItem *gate)
{
  return answers->enabled[gate->index] && json_is_true(json_path(answers_given(answers, gate), "0.valueBoolean"));
}

static bool parent_allows(const Answers *answers, const FormItem *item)
{
  if (!item->parent) return true;
  if (!answers->enabled[item->parent->index]) return false;
  return item->parent->type == FORM_GROUP || item->type == FORM_DISPLAY ||
         json_array_size(answers_given(answers, item->parent)) > 0;
}

void answers_changed(Answers *answers)
{
  const Form *form = answers->form;
  for (size_t i = 0; i < form->total; i++) {
    size_t at = form->order[i];
    const FormNode *node = &form->nodes[at];
    answers->enabled[at] = parent_allows(answers, form->items[at]) && (!node->gate || said_yes(answers, node->gate)) &&
                           conditions_hold(answers, node);
  }
}

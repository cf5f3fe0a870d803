#include "common/practice/form_internal.h"

enum { LINES_MAX = 10000, DEPTH_MAX = 64 };

typedef struct Shown {
  const Form *form;
  Arena *arena;
  FormSeen *lines;
  size_t count, capacity;
} Shown;

static Err line_add(Shown *shown, FormSeen line)
{
  if (shown->count == LINES_MAX) return err_because(ERR_INVALID, "a response of over %d lines", LINES_MAX);
  shown->lines = arena_grow_array(shown->arena, shown->lines, shown->count, &shown->capacity, sizeof *shown->lines);
  shown->lines[shown->count++] = line;
  return ERR_OK;
}

static const char *copy(Shown *shown, json_t *object, const char *name)
{
  return arena_cstr(shown->arena, str_c(form_string(object, name)));
}

static const char *coding_text(Shown *shown, const FormItem *item, json_t *coding)
{
  for (size_t i = 0; item && i < item->option_count; i++) {
    if (form_same_coding(json_object_get(item->options[i].value, "valueCoding"), coding))
      return arena_cstr(shown->arena, str_c(item->options[i].text));
  }
  const char *display = copy(shown, coding, "display");
  return *display ? display : copy(shown, coding, "code");
}

static const char *number_text(Shown *shown, json_t *number)
{
  if (json_is_integer(number)) return arena_printf(shown->arena, "%lld", (long long)json_integer_value(number));
  return arena_printf(shown->arena, "%.15g", json_number_value(number));
}

static const char *quantity_text(Shown *shown, json_t *quantity)
{
  const char *number = number_text(shown, json_object_get(quantity, "value"));
  const char *unit = form_string(quantity, "unit");
  if (!*unit) unit = form_string(quantity, "code");
  return *unit ? arena_printf(shown->arena, "%s %s", number, unit) : number;
}

/* An option that is plain text has translations too. */
static const char *option_text(Shown *shown, const FormItem *item, json_t *answer, const char *key)
{
  json_t *value = json_object_get(answer, key);
  for (size_t i = 0; item && i < item->option_count; i++) {
    if (json_equal(json_object_get(item->options[i].value, key), value))
      return arena_cstr(shown->arena, str_c(item->options[i].text));
  }
  return arena_cstr(shown->arena, json_str(value, ""));
}

static const char *answer_text(Shown *shown, const FormItem *item, json_t *answer)
{
  const char *key = "";
  json_t *value = form_value_of(answer, &key);
  if (json_is_boolean(value)) return json_is_true(value) ? "true" : "false";
  if (json_is_number(value)) return number_text(shown, value);
  if (json_is_string(value)) return option_text(shown, item, answer, key);
  if (strcmp(key, "valueCoding") == 0) return coding_text(shown, item, value);
  if (strcmp(key, "valueQuantity") == 0) return quantity_text(shown, value);
  if (strcmp(key, "valueAttachment") == 0) return copy(shown, value, "title");
  return strcmp(key, "valueReference") == 0 ? copy(shown, value, "reference") : "";
}

static Err show_list(Shown *shown, json_t *list, int depth);

static Err show_answers(Shown *shown, const FormItem *item, FormSeen line, json_t *answers)
{
  size_t i;
  json_t *answer;
  json_array_foreach(answers, i, answer)
  {
    const char *key = "";
    line.answer = answer_text(shown, item, answer);
    if (!item) line.type = json_is_boolean(form_value_of(answer, &key)) ? FORM_BOOLEAN : FORM_TEXT;
    TRY(line_add(shown, line));
    TRY(show_list(shown, json_object_get(answer, "item"), line.depth + 1));
  }
  return ERR_OK;
}

static Err show_list(Shown *shown, json_t *list, int depth)
{
  size_t i;
  json_t *element;
  if (depth > DEPTH_MAX) return err_because(ERR_INVALID, "a response nested deeper than %d", DEPTH_MAX);
  json_array_foreach(list, i, element)
  {
    const FormItem *item = form_find(shown->form, form_string(element, "linkId"));
    FormSeen line = {.depth = depth, .type = item ? item->type : FORM_GROUP, .answer = ""};
    line.link_id = copy(shown, element, "linkId");
    line.question = item && *item->text ? arena_cstr(shown->arena, str_c(item->text)) : copy(shown, element, "text");
    json_t *answers = json_object_get(element, "answer");
    if (json_array_size(answers) == 0) TRY(line_add(shown, line));
    TRY(show_answers(shown, item, line, answers));
    TRY(show_list(shown, json_object_get(element, "item"), depth + 1));
  }
  return ERR_OK;
}

Err form_show_response(const Form *form, json_t *response, Arena *arena, FormSeen **lines, size_t *count)
{
  if (!str_eq_c(json_str(response, "resourceType"), "QuestionnaireResponse"))
    return err_because(ERR_INVALID, "not a QuestionnaireResponse");
  Shown shown = {.form = form, .arena = arena};
  TRY(show_list(&shown, json_object_get(response, "item"), 0));
  *lines = shown.lines;
  *count = shown.count;
  return ERR_OK;
}

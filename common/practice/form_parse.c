#include <math.h>
#include <stdint.h>

#include "common/practice/form_internal.h"

#define FHIR_EXTENSION "http://hl7.org/fhir/StructureDefinition/"
#define SDC_EXTENSION  "http://hl7.org/fhir/uv/sdc/StructureDefinition/"

/* How often a repeating group is laid out, by the number of repeating groups around it. */
static const int COPIES_MAX[] = {8, 4, 2, 1};

static const struct TypeName {
  const char *name;
  FormType type;
} TYPES[] = {
    {"group", FORM_GROUP},
    {"display", FORM_DISPLAY},
    {"boolean", FORM_BOOLEAN},
    {"decimal", FORM_DECIMAL},
    {"integer", FORM_INTEGER},
    {"date", FORM_DATE},
    {"dateTime", FORM_DATETIME},
    {"time", FORM_TIME},
    {"string", FORM_STRING},
    {"text", FORM_TEXT},
    {"url", FORM_URL},
    {"choice", FORM_CHOICE},
    {"open-choice", FORM_OPEN_CHOICE},
    {"attachment", FORM_ATTACHMENT},
    {"reference", FORM_REFERENCE},
    {"quantity", FORM_QUANTITY},
};

json_t *form_extension(json_t *element, const char *url)
{
  size_t i;
  json_t *extension;
  json_array_foreach(json_object_get(element, "extension"), i, extension)
  {
    if (str_eq_c(json_str(extension, "url"), url)) return extension;
  }
  return NULL;
}

const char *form_string(json_t *element, const char *name)
{
  const char *text = json_string_value(json_object_get(element, name));
  return text ? text : "";
}

/* "help" of {"url": ".../questionnaire-itemControl", "valueCodeableConcept": {"coding": [{"code": "help"}]}} */
static const char *control_of(json_t *element)
{
  json_t *coding =
      json_path(form_extension(element, FHIR_EXTENSION "questionnaire-itemControl"), "valueCodeableConcept.coding.0");
  return form_string(coding, "code");
}

static int int_of(json_t *element, const char *url, int otherwise)
{
  json_int_t value = json_int(form_extension(element, url), "valueInteger", otherwise);
  return value < 0 ? 0 : value > INT32_MAX ? INT32_MAX : (int)value;
}

static void read_limit(json_t *element, const char *url, double *number, const char **date)
{
  const char *key;
  json_t *value = form_value_of(form_extension(element, url), &key);
  *number = json_is_number(value) ? json_number_value(value) : (double)NAN;
  *date = json_is_string(value) ? json_string_value(value) : "";
}

/* Why an item of this type cannot be asked, whatever else it says. */
static const char *type_trouble(FormType type)
{
  if (type == FORM_ATTACHMENT) return "attachments cannot be given yet";
  return type == FORM_REFERENCE ? "references to other records cannot be given" : NULL;
}

static const char *trouble_of(json_t *element, const FormItem *item)
{
  if (item->parent && item->parent->type == FORM_GROUP && item->parent->unsupported) return item->parent->unsupported;
  if (json_array_size(json_object_get(element, "modifierExtension")))
    return "a modifierExtension changes its meaning in a way that is not understood";
  if (form_extension(element, SDC_EXTENSION "sdc-questionnaire-calculatedExpression"))
    return "calculated (SDC calculatedExpression)";
  if (form_extension(element, SDC_EXTENSION "sdc-questionnaire-enableWhenExpression"))
    return "asked on a computed condition (SDC enableWhenExpression)";
  return item->unsupported ? item->unsupported : type_trouble(item->type);
}

static void read_pattern(Form *form, FormItem *item)
{
  item->regex = form_string(form_extension(form_node(form, item)->json, FHIR_EXTENSION "regex"), "valueString");
  if (!*item->regex) return;
  FormNode *node = form_node(form, item);
  size_t first = (size_t)json_integer_value(json_object_get(form->by_link, item->link_id));
  if (first != item->index) {
    node->pattern = form->nodes[first].pattern;
    item->regex = form->items[first]->regex;
    return;
  }
  Err err = form->patterns_total++ < FORM_PATTERNS_MAX
                ? form_pattern_compile(&form->arena, str_c(item->regex), &node->pattern)
                : err_because(ERR_UNSUPPORTED, "over %d patterns", FORM_PATTERNS_MAX);
  if (err != ERR_OK) {
    node->note = arena_printf(&form->arena, "answers are not checked against its pattern: %s", err_detail());
    item->regex = "";
  }
}

static void read_counts(FormItem *item, json_t *element)
{
  int least = int_of(element, FHIR_EXTENSION "questionnaire-minOccurs", 0);
  int most = int_of(element, FHIR_EXTENSION "questionnaire-maxOccurs", FORM_ANSWERS_MAX);
  item->max_answers = !item->repeats ? 1 : most < 1 ? 1 : most > FORM_ANSWERS_MAX ? FORM_ANSWERS_MAX : most;
  item->min_answers = least > item->max_answers ? item->max_answers : least;
}

static Err read_type(FormItem *item, json_t *element)
{
  Str name = json_str(element, "type");
  if (str_empty(name)) return err_because(ERR_INVALID, "item '%s' has no type", item->link_id);
  for (size_t i = 0; i < COUNT_OF(TYPES); i++) {
    if (str_eq_c(name, TYPES[i].name)) {
      item->type = TYPES[i].type;
      return ERR_OK;
    }
  }
  return err_because(ERR_INVALID, "item '%s': R4 has no type '" STR_FMT "'", item->link_id, STR_ARG(name));
}

static Err read_link_id(Form *form, FormItem *item, json_t *element)
{
  item->link_id = form_string(element, "linkId");
  if (!*item->link_id) return err_because(ERR_INVALID, "item %zu in document order has no linkId", item->index + 1);
  json_t *first = json_object_get(form->by_link, item->link_id);
  if (!first) {
    json_object_set_new(form->by_link, item->link_id, json_integer((json_int_t)item->index));
    return ERR_OK;
  }
  size_t at = (size_t)json_integer_value(first);
  if (form->nodes[at].json != element) return err_because(ERR_INVALID, "linkId '%s' is there twice", item->link_id);
  while (form->nodes[at].next_copy) at = form->nodes[at].next_copy;
  form->nodes[at].next_copy = item->index;
  return ERR_OK;
}

/* Texts come later, by form_write_texts. */
static Err read_item(Form *form, FormItem *item, json_t *element)
{
  TRY(read_link_id(form, item, element));
  TRY(read_type(item, element));
  bool above_hidden = item->parent && item->parent->hidden;
  item->hidden =
      above_hidden || json_bool(form_extension(element, FHIR_EXTENSION "questionnaire-hidden"), "valueBoolean", false);
  item->required = item->type != FORM_DISPLAY && json_bool(element, "required", false);
  item->read_only = json_bool(element, "readOnly", false);
  item->repeats = item->type != FORM_DISPLAY && json_bool(element, "repeats", false);
  int64_t max_length = json_int(element, "maxLength", 0);
  item->max_length = max_length < 0 || max_length > FORM_TEXT_MAX ? 0 : (int)max_length;
  item->min_length = int_of(element, FHIR_EXTENSION "minLength", 0);
  item->max_decimals = int_of(element, FHIR_EXTENSION "maxDecimalPlaces", -1);
  if (!form_extension(element, FHIR_EXTENSION "maxDecimalPlaces")) item->max_decimals = -1;
  read_limit(element, FHIR_EXTENSION "minValue", &item->min_value, &item->min_date);
  read_limit(element, FHIR_EXTENSION "maxValue", &item->max_value, &item->max_date);
  item->control = control_of(element);
  read_counts(item, element);
  read_pattern(form, item);
  item->option_source = "";
  form_read_options(form, item);
  item->unsupported = trouble_of(element, item);
  return ERR_OK;
}

/* A display that is only its question's help or unit. */
static bool is_caption(json_t *element, const char *control)
{
  return str_eq_c(json_str(element, "type"), "display") && strcmp(control_of(element), control) == 0;
}

static int copies_of(const Form *form, json_t *element, int repeats_around)
{
  bool repeats = str_eq_c(json_str(element, "type"), "group") && json_bool(element, "repeats", false);
  if (!repeats) return 1;
  int most = int_of(element, FHIR_EXTENSION "questionnaire-maxOccurs", INT32_MAX);
  int limit = COPIES_MAX[repeats_around < (int)COUNT_OF(COPIES_MAX) ? repeats_around : (int)COUNT_OF(COPIES_MAX) - 1];
  if (limit > form->copies_max) limit = form->copies_max;
  return most < 1 ? 1 : most < limit ? most : limit;
}

/* How many items a list becomes; stops counting once it is far too many. */
static size_t laid_out(const Form *form, json_t *list, int depth, int repeats_around)
{
  size_t i, total = 0;
  json_t *element;
  if (depth > FORM_DEPTH_MAX) return 0;
  json_array_foreach(list, i, element)
  {
    int copies = copies_of(form, element, repeats_around);
    total +=
        (size_t)copies * (1 + (size_t)(copies > 1) +
                          laid_out(form, json_object_get(element, "item"), depth + 1, repeats_around + (copies > 1)));
    if (total > FORM_ITEMS_MAX) return FORM_ITEMS_MAX + 1;
  }
  return total;
}

typedef struct Place { /* where in the tree the next items go */
  FormItem *parent;
  int depth, repeats_around, instance;
} Place;

static Err parse_list(Form *form, json_t *list, Place place, bool with_again, FormItem **items, size_t *count);

static Err item_add(Form *form, FormItem *item, json_t *element, Place place)
{
  if (form->total == FORM_ITEMS_MAX) return err_because(ERR_INVALID, "over %d items", FORM_ITEMS_MAX);
  form->items = arena_grow_array(&form->arena, form->items, form->total, &form->items_capacity, sizeof(FormItem *));
  form->nodes = arena_grow_array(&form->arena, form->nodes, form->total, &form->nodes_capacity, sizeof(FormNode));
  item->index = form->total;
  item->parent = place.parent;
  item->instance = place.instance;
  form->items[form->total] = item;
  form->nodes[form->total] = (FormNode){.json = element, .end = form->total + 1};
  form->total++;
  return ERR_OK;
}

/* The yes/no question at the end of a copy of a group. */
static Err again_add(Form *form, FormItem *item, json_t *group, Place place)
{
  TRY(item_add(form, item, group, place));
  item->link_id = arena_printf(&form->arena, "%s#again", form_string(group, "linkId"));
  item->type = FORM_BOOLEAN;
  item->again = true;
  item->hidden = place.parent->hidden;
  item->unsupported = place.parent->unsupported;
  item->max_answers = 1;
  item->max_decimals = -1;
  item->min_value = item->max_value = (double)NAN;
  item->min_date = item->max_date = item->regex = item->control = item->option_source = "";
  return ERR_OK;
}

static Err parse_children(Form *form, FormItem *item, json_t *element, Place place, bool last_copy)
{
  if (place.depth == FORM_DEPTH_MAX)
    return err_because(ERR_INVALID, "item '%s' is nested deeper than %d", item->link_id, FORM_DEPTH_MAX);
  json_t *list = json_object_get(element, "item");
  if (list && !json_is_array(list)) return err_because(ERR_INVALID, "item '%s': item is not a list", item->link_id);
  bool repeats = item->type == FORM_GROUP && item->repeats;
  Place below = {.parent = item,
                 .depth = place.depth + 1,
                 .repeats_around = place.repeats_around + repeats,
                 .instance = item->instance};
  bool with_again = repeats && !last_copy && item->instance + 1 >= item->min_answers;
  TRY(parse_list(form, list, below, with_again, &item->items, &item->item_count));
  form_node(form, item)->end = form->total;
  return ERR_OK;
}

/* One element, as often as its group is laid out, into `items`. */
static Err parse_element(Form *form, json_t *element, Place place, FormItem *items, int copies)
{
  const FormItem *gate = NULL;
  for (int i = 0; i < copies; i++) {
    FormItem *item = &items[i];
    if (copies > 1) place.instance = i;
    TRY(item_add(form, item, element, place));
    form_node(form, item)->gate = gate;
    TRY(read_item(form, item, element));
    TRY(parse_children(form, item, element, place, i + 1 == copies));
    const FormItem *last = item->item_count ? &item->items[item->item_count - 1] : NULL;
    gate = last && last->again && last->parent == item ? last : NULL;
  }
  return ERR_OK;
}

static Err count_list(Form *form, json_t *list, Place place, size_t *count)
{
  size_t i;
  json_t *element;
  json_array_foreach(list, i, element)
  {
    if (!json_is_object(element)) return err_because(ERR_INVALID, "an item that is no object");
    FormNode *parent = place.parent && place.parent->type != FORM_GROUP ? form_node(form, place.parent) : NULL;
    if (parent && is_caption(element, "help"))
      parent->help = element;
    else if (parent && is_caption(element, "unit"))
      parent->unit = element;
    else
      *count += (size_t)copies_of(form, element, place.repeats_around);
  }
  return ERR_OK;
}

static Err parse_list(Form *form, json_t *list, Place place, bool with_again, FormItem **items, size_t *count)
{
  size_t total = with_again;
  TRY(count_list(form, list, place, &total));
  if (total > FORM_ITEMS_MAX) return err_because(ERR_INVALID, "over %d items", FORM_ITEMS_MAX);
  *items = ARENA_ARRAY(&form->arena, FormItem, total);
  bool in_question = place.parent && place.parent->type != FORM_GROUP;
  size_t i, at = 0;
  json_t *element;
  json_array_foreach(list, i, element)
  {
    if (in_question && (is_caption(element, "help") || is_caption(element, "unit"))) continue;
    int copies = copies_of(form, element, place.repeats_around);
    TRY(parse_element(form, element, place, *items + at, copies));
    at += (size_t)copies;
  }
  if (with_again) TRY(again_add(form, *items + at, form_node(form, place.parent)->json, place));
  *count = total;
  return ERR_OK;
}

Err form_parse(Form *form)
{
  if (!str_eq_c(json_str(form->json, "resourceType"), "Questionnaire"))
    return err_because(ERR_INVALID, "not a Questionnaire");
  if (json_array_size(json_object_get(form->json, "modifierExtension")))
    return err_because(ERR_UNSUPPORTED, "a modifierExtension changes the questionnaire's meaning");
  json_t *list = json_object_get(form->json, "item");
  if (list && !json_is_array(list)) return err_because(ERR_INVALID, "item is not a list");
  form->copies_max = COPIES_MAX[0];
  while (form->copies_max > 1 && laid_out(form, list, 0, 0) > FORM_ITEMS_MAX) form->copies_max /= 2;
  TRY(parse_list(form, list, (Place){0}, false, &form->roots, &form->root_count));
  TRY(form_read_whens(form));
  return form_sort(form);
}

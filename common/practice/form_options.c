#include "common/practice/form_internal.h"

#define FHIR_EXTENSION "http://hl7.org/fhir/StructureDefinition/"
#define SDC_EXTENSION  "http://hl7.org/fhir/uv/sdc/StructureDefinition/"

enum { EXPANSION_DEPTH_MAX = 16 };

typedef struct OptionList { /* growing; then the item's */
  FormOption *options;
  json_t **sources;
  size_t count, options_capacity, sources_capacity;
  const char *trouble;
} OptionList;

/* `source` is where the text and its translations are. Takes `value` (a new reference). */
static void option_add(Form *form, OptionList *list, json_t *source, json_t *value)
{
  json_array_append_new(form->made, value);
  if (list->count == FORM_OPTIONS_MAX || form->options_total == FORM_OPTIONS_TOTAL) {
    list->trouble = "too many options";
    return;
  }
  Arena *arena = &form->arena;
  list->options = arena_grow_array(arena, list->options, list->count, &list->options_capacity, sizeof(FormOption));
  list->sources = arena_grow_array(arena, list->sources, list->count, &list->sources_capacity, sizeof(json_t *));
  json_t *coding = json_object_get(value, "valueCoding");
  list->options[list->count] =
      (FormOption){.system = form_string(coding, "system"),
                   .code = form_string(coding, "code"),
                   .text = "",
                   .prefix =
                       form_string(form_extension(source, FHIR_EXTENSION "questionnaire-optionPrefix"), "valueString"),
                   .value = value,
                   .exclusive = json_bool(form_extension(source, FHIR_EXTENSION "questionnaire-optionExclusive"),
                                          "valueBoolean", false),
                   .selected = json_bool(source, "initialSelected", false)};
  list->sources[list->count++] = source;
  form->options_total++;
}

static void copy_member(json_t *to, json_t *from, const char *name)
{
  json_t *value = json_object_get(from, name);
  if (json_is_string(value)) json_object_set(to, name, value);
}

/* {"valueCoding": {...}} without translations and other extensions. */
static json_t *coding_value(json_t *coding, const char *system)
{
  json_t *made = json_object();
  if (*system) json_object_set_new(made, "system", json_string(system));
  copy_member(made, coding, "version");
  copy_member(made, coding, "code");
  copy_member(made, coding, "display");
  return json_pack("{so}", "valueCoding", made);
}

static void read_answer_options(Form *form, OptionList *list, json_t *options)
{
  size_t i;
  json_t *option;
  json_array_foreach(options, i, option)
  {
    const char *key;
    json_t *value = form_value_of(option, &key);
    if (!value)
      list->trouble = "an answerOption has no value";
    else if (strcmp(key, "valueCoding") == 0)
      option_add(form, list, option, coding_value(value, form_string(value, "system")));
    else if (strcmp(key, "valueReference") == 0)
      list->trouble = "options are references to other records";
    else
      option_add(form, list, option, json_pack("{sO}", key, value));
  }
}

/* A list of concepts of one system, and the concepts below them. */
static void read_concepts(Form *form, OptionList *list, json_t *concepts, const char *system, int depth)
{
  size_t i;
  json_t *concept;
  if (depth > EXPANSION_DEPTH_MAX) return;
  json_array_foreach(concepts, i, concept)
  {
    const char *own = form_string(concept, "system");
    bool shown = !json_bool(concept, "abstract", false) && *form_string(concept, "code");
    if (shown) option_add(form, list, concept, coding_value(concept, *own ? own : system));
    read_concepts(form, list, json_object_get(concept, "contains"), system, depth + 1);
    read_concepts(form, list, json_object_get(concept, "concept"), system, depth + 1);
  }
}

static json_t *contained(const Form *form, const char *type, const char *name, const char *wanted)
{
  size_t i;
  json_t *resource;
  json_array_foreach(json_object_get(form->json, "contained"), i, resource)
  {
    if (str_eq_c(json_str(resource, "resourceType"), type) && str_eq_c(json_str(resource, name), wanted))
      return resource;
  }
  return NULL;
}

static void read_include(Form *form, OptionList *list, json_t *include)
{
  const char *system = form_string(include, "system");
  json_t *concepts = json_object_get(include, "concept");
  json_t *code_system = concepts ? NULL : contained(form, "CodeSystem", "url", system);
  if (json_array_size(json_object_get(include, "filter")) || json_array_size(json_object_get(include, "valueSet")))
    list->trouble = "its value set is made by a filter or from other value sets";
  else if (concepts)
    read_concepts(form, list, concepts, system, 0);
  else if (str_eq_c(json_str(code_system, "content"), "complete"))
    read_concepts(form, list, json_object_get(code_system, "concept"), system, 0);
  else
    list->trouble = "its value set takes in a whole code system";
}

static void read_value_set(Form *form, OptionList *list, json_t *value_set)
{
  json_t *expanded = json_path(value_set, "expansion.contains");
  if (json_array_size(expanded)) {
    read_concepts(form, list, expanded, "", 0);
    return;
  }
  if (json_array_size(json_path(value_set, "compose.exclude")))
    list->trouble = "its value set leaves codes out by a rule";
  size_t i;
  json_t *include;
  json_array_foreach(json_path(value_set, "compose.include"), i, include)
  {
    read_include(form, list, include);
  }
}

/* answerValueSet: "#id" of a contained one, or a canonical URL (a version behind | does not matter here). */
static void read_answer_value_set(Form *form, OptionList *list, FormItem *item, const char *source)
{
  json_t *value_set =
      source[0] == '#' ? contained(form, "ValueSet", "id", source + 1) : contained(form, "ValueSet", "url", source);
  if (value_set) {
    read_value_set(form, list, value_set);
    if (!list->trouble && list->count == 0) list->trouble = "its value set is empty";
    return;
  }
  json_t *known = form_known_value_set(source);
  if (known) {
    json_array_append_new(form->made, known);
    read_concepts(form, list, known, "", 0);
    return;
  }
  item->option_source = source;
  list->trouble = arena_printf(&form->arena, "its options are in a value set that is not contained: %s", source);
}

static void read_choices(Form *form, FormItem *item, json_t *element)
{
  FormNode *node = form_node(form, item);
  OptionList list = {0};
  const char *source = form_string(element, "answerValueSet");
  read_answer_options(form, &list, json_object_get(element, "answerOption"));
  if (*source) read_answer_value_set(form, &list, item, source);
  if (form_extension(element, SDC_EXTENSION "sdc-questionnaire-answerExpression"))
    list.trouble = "its options are computed (SDC answerExpression)";
  if (item->type == FORM_CHOICE && list.count == 0 && !list.trouble) list.trouble = "it has no options";
  item->options = list.options;
  item->option_count = list.count;
  node->option_sources = list.sources;
  /* An answer in own words is possible even where the options cannot be listed. */
  if (list.trouble && item->type == FORM_OPEN_CHOICE)
    node->note = arena_printf(&form->arena, "asked without its options: %s", list.trouble);
  else
    item->unsupported = list.trouble;
}

static void read_units(Form *form, FormItem *item, json_t *element)
{
  FormNode *node = form_node(form, item);
  OptionList list = {0};
  size_t i;
  json_t *extension;
  json_array_foreach(json_object_get(element, "extension"), i, extension)
  {
    json_t *coding = json_object_get(extension, "valueCoding");
    if (coding && str_eq_c(json_str(extension, "url"), FHIR_EXTENSION "questionnaire-unitOption"))
      option_add(form, &list, extension, coding_value(coding, form_string(coding, "system")));
  }
  if (list.trouble) node->note = list.trouble;
  json_t *only = json_object_get(form_extension(element, FHIR_EXTENSION "questionnaire-unit"), "valueCoding");
  node->unit_coding = only ? only : list.count ? json_object_get(list.options[0].value, "valueCoding") : NULL;
  if (item->type != FORM_QUANTITY || list.count < 2) return;
  item->options = list.options;
  item->option_count = list.count;
  node->option_sources = list.sources;
}

static void share(FormItem *item, FormNode *node, const FormItem *first, const FormNode *from)
{
  item->options = first->options;
  item->option_count = first->option_count;
  item->option_source = first->option_source;
  item->unsupported = first->unsupported;
  node->option_sources = from->option_sources;
  node->unit_coding = from->unit_coding;
  if (from->note) node->note = from->note;
}

void form_read_options(Form *form, FormItem *item)
{
  FormNode *node = form_node(form, item);
  size_t first = (size_t)json_integer_value(json_object_get(form->by_link, item->link_id));
  if (first != item->index)
    share(item, node, form->items[first], &form->nodes[first]);
  else if (item->type == FORM_CHOICE || item->type == FORM_OPEN_CHOICE)
    read_choices(form, item, node->json);
  else if (item->type == FORM_QUANTITY || item->type == FORM_DECIMAL || item->type == FORM_INTEGER)
    read_units(form, item, node->json);
  else if (json_array_size(json_object_get(node->json, "answerOption")))
    node->note = "its answerOptions are not used: R4 has them for choices alone";
}

#include "common/practice/form_internal.h"

#define TRANSLATION "http://hl7.org/fhir/StructureDefinition/translation"
#define OPEN_LABEL  "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-openLabel"
#define ENTRY       "http://hl7.org/fhir/StructureDefinition/entryFormat"

/* How well a text in `has` serves someone who reads `wanted`: 2 the same, 1 the same language ("es" for "es-MX" and the other way round), 0 not. */
static int fit(const char *wanted, Str has)
{
  if (!*wanted || str_empty(has)) return 0;
  Str want = str_c(wanted);
  if (str_eq_ascii_nocase(want, has)) return 2;
  return str_eq_ascii_nocase(str_cut(&want, '-'), str_cut(&has, '-'));
}

/* {"extension": [{"url": "lang", "valueCode": "es"}, {"url": "content", "valueString": "..."}]} */
static const char *content_of(json_t *translation)
{
  const char *text = form_string(form_extension(translation, "content"), "valueString");
  return *text ? text : form_string(form_extension(translation, "content"), "valueMarkdown");
}

static const char *translated(json_t *extensions, const char *language)
{
  const char *best = NULL;
  int best_fit = 0;
  size_t i;
  json_t *extension;
  json_array_foreach(extensions, i, extension)
  {
    if (!str_eq_c(json_str(extension, "url"), TRANSLATION)) continue;
    int good = fit(language, json_str(form_extension(extension, "lang"), "valueCode"));
    if (good <= best_fit || !*content_of(extension)) continue;
    best = content_of(extension);
    best_fit = good;
  }
  return best;
}

const char *form_text_of(json_t *element, const char *name, const char *language)
{
  char shadow[64]; /* "_text" holds the extensions of "text" */
  snprintf(shadow, sizeof shadow, "_%s", name);
  const char *text = translated(json_path(json_object_get(element, shadow), "extension"), language);
  return text ? text : form_string(element, name);
}

/* Value sets have translations as designations too. */
static const char *designated(json_t *concept, const char *language)
{
  const char *best = NULL;
  int best_fit = 0;
  size_t i;
  json_t *designation;
  json_array_foreach(json_object_get(concept, "designation"), i, designation)
  {
    int good = fit(language, json_str(designation, "language"));
    if (good <= best_fit || !*form_string(designation, "value")) continue;
    best = form_string(designation, "value");
    best_fit = good;
  }
  return best;
}

const char *form_option_text(json_t *source, const char *language)
{
  const char *key = NULL;
  json_t *value = form_value_of(source, &key);
  if (value && !json_is_object(value)) return form_text_of(source, key, language);
  json_t *coding = value ? value : source;
  const char *text = designated(coding, language);
  if (!text) text = form_text_of(coding, "display", language);
  return *text ? text : form_string(coding, "code");
}

static const char *unit_text(const Form *form, const FormNode *node)
{
  if (node->unit) return form_text_of(node->unit, "text", form->language);
  return node->unit_coding ? form_option_text(node->unit_coding, form->language) : "";
}

static void write_options(Form *form, const FormItem *item, const FormNode *node)
{
  for (size_t i = 0; i < item->option_count; i++) {
    FormOption *option = &item->options[i];
    const char *text = form_option_text(node->option_sources[i], form->language);
    if (*text) option->text = text;
    if (*option->text) continue;
    const char *key; /* a number: said the same in every language */
    json_t *value = form_value_of(option->value, &key);
    if (json_is_integer(value))
      option->text = arena_printf(&form->arena, "%lld", (long long)json_integer_value(value));
    else if (json_is_real(value))
      option->text = arena_printf(&form->arena, "%.15g", json_real_value(value));
  }
}

void form_write_texts(Form *form)
{
  const char *language = form->language;
  form->title = form_text_of(form->json, "title", language);
  if (!*form->title) form->title = form_string(form->json, "name");
  if (!*form->title) form->title = form->url;
  for (size_t i = 0; i < form->total; i++) {
    FormItem *item = form->items[i];
    const FormNode *node = &form->nodes[i];
    bool copy = form->items[i]->instance > 0;
    item->text = form_text_of(node->json, "text", language);
    item->prefix = form_text_of(node->json, "prefix", language);
    item->help = node->help ? form_text_of(node->help, "text", language) : "";
    item->unit = unit_text(form, node);
    json_t *open_label = form_extension(node->json, OPEN_LABEL);
    item->open_label = form_text_of(open_label, "valueString", language);
    item->entry_format = form_text_of(form_extension(node->json, ENTRY), "valueString", language);
    if (!copy) write_options(form, item, node);
  }
}

void form_set_language(Form *form, const char *language)
{
  form->language = arena_cstr(&form->arena, str_c(language));
  form_write_texts(form);
}

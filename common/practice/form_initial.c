#include "common/practice/client.h"
#include "common/practice/form_internal.h"

#define INITIAL_EXPRESSION "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-initialExpression"

enum { PATH_MAX_BYTES = 512 };

/* What is known of a client, by its path in a FHIR Patient as plain_path leaves it. No FHIRPath is computed: questionnaires ask for these in a few
 * usual ways, and anything else is left for the person to answer. */
typedef enum Known {
  KNOWN_ID,
  KNOWN_FAMILY,
  KNOWN_GIVEN,
  KNOWN_NAME,
  KNOWN_FAMILY_FIRST,
  KNOWN_BIRTH_DATE,
  KNOWN_GENDER,
  KNOWN_PHONE,
  KNOWN_EMAIL,
  KNOWN_LINE,
  KNOWN_CITY,
  KNOWN_STATE,
  KNOWN_POSTAL_CODE,
  KNOWN_COUNTRY,
  KNOWN_LANGUAGE
} Known;

static const struct KnownPath {
  const char *path;
  Known known;
} PATHS[] = {
    {"patient.id", KNOWN_ID},
    {"patient.name.family", KNOWN_FAMILY},
    {"patient.name.given", KNOWN_GIVEN},
    {"patient.name.text", KNOWN_NAME},
    {"patient.birthDate", KNOWN_BIRTH_DATE},
    {"patient.gender", KNOWN_GENDER},
    {"patient.telecom.where(system='phone').value", KNOWN_PHONE},
    {"patient.telecom.where(system='phone'anduse='mobile').value", KNOWN_PHONE},
    {"patient.telecom.where(system='email').value", KNOWN_EMAIL},
    {"patient.address.line", KNOWN_LINE},
    {"patient.address.city", KNOWN_CITY},
    {"patient.address.state", KNOWN_STATE},
    {"patient.address.postalCode", KNOWN_POSTAL_CODE},
    {"patient.address.country", KNOWN_COUNTRY},
    {"patient.communication.language.coding", KNOWN_LANGUAGE},
    {"patient.communication.language", KNOWN_LANGUAGE},
};

/* SDC's own example of a whole name, met in most published questionnaires. */
#define FAMILY_FIRST \
  "(%patient.name.where(use='official').select((family|(given|prefix).join('')).join(',').where($this!='')|text))"

static bool drop(Str *text, const char *part)
{
  size_t len = strlen(part);
  if (text->len < len || memcmp(text->ptr, part, len) != 0) return false;
  *text = (Str){text->ptr + len, text->len - len};
  return true;
}

/* Without white space and without what only chooses among several names or addresses (we keep one): `first()`, `[0]`, `where(use='...')`. */
static void plain_path(const char *expression, char out[PATH_MAX_BYTES])
{
  size_t len = 0;
  Str rest = str_c(expression);
  while (rest.len > 0 && len < PATH_MAX_BYTES - 1) {
    if (drop(&rest, ".first()") || drop(&rest, "[0]")) continue;
    if (drop(&rest, ".where(use='official')") || drop(&rest, ".where(use='home')") ||
        drop(&rest, ".where(use = 'official')") || drop(&rest, ".where(use = 'home')"))
      continue;
    char c = rest.ptr[0];
    if (!strchr(" \t\r\n", c)) out[len++] = c;
    rest = (Str){rest.ptr + 1, rest.len - 1};
  }
  out[len] = '\0';
}

static bool known_of_expression(const char *expression, Known *out)
{
  char path[PATH_MAX_BYTES], wanted[PATH_MAX_BYTES];
  plain_path(expression, path);
  plain_path(FAMILY_FIRST, wanted);
  if (strcmp(path, wanted) == 0) {
    *out = KNOWN_FAMILY_FIRST;
    return true;
  }
  for (size_t i = 0; i < COUNT_OF(PATHS); i++) {
    if (path[0] != '%' || strcmp(path + 1, PATHS[i].path) != 0) continue;
    *out = PATHS[i].known;
    return true;
  }
  return false;
}

/* "http://hl7.org/fhir/StructureDefinition/Patient#Patient.birthDate" */
static bool known_of_definition(const char *definition, Known *out)
{
  const char *element = strchr(definition, '#');
  if (!element || !str_starts(str_c(element), STR("#Patient."))) return false;
  for (size_t i = 0; i < COUNT_OF(PATHS); i++) {
    if (strcmp(element + strlen("#Patient."), PATHS[i].path + strlen("patient.")) != 0) continue;
    *out = PATHS[i].known;
    return true;
  }
  return false;
}

static bool is_known(json_t *element, Known *out)
{
  json_t *expression = json_object_get(form_extension(element, INITIAL_EXPRESSION), "valueExpression");
  if (known_of_expression(form_string(expression, "expression"), out)) return true;
  return known_of_definition(form_string(element, "definition"), out);
}

static const char *joined(Arena *arena, const char *a, const char *between, const char *b)
{
  return arena_printf(arena, "%s%s%s", a, *a && *b ? between : "", b);
}

static const char *text_of(const Client *client, Known known, Arena *arena)
{
  switch (known) {
  case KNOWN_ID: {
    char id[UUID_TEXT_LEN + 1];
    uuid_text(client->id, id);
    return uuid_is_nil(client->id) ? "" : arena_cstr(arena, str_c(id));
  }
  case KNOWN_FAMILY: return client->family;
  case KNOWN_GIVEN: return client->given;
  case KNOWN_NAME: return joined(arena, client->given, " ", client->family);
  case KNOWN_FAMILY_FIRST: return joined(arena, client->family, ", ", client->given);
  case KNOWN_BIRTH_DATE: return client->birth_date;
  case KNOWN_GENDER: return client->gender;
  case KNOWN_PHONE: return client->contact.phone;
  case KNOWN_EMAIL: return client->contact.email;
  case KNOWN_LINE: return joined(arena, client->contact.line1, ", ", client->contact.line2);
  case KNOWN_CITY: return client->contact.city;
  case KNOWN_STATE: return client->contact.state;
  case KNOWN_POSTAL_CODE: return client->contact.postal_code;
  case KNOWN_COUNTRY: return client->contact.country;
  case KNOWN_LANGUAGE: return client->language;
  }
  return "";
}

static json_t *option_of_code(const FormItem *item, const char *code)
{
  for (size_t i = 0; i < item->option_count; i++) {
    if (strcmp(item->options[i].code, code) == 0) return json_incref(item->options[i].value);
  }
  return NULL;
}

static json_t *client_values(const Client *client, const FormItem *item, Known known)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  const char *text = text_of(client, known, &arena);
  if (!text || !*text) return NULL;
  bool choice = item->type == FORM_CHOICE || item->type == FORM_OPEN_CHOICE;
  json_t *value = choice ? option_of_code(item, text) : form_value(item, str_c(text));
  return value ? json_pack("[o]", value) : NULL;
}

static json_t *selected_values(const FormItem *item)
{
  if (item->type == FORM_QUANTITY) return NULL;
  json_t *values = NULL;
  for (size_t i = 0; i < item->option_count; i++) {
    if (!item->options[i].selected) continue;
    if (!values) values = json_array();
    json_array_append(values, item->options[i].value);
  }
  return values;
}

static json_t *initial_values(json_t *element)
{
  json_t *initial = json_object_get(element, "initial");
  return json_array_size(initial) > 0 ? json_incref(initial) : NULL;
}

static void set_initial(Answers *answers, const FormItem *item, const Client *client)
{
  json_t *element = form_node(answers->form, item)->json;
  Known known;
  AUTO(json_t *, values, json_release) = NULL;
  if (client && is_known(element, &known)) values = client_values(client, item, known);
  if (!values) values = initial_values(element);
  if (!values) values = selected_values(item);
  json_t *tidy;
  if (values && answers_tidy(answers, item, values, NULL, &tidy) == ERR_OK) answers_put(answers, item, tidy);
}

void answers_initial(Answers *answers, const struct Client *client)
{
  const Form *form = answers->form;
  for (size_t i = 0; i < form->total; i++) {
    const FormItem *item = form->items[i];
    bool question = item->type != FORM_GROUP && item->type != FORM_DISPLAY && !item->again;
    if (question && json_array_size(answers_given(answers, item)) == 0) set_initial(answers, item, client);
  }
  answers_changed(answers);
}

/* The demo's questionnaires and consent documents, and what is due when. */
#include "common/practice/consent.h"
#include "common/practice/demo_internal.h"
#include "common/practice/form.h"

/* Paragraphs as one text, an empty line between them. */
static const char *join(Arena *arena, json_t *paragraphs)
{
  const char *joined = "";
  for (size_t i = 0; i < json_array_size(paragraphs); i++) {
    Str paragraph = json_str(json_array_get(paragraphs, i), "");
    joined = arena_printf(arena, "%s%s" STR_FMT, joined, i ? "\n\n" : "", STR_ARG(paragraph));
  }
  return joined;
}

static Err add_consents(Demo *demo, Tx *tx, const char *name)
{
  AUTO(json_t *, list, json_release) = NULL;
  TRY(demo_asset(demo->arena, name, &list));
  for (size_t i = 0; i < json_array_size(list); i++) {
    json_t *in = json_array_get(list, i);
    ConsentDocument document = {.code = demo_cstr(demo->arena, in, "code"),
                                .version = demo_cstr(demo->arena, in, "version"),
                                .language = demo_cstr(demo->arena, in, "language"),
                                .title = demo_cstr(demo->arena, in, "title"),
                                .body = join(demo->arena, json_object_get(in, "body")),
                                .intent = demo_cstr(demo->arena, in, "intent")};
    Uuid id;
    TRY(consent_document_add(tx, &document, &id));
  }
  return ERR_OK;
}

static Err add_questionnaire(Demo *demo, Tx *tx, const char *name)
{
  AUTO(json_t *, questionnaire, json_release) = NULL;
  Uuid id;
  TRY(demo_asset(demo->arena, name, &questionnaire));
  return questionnaire_add(tx, questionnaire, &id);
}

static Err type_named(const Demo *demo, Str name, Uuid *out)
{
  json_t *types = json_object_get(demo->practice, "types");
  *out = (Uuid){{0}};
  for (size_t i = 0; i < json_array_size(types); i++)
    if (str_eq(json_str(json_array_get(types, i), "name"), name)) *out = demo->types[i].id;
  return str_empty(name) || !uuid_is_nil(*out) ? ERR_OK : err_because(ERR_INVALID, "demo: a form of no known type");
}

static Err add_rule(Demo *demo, Tx *tx, json_t *in, size_t position)
{
  Uuid type;
  TRY(type_named(demo, json_str(in, "type"), &type));
  Str kind = json_str(in, "kind"), form = json_str(in, "form");
  Hash parts = hash_parts((const Str[]){{(const char *)type.bytes, 16}, kind, {"\0", 1}, form}, 4);
  return tx_put(tx, "form_rule", uuid_from_parts(STR("form_rule"), parts.bytes, sizeof parts.bytes),
                COLS(col_uuid("type", &type), col_text("kind", kind), col_text("form", form),
                     col_int("valid_days", json_int(in, "valid_days", 0)), col_int("position", (int64_t)position + 1)),
                NULL);
}

Err demo_forms(Demo *demo, Tx *tx)
{
  json_t *questionnaires = json_object_get(demo->practice, "questionnaires");
  json_t *consents = json_object_get(demo->practice, "consents");
  json_t *rules = json_object_get(demo->practice, "forms");
  for (size_t i = 0; i < json_array_size(questionnaires); i++)
    TRY(add_questionnaire(demo, tx, demo_cstr(demo->arena, json_array_get(questionnaires, i), "")));
  for (size_t i = 0; i < json_array_size(consents); i++)
    TRY(add_consents(demo, tx, demo_cstr(demo->arena, json_array_get(consents, i), "")));
  for (size_t i = 0; i < json_array_size(rules); i++) TRY(add_rule(demo, tx, json_array_get(rules, i), i));
  return ERR_OK;
}

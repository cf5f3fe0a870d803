#include "common/practice/form_internal.h"

static json_t *list_of(const Answers *answers, const FormItem *items, size_t count);

/* The items nested under a question belong to its first answer. */
static json_t *answers_of(const Answers *answers, const FormItem *item)
{
  json_t *list = json_array();
  size_t i;
  json_t *value;
  json_array_foreach(answers_given(answers, item), i, value)
  {
    json_t *answer = json_copy(value);
    json_t *below = i == 0 ? list_of(answers, item->items, item->item_count) : NULL;
    if (json_array_size(below) > 0)
      json_object_set_new(answer, "item", below);
    else
      json_decref(below);
    json_array_append_new(list, answer);
  }
  return list;
}

static json_t *list_of(const Answers *answers, const FormItem *items, size_t count)
{
  json_t *list = json_array();
  for (size_t i = 0; i < count; i++) {
    const FormItem *item = &items[i];
    if (!answers_enabled(answers, item) || item->again || item->type == FORM_DISPLAY) continue;
    bool group = item->type == FORM_GROUP;
    json_t *below = group ? list_of(answers, item->items, item->item_count) : answers_of(answers, item);
    if (json_array_size(below) == 0) {
      json_decref(below);
      continue;
    }
    json_t *made = json_pack("{ss so}", "linkId", item->link_id, group ? "item" : "answer", below);
    if (*item->text) json_object_set_new(made, "text", json_string(item->text));
    json_array_append_new(list, made);
  }
  return list;
}

json_t *answers_response(const Answers *answers, const char *questionnaire_url, Uuid client, Instant at)
{
  char subject[sizeof "Patient/" + UUID_TEXT_LEN] = "Patient/", authored[INSTANT_TEXT_LEN + 1];
  uuid_text(client, subject + strlen("Patient/"));
  instant_text(at, authored);
  const Form *form = answers->form;
  json_t *response =
      json_pack("{ss ss ss s{ss} ss}", "resourceType", "QuestionnaireResponse", "questionnaire", questionnaire_url,
                "status", "completed", "subject", "reference", subject, "authored", authored);
  if (*form->language) json_object_set_new(response, "language", json_string(form->language));
  json_t *list = list_of(answers, form->roots, form->root_count);
  if (json_array_size(list) > 0)
    json_object_set_new(response, "item", list);
  else
    json_decref(list); /* FHIR has no empty arrays */
  return response;
}

#include "common/practice/form.h"

#include <assert.h>
#include <stdlib.h>

#include "common/base/buf.h"
#include "common/practice/form_internal.h"

enum { REPORT_MAX_BYTES = 1 << 20 };

static const char *url_of(Form *form)
{
  const char *url = form_string(form->json, "url"), *id = form_string(form->json, "id");
  if (*url) return url;
  return *id ? arena_printf(&form->arena, "Questionnaire/%s", id) : "";
}

Err form_open(json_t *questionnaire, Form **out)
{
  AUTO(Form *, form, form_closep) = calloc(1, sizeof *form);
  if (!form) return err_because(ERR_NO_SPACE, "memory for a form");
  form->arena = arena_make(0);
  form->json = json_deep_copy(questionnaire);
  form->made = json_array();
  form->by_link = json_object();
  TRY(form_parse(form));
  form->url = url_of(form);
  form->language = form_string(form->json, "language");
  form_write_texts(form);
  *out = form;
  form = NULL;
  return ERR_OK;
}

void form_close(Form *form)
{
  if (!form) return;
  json_decref(form->json);
  json_decref(form->made);
  json_decref(form->by_link);
  arena_fini(&form->arena);
  free(form);
}

void form_closep(Form **form)
{
  form_close(*form);
  *form = NULL;
}

const char *form_title(const Form *form)
{
  return form->title;
}

const char *form_language(const Form *form)
{
  return form->language;
}

const char *form_url(const Form *form)
{
  return form->url;
}

const FormItem *form_items(const Form *form, size_t *count)
{
  *count = form->root_count;
  return form->roots;
}

const FormItem *form_item(const Form *form, size_t index)
{
  assert(index < form->total);
  return form->items[index];
}

size_t form_item_total(const Form *form)
{
  return form->total;
}

const FormItem *form_find(const Form *form, const char *link_id)
{
  json_t *index = json_object_get(form->by_link, link_id);
  return index ? form->items[json_integer_value(index)] : NULL;
}

/* A copy of a repeating group says nothing that the first one has not said. */
static bool is_first(const Form *form, const FormItem *item)
{
  return form_find(form, item->link_id) == item;
}

Str form_report(const Form *form, Arena *arena)
{
  AUTO(Buf, report, buf_fini) = buf_make(REPORT_MAX_BYTES);
  for (size_t i = 0; i < form->total; i++) {
    const FormItem *item = form->items[i];
    const char *reason = item->unsupported ? item->unsupported : form->nodes[i].note;
    bool inherited = item->parent && item->unsupported && item->unsupported == item->parent->unsupported;
    if (reason && !inherited && is_first(form, item)) buf_printf(&report, "%s: %s\n", item->link_id, reason);
  }
  return arena_strdup(arena, buf_view(&report));
}

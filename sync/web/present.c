#include "sync/web/present.h"

#include "common/practice/staff.h"

json_t *web_appointment(const Appointment *a)
{
  char start[WALL_TEXT_LEN + 1];
  wall_text(a->start, start);
  json_t *out = json_object();
  json_object_set_new(out, "id", web_uuid(a->id));
  json_object_set_new(out, "client", web_uuid(a->client));
  json_object_set_new(out, "client_name", web_text(a->client_name));
  json_object_set_new(out, "type_name", web_text(a->type_name));
  json_object_set_new(out, "site", web_uuid(a->site));
  json_object_set_new(out, "provider", web_uuid(a->provider));
  json_object_set_new(out, "provider_name", web_text(a->provider_name));
  json_object_set_new(out, "resource", web_uuid(a->resource));
  json_object_set_new(out, "resource_name", web_text(a->resource_name));
  json_object_set_new(out, "start", json_string(start));
  json_object_set_new(out, "minutes", json_integer(a->minutes));
  json_object_set_new(out, "certainty", web_text(a->certainty));
  json_object_set_new(out, "status", json_string(appointment_status_name(a->status)));
  json_object_set_new(out, "walk_in", json_boolean(a->walk_in));
  json_object_set_new(out, "ticket", web_text(a->ticket));
  json_object_set_new(out, "note", web_text(a->note));
  json_object_set_new(out, "arrived_at", web_instant(a->arrived_at));
  json_object_set_new(out, "called_at", web_instant(a->called_at));
  return out;
}

Err web_review_list(Store *store, Arena *arena, Overwrite **list, size_t *count)
{
  enum { REVIEW_MAX = 200 };
  size_t n = 0;
  TRY(merge_overwrites(store, arena, REVIEW_MAX, list, count));
  for (size_t i = 0; i < *count; i++)
    if (!strstr((*list)[i].group, "confirmed_at")) (*list)[n++] = (*list)[i];
  *count = n;
  return ERR_OK;
}

const char *web_staff_name(Store *store, Arena *arena, Uuid staff)
{
  Staff person;
  if (uuid_is_nil(staff) || staff_get(store, arena, staff, &person) != ERR_OK) return "";
  return arena_printf(arena, "%s%s%s", person.given, *person.given && *person.family ? " " : "", person.family);
}

json_t *web_task(Store *store, Arena *arena, const Task *task)
{
  json_t *out = json_object();
  json_object_set_new(out, "id", web_uuid(task->id));
  json_object_set_new(out, "kind", web_text(task->kind));
  json_object_set_new(out, "title", web_text(task->title));
  json_object_set_new(out, "note", web_text(task->note));
  json_object_set_new(out, "status", web_text(task->status));
  json_object_set_new(out, "client", web_uuid(task->client));
  json_object_set_new(out, "client_name", web_text(task->client_name));
  json_object_set_new(out, "appointment", web_uuid(task->appointment));
  json_object_set_new(out, "owner", web_uuid(task->owner));
  json_object_set_new(out, "owner_name", web_text(web_staff_name(store, arena, task->owner)));
  json_object_set_new(out, "created_at", web_instant(task->created_at));
  json_object_set_new(out, "due_at", web_instant(task->due_at));
  return out;
}

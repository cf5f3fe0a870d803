/* Clients: search and the chart. Who opens a chart is written down before anything of it is sent. */
#include "common/practice/client.h"

#include "common/practice/consent.h"
#include "common/practice/response.h"
#include "common/store/merge.h"
#include "sync/web/present.h"

enum { SEARCH_MAX = 20, VISITS_MAX = 200, RECORDS_MAX = 200, REVIEW_MAX = 200 };

static Err search(WebRequest *request)
{
  ClientMatch *list;
  size_t count;
  TRY(client_search(request->http->store, request->http->arena, http_query(request->http, "q"), SEARCH_MAX, &list,
                    &count));
  json_t *matches = json_array();
  for (size_t i = 0; i < count; i++) {
    json_t *match = json_object();
    json_object_set_new(match, "id", web_uuid(list[i].id));
    json_object_set_new(match, "name", web_text(list[i].name));
    json_object_set_new(match, "birth_date", web_text(list[i].birth_date));
    json_object_set_new(match, "phone", web_text(list[i].phone));
    json_array_append_new(matches, match);
  }
  return web_json(request, 200, json_pack("{s:o}", "clients", matches));
}

static json_t *contact_json(const Contact *c)
{
  json_t *out = json_object();
  json_object_set_new(out, "phone", web_text(c->phone));
  json_object_set_new(out, "email", web_text(c->email));
  json_object_set_new(out, "line1", web_text(c->line1));
  json_object_set_new(out, "line2", web_text(c->line2));
  json_object_set_new(out, "city", web_text(c->city));
  json_object_set_new(out, "state", web_text(c->state));
  json_object_set_new(out, "postal_code", web_text(c->postal_code));
  json_object_set_new(out, "country", web_text(c->country));
  return out;
}

static json_t *client_json(Arena *arena, const Client *c)
{
  json_t *out = json_object();
  json_object_set_new(out, "id", web_uuid(c->id));
  json_object_set_new(out, "name", web_text(client_name(arena, c)));
  json_object_set_new(out, "given", web_text(c->given));
  json_object_set_new(out, "family", web_text(c->family));
  json_object_set_new(out, "prefix", web_text(c->prefix));
  json_object_set_new(out, "suffix", web_text(c->suffix));
  json_object_set_new(out, "preferred_name", web_text(c->preferred_name));
  json_object_set_new(out, "birth_date", web_text(c->birth_date));
  json_object_set_new(out, "gender", web_text(c->gender));
  json_object_set_new(out, "language", web_text(c->language));
  json_object_set_new(out, "status", web_text(c->status));
  json_object_set_new(out, "contact", contact_json(&c->contact));
  json_object_set_new(out, "contact_confirmed_at", web_instant(c->contact_confirmed_at));
  return out;
}

static Err coverages_json(Store *store, Arena *arena, Uuid client, json_t **out)
{
  Coverage *list;
  size_t count;
  TRY(coverage_list(store, arena, client, &list, &count));
  json_t *coverages = json_array();
  for (size_t i = 0; i < count; i++) {
    const Coverage *c = &list[i];
    json_t *coverage = json_object();
    json_object_set_new(coverage, "id", web_uuid(c->id));
    json_object_set_new(coverage, "payer", web_text(c->payer));
    json_object_set_new(coverage, "plan", web_text(c->plan));
    json_object_set_new(coverage, "member_id", web_text(c->member_id));
    json_object_set_new(coverage, "group_number", web_text(c->group_number));
    json_object_set_new(coverage, "subscriber", web_text(c->subscriber));
    json_object_set_new(coverage, "relationship", web_text(c->relationship));
    json_object_set_new(coverage, "start_date", web_text(c->start_date));
    json_object_set_new(coverage, "end_date", web_text(c->end_date));
    json_object_set_new(coverage, "rank", json_integer(c->rank));
    json_object_set_new(coverage, "verified_at", web_instant(c->verified_at));
    json_object_set_new(coverage, "confirmed_at", web_instant(c->confirmed_at));
    json_array_append_new(coverages, coverage);
  }
  *out = coverages;
  return ERR_OK;
}

static Err visits_json(Store *store, Arena *arena, Uuid client, json_t **out)
{
  Appointment *list;
  size_t count;
  TRY(appointment_of_client(store, arena, client, VISITS_MAX, &list, &count));
  json_t *visits = json_array();
  for (size_t i = 0; i < count; i++) json_array_append_new(visits, web_appointment(&list[i]));
  *out = visits;
  return ERR_OK;
}

/* record_json: what answers and consents have in common. */
static json_t *record_json(Uuid id, const char *title, Uuid appointment)
{
  json_t *record = json_object();
  json_object_set_new(record, "id", web_uuid(id));
  json_object_set_new(record, "title", web_text(title));
  json_object_set_new(record, "appointment", web_uuid(appointment));
  return record;
}

static json_t *response_json(const Response *response)
{
  json_t *record = record_json(response->id, response->title, response->appointment);
  json_object_set_new(record, "face", web_text(response->face));
  json_object_set_new(record, "completed_at", web_instant(response->completed_at));
  return record;
}

static json_t *consent_json(const Consent *consent)
{
  json_t *record = record_json(consent->id, consent->title, consent->appointment);
  json_object_set_new(record, "decision", web_text(consent->decision));
  json_object_set_new(record, "method", web_text(consent->method));
  json_object_set_new(record, "intact", json_boolean(consent->intact));
  json_object_set_new(record, "decided_at", web_instant(consent->decided_at));
  return record;
}

static Err responses_json(Store *store, Arena *arena, Uuid client, json_t **out)
{
  Response *list;
  size_t count;
  TRY(response_of_client(store, arena, client, RECORDS_MAX, &list, &count));
  *out = json_array();
  for (size_t i = 0; i < count; i++) json_array_append_new(*out, response_json(&list[i]));
  return ERR_OK;
}

static Err consents_json(Store *store, Arena *arena, Uuid client, json_t **out)
{
  Consent *list;
  size_t count;
  TRY(consent_of_client(store, arena, client, &list, &count));
  *out = json_array();
  for (size_t i = 0; i < count; i++) json_array_append_new(*out, consent_json(&list[i]));
  return ERR_OK;
}

/* One part of the chart: what its reader wrote, or null where the permission is missing. */
typedef Err PartReader(Store *store, Arena *arena, Uuid client, json_t **out);
static Err add_part(WebRequest *request, json_t *chart, const char *name, Uuid client, Permission permission,
                    PartReader *read)
{
  json_t *part = NULL;
  if (web_may(request, (Uuid){{0}}, permission)) TRY(read(request->http->store, request->http->arena, client, &part));
  json_object_set_new(chart, name, part ? part : json_null());
  return ERR_OK;
}

/* The other records of this person: the chart gathers from all of them. */
static Err add_linked(Store *store, Arena *arena, Uuid id, json_t *chart)
{
  Uuid *same;
  size_t count;
  TRY(client_same(store, arena, id, &same, &count));
  json_t *list = json_array();
  json_object_set_new(chart, "linked", list);
  for (size_t i = 0; i < count; i++) {
    Client other;
    if (uuid_eq(same[i], id)) continue;
    Err err = client_get(store, arena, same[i], &other);
    if (err == ERR_NOT_FOUND) continue; /* its row has not come yet */
    TRY(err);
    json_array_append_new(list,
                          json_pack("{s:o, s:o, s:o}", "id", web_uuid(other.id), "name",
                                    web_text(client_name(arena, &other)), "birth_date", web_text(other.birth_date)));
  }
  return ERR_OK;
}

static Err fill_chart(WebRequest *request, Uuid id, json_t *chart)
{
  Store *store = request->http->store;
  Arena *arena = request->http->arena;
  Client client;
  TRY(client_get(store, arena, id, &client));
  json_object_set_new(chart, "client", client_json(arena, &client));
  TRY(add_linked(store, arena, id, chart));
  TRY(add_part(request, chart, "coverages", id, PERM_CLIENT_READ, coverages_json));
  TRY(add_part(request, chart, "visits", id, PERM_CLIENT_READ, visits_json));
  TRY(add_part(request, chart, "responses", id, PERM_ANSWERS_READ, responses_json));
  TRY(add_part(request, chart, "consents", id, PERM_CONSENT_READ, consents_json));
  return ERR_OK;
}

static Err chart(WebRequest *request)
{
  Store *store = request->http->store;
  Uuid id;
  TRY(web_param_uuid(request, "id", &id));
  AUTO(json_t *, answer, json_release) = json_object();
  TRY(store_read_begin(store));
  Err err = fill_chart(request, id, answer);
  store_read_end(store);
  TRY(err);
  TRY(client_note_access(store, id, request->session.staff, "desk", "chart"));
  return web_json(request, 200, json_incref(answer));
}

static Contact contact_from(WebRequest *request)
{
  return (Contact){.phone = web_body_text(request, "phone"),
                   .email = web_body_text(request, "email"),
                   .line1 = web_body_text(request, "line1"),
                   .line2 = web_body_text(request, "line2"),
                   .city = web_body_text(request, "city"),
                   .state = web_body_text(request, "state"),
                   .postal_code = web_body_text(request, "postal_code"),
                   .country = web_body_text(request, "country")};
}

static Err save_contact(WebRequest *request, Uuid id, const Contact *contact, Faults *faults)
{
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(request->http->store, web_actor(request), "client.contact", "", &tx));
  TRY(client_save_contact(&tx, id, contact, faults));
  return tx_commit(&tx);
}

/* The page sends the contact that it had shown along; when the record says otherwise now, someone has changed it meanwhile. */
static bool still_as_shown(json_t *shown, const Contact *now)
{
  AUTO(json_t *, current, json_release) = contact_json(now);
  return json_equal(current, shown) == 1;
}

static Err contact(WebRequest *request)
{
  Uuid id;
  Client client;
  TRY(web_param_uuid(request, "id", &id));
  TRY(client_get(request->http->store, request->http->arena, id, &client));
  if (!still_as_shown(json_object_get(request->body, "shown"), &client.contact))
    return web_json(request, 409,
                    json_pack("{s:s, s:o}", "error", err_key(ERR_CONFLICT), "contact", contact_json(&client.contact)));
  Contact wanted = contact_from(request);
  Faults faults = faults_make(request->http->arena);
  Err err = save_contact(request, id, &wanted, &faults);
  if (err == ERR_INVALID && faults.count) return web_faults(request, &faults);
  TRY(err);
  return web_json(request, 200, json_object());
}

/* Two records are one person, or are not after all. */
static Err write_link(WebRequest *request, bool join)
{
  Uuid id, other;
  TRY(web_param_uuid(request, "id", &id));
  TRY(web_body_uuid(request, "same_as", &other));
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(request->http->store, web_actor(request), join ? "client.link" : "client.unlink",
               web_body_text(request, "reason"), &tx));
  TRY(join ? client_link(&tx, id, other) : client_unlink(&tx, id, other));
  TRY(tx_commit(&tx));
  return web_json(request, 200, json_object());
}

static Err join_records(WebRequest *request)
{
  return write_link(request, true);
}

static Err part_records(WebRequest *request)
{
  return write_link(request, false);
}

const WebRoute web_client_routes[] = {
    {"GET", "/api/clients", WEB_PERMITTED, PERM_CLIENT_READ, search},
    {"GET", "/api/clients/:id", WEB_PERMITTED, PERM_CLIENT_READ, chart},
    {"PUT", "/api/clients/:id/contact", WEB_PERMITTED, PERM_CLIENT_EDIT, contact},
    {"POST", "/api/clients/:id/link", WEB_PERMITTED, PERM_CLIENT_EDIT, join_records},
    {"POST", "/api/clients/:id/unlink", WEB_PERMITTED, PERM_CLIENT_EDIT, part_records},
    {0},
};

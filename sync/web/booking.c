/* Time: asking for it, moving, the rebooking queue, and who rules on a calendar. */
#include "common/practice/booking.h"

#include "common/practice/appointment.h"
#include "common/practice/practice.h"
#include "sync/web/present.h"

static json_t *wall_json(WallTime wall)
{
  char text[WALL_TEXT_LEN + 1];
  wall_text(wall, text);
  return json_string(text);
}

static json_t *offers_json(const Rebooking *lost)
{
  json_t *offers = json_array();
  for (size_t i = 0; i < lost->offer_count; i++)
    json_array_append_new(offers, json_pack("{s:o, s:o, s:i}", "calendar", web_uuid(lost->offers[i].calendar), "start",
                                            wall_json(lost->offers[i].start), "minutes", lost->offers[i].minutes));
  return offers;
}

static Err queue(WebRequest *request)
{
  Store *store = request->http->store;
  Arena *arena = request->http->arena;
  Uuid site = {{0}};
  Str asked = http_query(request->http, "site");
  if (!str_empty(asked) && !uuid_parse(asked, &site)) return ERR_NOT_FOUND;
  TRY(web_allow(request, site, PERM_BOARD_VIEW));
  Rebooking *list;
  size_t count;
  TRY(booking_queue(store, arena, site, &list, &count));
  json_t *items = json_array();
  for (size_t i = 0; i < count; i++) {
    Appointment visit;
    TRY(appointment_get(store, arena, list[i].appointment, &visit));
    json_array_append_new(items, json_pack("{s:o, s:o, s:o, s:o}", "task", web_uuid(list[i].task), "asked_at",
                                           web_instant(list[i].asked_at), "appointment", web_appointment(&visit),
                                           "offers", offers_json(&list[i])));
  }
  return web_json(request, 200, json_pack("{s:o}", "items", items));
}

static Err start_of(WebRequest *request, WallTime *out)
{
  return wall_parse(json_str(request->body, "start"), out) ? ERR_OK : err_because(ERR_INVALID, "start is not a time");
}

static Err answer(WebRequest *request, int status, Uuid id)
{
  Appointment now;
  TRY(appointment_get(request->http->store, request->http->arena, id, &now));
  json_t *body = json_pack("{s:o}", "appointment", web_appointment(&now));
  if (status == 409) json_object_set_new(body, "error", json_string(err_key(ERR_CONFLICT)));
  return web_json(request, status, body);
}

static Err do_book(WebRequest *request, const AppointmentNew *visit, Faults *faults, Uuid *id)
{
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(request->http->store, web_actor(request), "appointment.book", web_body_text(request, "double_reason"),
               &tx));
  TRY(appointment_add(&tx, visit, faults, id));
  return tx_commit(&tx);
}

static Err book(WebRequest *request)
{
  AppointmentNew visit = {.minutes = (int)json_int(request->body, "minutes", 0),
                          .note = web_body_text(request, "note"),
                          .double_reason = web_body_text(request, "double_reason"),
                          .double_by = request->session.staff};
  Faults faults = faults_make(request->http->arena);
  Uuid id;
  TRY(web_body_uuid(request, "site", &visit.site));
  TRY(web_body_uuid(request, "client", &visit.client));
  TRY(web_body_uuid(request, "type", &visit.type));
  TRY(web_body_uuid(request, "provider", &visit.provider));
  TRY(web_body_uuid(request, "resource", &visit.resource));
  TRY(start_of(request, &visit.start));
  TRY(web_allow(request, visit.site, PERM_APPOINTMENT_EDIT));
  Err err = do_book(request, &visit, &faults, &id);
  if (err == ERR_INVALID && faults.count) return web_faults(request, &faults);
  TRY(err);
  return answer(request, 201, id);
}

static Err find(WebRequest *request, Appointment *out)
{
  Uuid id;
  TRY(web_param_uuid(request, "id", &id));
  TRY(appointment_get(request->http->store, request->http->arena, id, out));
  return web_allow(request, out->site, PERM_APPOINTMENT_EDIT);
}

static Err do_reschedule(WebRequest *request, Uuid id, const AppointmentMove *move)
{
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(request->http->store, web_actor(request), "appointment.reschedule", web_body_text(request, "note"),
               &tx));
  TRY(appointment_reschedule(&tx, id, move, request->session.staff, web_body_text(request, "note")));
  return tx_commit(&tx);
}

static Err reschedule(WebRequest *request)
{
  Appointment visit;
  TRY(find(request, &visit));
  AppointmentMove move = {.provider = visit.provider,
                          .minutes = (int)json_int(request->body, "minutes", visit.minutes),
                          .double_reason = web_body_text(request, "double_reason"),
                          .double_by = request->session.staff};
  Uuid provider;
  TRY(web_body_uuid(request, "provider", &provider));
  if (!uuid_is_nil(provider)) move.provider = provider;
  TRY(web_body_uuid(request, "resource", &move.resource));
  TRY(start_of(request, &move.start));
  Err err = do_reschedule(request, visit.id, &move);
  if (err != ERR_CONFLICT) TRY(err);
  return answer(request, err == ERR_CONFLICT ? 409 : 200, visit.id);
}

static Err displace(WebRequest *request)
{
  Appointment visit;
  const char *reason = web_body_text(request, "reason");
  TRY(find(request, &visit));
  {
    AUTO(Tx, tx, tx_fini) = {0};
    TRY(tx_begin(request->http->store, web_actor(request), "booking.displace", reason, &tx));
    TRY(booking_displace(&tx, visit.id, request->session.staff, reason));
    TRY(tx_commit(&tx));
  }
  return answer(request, 200, visit.id);
}

/* Another office is to rule on a calendar: handed over by whoever does now, or taken by the root when that one is lost. */
static Err move_home(WebRequest *request)
{
  Store *store = request->http->store;
  const char *reason = web_body_text(request, "reason");
  Uuid calendar;
  NodeId to;
  Lease lease;
  TRY(web_param_uuid(request, "id", &calendar));
  if (!node_parse(json_str(request->body, "node"), &to)) return err_because(ERR_INVALID, "node is not a node");
  TRY(calendar_lease(store, calendar, &lease));
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(store, web_actor(request), "calendar.home", reason, &tx));
  TRY(calendar_is_here(store, &lease) ? calendar_hand_over(&tx, calendar, to, 0, request->session.staff, reason)
                                      : calendar_seize(&tx, calendar, to, request->session.staff, reason));
  TRY(tx_commit(&tx));
  return web_json(request, 200, json_object());
}

const WebRoute web_booking_routes[] = {
    {"GET", "/api/rebooking", WEB_PERMITTED, PERM_BOARD_VIEW, queue},
    {"POST", "/api/appointments", WEB_PERMITTED, PERM_APPOINTMENT_EDIT, book},
    {"POST", "/api/appointments/:id/reschedule", WEB_PERMITTED, PERM_APPOINTMENT_EDIT, reschedule},
    {"POST", "/api/appointments/:id/displace", WEB_PERMITTED, PERM_APPOINTMENT_EDIT, displace},
    {"POST", "/api/calendars/:id/home", WEB_PERMITTED, PERM_DEVICE_MANAGE, move_home},
    {0},
};

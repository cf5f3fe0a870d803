/* What the desk does to visits. Every step names the status it was taken from: of two people who press at once the second learns what the first did. */
#include "common/practice/client.h"
#include "common/practice/practice.h"
#include "sync/web/present.h"

/* The visit, if the person may change visits at its site. */
static Err find(WebRequest *request, Appointment *out)
{
  Uuid id;
  TRY(web_param_uuid(request, "id", &id));
  TRY(appointment_get(request->http->store, request->http->arena, id, out));
  return web_allow(request, out->site, PERM_APPOINTMENT_EDIT);
}

static Err expected_status(WebRequest *request, AppointmentStatus *out)
{
  return appointment_status_parse(json_str(request->body, "expected"), out)
             ? ERR_OK
             : err_because(ERR_INVALID, "expected is not a status");
}

/* Answers with the visit as it is now: after a conflict with 409, so that the page shows what has happened meanwhile. */
static Err answer(WebRequest *request, Uuid id, Err err)
{
  if (err != ERR_OK && err != ERR_CONFLICT) return err;
  Appointment now;
  TRY(appointment_get(request->http->store, request->http->arena, id, &now));
  if (err == ERR_OK) return web_json(request, 200, json_pack("{s:o}", "appointment", web_appointment(&now)));
  return web_json(request, 409,
                  json_pack("{s:s, s:o}", "error", err_key(ERR_CONFLICT), "appointment", web_appointment(&now)));
}

static Err do_move(WebRequest *request, Uuid id, AppointmentStatus expected, AppointmentStatus status)
{
  AUTO(Tx, tx, tx_fini) = {0};
  const char *action = arena_printf(request->http->arena, "appointment.%s", appointment_status_name(status));
  TRY(tx_begin(request->http->store, web_actor(request), action, "", &tx));
  TRY(appointment_move_to(&tx, id, expected, status, request->session.staff, web_body_text(request, "note")));
  return tx_commit(&tx);
}

static Err move(WebRequest *request)
{
  Appointment visit;
  AppointmentStatus expected, status;
  TRY(find(request, &visit));
  TRY(expected_status(request, &expected));
  if (!appointment_status_parse(json_str(request->body, "status"), &status))
    return err_because(ERR_INVALID, "status is not a status");
  return answer(request, visit.id, do_move(request, visit.id, expected, status));
}

static Err do_room(WebRequest *request, Uuid id, AppointmentStatus expected, Uuid resource)
{
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(request->http->store, web_actor(request), "appointment.room", "", &tx));
  TRY(appointment_room(&tx, id, expected, resource, request->session.staff));
  return tx_commit(&tx);
}

static Err room(WebRequest *request)
{
  Appointment visit;
  AppointmentStatus expected;
  Uuid resource;
  TRY(find(request, &visit));
  TRY(expected_status(request, &expected));
  TRY(web_body_uuid(request, "resource", &resource));
  if (uuid_is_nil(resource)) return err_because(ERR_INVALID, "resource is missing");
  return answer(request, visit.id, do_room(request, visit.id, expected, resource));
}

static Err do_call(WebRequest *request, Uuid id)
{
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(request->http->store, web_actor(request), "appointment.call", "", &tx));
  TRY(appointment_call(&tx, id, request->session.staff));
  return tx_commit(&tx);
}

static Err call(WebRequest *request)
{
  Appointment visit;
  TRY(find(request, &visit));
  return answer(request, visit.id, do_call(request, visit.id));
}

/* A walk-in is a known client, or a new one whose details come along; both in one transaction. */
static Err do_walk_in(WebRequest *request, Uuid site, Uuid client, Faults *faults, Uuid *out)
{
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(request->http->store, web_actor(request), "appointment.walk_in", "", &tx));
  if (uuid_is_nil(client)) {
    Client new_client = {.given = web_body_text(request, "given"),
                         .family = web_body_text(request, "family"),
                         .prefix = "",
                         .suffix = "",
                         .preferred_name = "",
                         .birth_date = web_body_text(request, "birth_date"),
                         .gender = "",
                         .language = "",
                         .status = "active",
                         .contact = {.phone = web_body_text(request, "phone"),
                                     .email = "",
                                     .line1 = "",
                                     .line2 = "",
                                     .city = "",
                                     .state = "",
                                     .postal_code = "",
                                     .country = ""}};
    TRY(client_add(&tx, &new_client, faults, &client));
  }
  TRY(appointment_walk_in(&tx, client, site, web_body_text(request, "reason"), out));
  return tx_commit(&tx);
}

static Err walk_in(WebRequest *request)
{
  Uuid site, client, id = {{0}};
  TRY(web_body_uuid(request, "site", &site));
  TRY(web_body_uuid(request, "client", &client));
  if (uuid_is_nil(site)) return err_because(ERR_INVALID, "site is missing");
  TRY(web_allow(request, site, PERM_APPOINTMENT_EDIT));
  if (uuid_is_nil(client)) TRY(web_allow(request, site, PERM_CLIENT_EDIT));
  Faults faults = faults_make(request->http->arena);
  Err err = do_walk_in(request, site, client, &faults, &id);
  if (err == ERR_INVALID && faults.count) return web_faults(request, &faults);
  return answer(request, id, err);
}

const WebRoute web_visit_routes[] = {
    {"POST", "/api/appointments/:id/move", WEB_PERMITTED, PERM_APPOINTMENT_EDIT, move},
    {"POST", "/api/appointments/:id/room", WEB_PERMITTED, PERM_APPOINTMENT_EDIT, room},
    {"POST", "/api/appointments/:id/call", WEB_PERMITTED, PERM_APPOINTMENT_EDIT, call},
    {"POST", "/api/walk-ins", WEB_PERMITTED, PERM_APPOINTMENT_EDIT, walk_in},
    {0},
};

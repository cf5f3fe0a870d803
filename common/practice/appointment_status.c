/* What happens to a visit on its day, declared in appointment.h. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/practice/appointment_internal.h"
#include "common/practice/booking.h"
#include "common/practice/practice.h"
#include "common/practice/tidy.h"
#include "common/store/query.h"

SQL(VISIT_NOW, "SELECT status, site, start_wall, ticket FROM appointment WHERE id = :id");
SQL(ROOM_SITE, "SELECT site FROM resource WHERE id = :id AND active = 1");
SQL(WALK_IN_TYPE, "SELECT id, walk_in FROM appointment_type WHERE active = 1 ORDER BY walk_in DESC, name, id LIMIT 2");
SQL(DAY_TICKETS, "SELECT ticket FROM appointment WHERE site = :site AND start_wall >= :day AND start_wall < :next_day");
SQL(SITE_NODES, "SELECT number FROM node WHERE site = :site AND revoked_at IS NULL ORDER BY number");

static const struct Transition {
  AppointmentStatus from, to;
  const char *event;
} TRANSITIONS[] = {
    {APPT_BOOKED, APPT_ARRIVED, "arrived"},     {APPT_BOOKED, APPT_NOSHOW, "noshow"},
    {APPT_BOOKED, APPT_CANCELLED, "cancelled"}, {APPT_ARRIVED, APPT_ROOMED, "roomed"},
    {APPT_ARRIVED, APPT_DONE, "done"},          {APPT_ARRIVED, APPT_BOOKED, "reopened"},
    {APPT_ARRIVED, APPT_NOSHOW, "noshow"},      {APPT_ROOMED, APPT_DONE, "done"},
    {APPT_ROOMED, APPT_ARRIVED, "reopened"},    {APPT_DONE, APPT_ROOMED, "reopened"},
    {APPT_NOSHOW, APPT_BOOKED, "reopened"},     {APPT_NOSHOW, APPT_ARRIVED, "arrived"},
    {APPT_CANCELLED, APPT_BOOKED, "reopened"},
};

static const struct Transition *transition(AppointmentStatus from, AppointmentStatus to)
{
  for (size_t i = 0; i < COUNT_OF(TRANSITIONS); i++)
    if (TRANSITIONS[i].from == from && TRANSITIONS[i].to == to) return &TRANSITIONS[i];
  return NULL;
}

typedef struct Visit {
  AppointmentStatus status;
  Uuid site;
  WallTime start;
  bool has_ticket;
} Visit;

static Err read_visit(Store *store, Uuid id, Visit *out)
{
  AUTO(Query, q, query_fini) = query(store, &VISIT_NOW);
  query_bind_uuid(&q, ":id", id);
  if (!query_next(&q)) {
    TRY(query_end(&q));
    return ERR_NOT_FOUND;
  }
  *out = (Visit){.site = query_uuid(&q, "site"), .has_ticket = !str_empty(query_str(&q, "ticket"))};
  bool known = appointment_status_parse(query_str(&q, "status"), &out->status) &&
               wall_parse(query_str(&q, "start_wall"), &out->start);
  TRY(query_end(&q));
  return known ? ERR_OK : err_because(ERR_CONFLICT, "the visit is in a state that this program does not know");
}

static Err expect(const Visit *visit, AppointmentStatus expected)
{
  if (visit->status == expected) return ERR_OK;
  return err_because(ERR_CONFLICT, "the visit is %s, not %s", appointment_status_name(visit->status),
                     appointment_status_name(expected));
}

/* lane_of: which of how many lanes this node deals tickets from. Nodes that do not stand at the site share the last one. */
static Err lane_of(Store *store, Uuid site, int64_t *lane, int64_t *lanes)
{
  int64_t here = -1, n = 0;
  AUTO(Query, q, query_fini) = query(store, &SITE_NODES);
  query_bind_uuid(&q, ":site", site);
  for (; query_next(&q); n++)
    if ((NodeId)query_int(&q, "number") == store_node(store)) here = n;
  TRY(query_end(&q));
  *lane = here < 0 ? n : here;
  *lanes = n + 1;
  return ERR_OK;
}

static int64_t ticket_number(Str ticket)
{
  int64_t number = 0;
  size_t at = ticket.len;
  while (at > 0 && ticket.ptr[at - 1] >= '0' && ticket.ptr[at - 1] <= '9') at--;
  Str digits = {ticket.ptr + at, ticket.len - at};
  return digits.len <= 9 && str_to_int64(digits, &number) ? number : 0;
}

static Err next_number(Store *store, Uuid site, Date day, int64_t lane, int64_t lanes, int64_t *out)
{
  char from[DATE_TEXT_LEN + 1], to[DATE_TEXT_LEN + 1];
  date_text(day, from);
  date_text(date_from_days(date_days(day) + 1), to);
  AUTO(Query, q, query_fini) = query(store, &DAY_TICKETS);
  query_bind_uuid(&q, ":site", site);
  query_bind_text(&q, ":day", str_c(from));
  query_bind_text(&q, ":next_day", str_c(to));
  int64_t next = lane + 1;
  while (query_next(&q)) {
    int64_t number = ticket_number(query_str(&q, "ticket"));
    if (number >= next && (number - 1) % lanes == lane) next = number + lanes;
  }
  *out = next;
  return query_end(&q);
}

Err appointment_ticket(Store *store, Arena *arena, Uuid site, Date day, const char **out)
{
  Site place;
  int64_t lane, lanes, number;
  TRY(site_get(store, arena, site, &place));
  TRY(lane_of(store, site, &lane, &lanes));
  TRY(next_number(store, site, day, lane, lanes, &number));
  *out = arena_printf(arena, "%s-%02" PRId64, place.prefix, number);
  return ERR_OK;
}

/* The columns that a status brings along. */
static Err set_status(Tx *tx, Arena *arena, Uuid id, const Visit *visit, AppointmentStatus status)
{
  Col cols[5];
  size_t n = 0;
  cols[n++] = col_text("status", str_c(appointment_status_name(status)));
  if (status == APPT_ARRIVED && visit->status != APPT_ROOMED) {
    cols[n++] = col_int("arrived_at", tx_now(tx));
    if (!visit->has_ticket) {
      const char *ticket;
      TRY(appointment_ticket(tx->store, arena, visit->site, visit->start.date, &ticket));
      cols[n++] = col_text("ticket", str_c(ticket));
    }
  }
  if (status == APPT_ARRIVED && visit->status == APPT_ROOMED) cols[n++] = col_null("resource");
  if (status == APPT_BOOKED) cols[n++] = col_null("arrived_at");
  if (status == APPT_BOOKED || status == APPT_ARRIVED) cols[n++] = col_null("called_at");
  cols[n] = (Col){0};
  return tx_update(tx, "appointment", id, cols);
}

Err appointment_move_to(Tx *tx, Uuid appointment, AppointmentStatus expected, AppointmentStatus status, Uuid staff,
                        const char *note)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Visit visit;
  TRY(read_visit(tx->store, appointment, &visit));
  TRY(expect(&visit, expected));
  const struct Transition *step = transition(expected, status);
  if (!step)
    return err_because(ERR_CONFLICT, "a visit that is %s cannot become %s", appointment_status_name(expected),
                       appointment_status_name(status));
  if (expected == APPT_CANCELLED) TRY(appointment_ask_again(tx, appointment));
  TRY(set_status(tx, &arena, appointment, &visit, status));
  if (expected == APPT_CANCELLED || status == APPT_CANCELLED) TRY(booking_settle(tx, appointment));
  return appointment_event(tx, appointment, step->event, staff, tidy_text(&arena, str_c(note)).ptr);
}

Err appointment_room(Tx *tx, Uuid appointment, AppointmentStatus expected, Uuid resource, Uuid staff)
{
  Visit visit;
  TRY(read_visit(tx->store, appointment, &visit));
  TRY(expect(&visit, expected));
  if (expected != APPT_ROOMED && !transition(expected, APPT_ROOMED))
    return err_because(ERR_CONFLICT, "a visit that is %s cannot go to a room", appointment_status_name(expected));
  Uuid site = {{0}};
  {
    AUTO(Query, q, query_fini) = query(tx->store, &ROOM_SITE);
    query_bind_uuid(&q, ":id", resource);
    if (query_next(&q)) site = query_uuid(&q, "site");
    TRY(query_end(&q));
  }
  if (uuid_is_nil(site)) return ERR_NOT_FOUND;
  if (!uuid_eq(site, visit.site)) return err_because(ERR_CONFLICT, "the room is at another site than the visit");
  TRY(tx_update(tx, "appointment", appointment,
                COLS(col_text("status", STR("roomed")), col_uuid("resource", &resource))));
  return appointment_event(tx, appointment, "roomed", staff, "");
}

Err appointment_call(Tx *tx, Uuid appointment, Uuid staff)
{
  Visit visit;
  TRY(read_visit(tx->store, appointment, &visit));
  TRY(expect(&visit, APPT_ARRIVED));
  TRY(tx_update(tx, "appointment", appointment, COLS(col_int("called_at", tx_now(tx)))));
  return appointment_event(tx, appointment, "called", staff, "");
}

static Err walk_in_type(Store *store, Uuid *out)
{
  AUTO(Query, q, query_fini) = query(store, &WALK_IN_TYPE);
  bool found = query_next(&q);
  if (found) {
    *out = query_uuid(&q, "id");
    bool meant = query_int(&q, "walk_in") != 0;
    found = meant || !query_next(&q); /* not said: only when there is no other */
  }
  TRY(query_end(&q));
  return found ? ERR_OK : err_because(ERR_NOT_FOUND, "no appointment type is for walk-ins");
}

Err appointment_walk_in(Tx *tx, Uuid client, Uuid site, const char *reason, Uuid *out)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  Site place;
  TRY(site_get(tx->store, &arena, site, &place));
  AppointmentNew visit = {.client = client, .site = site, .walk_in = true, .note = reason};
  TRY(site_wall(&place, tx_now(tx), &visit.start));
  TRY(walk_in_type(tx->store, &visit.type));
  Faults faults = faults_make(&arena);
  Uuid id;
  TRY(appointment_add(tx, &visit, &faults, &id));
  TRY(appointment_move_to(tx, id, APPT_BOOKED, APPT_ARRIVED, (Uuid){{0}}, ""));
  *out = id;
  return ERR_OK;
}

/* Asking for another time, or for the same one again; declared in appointment.h. */
#include "common/practice/appointment_internal.h"
#include "common/practice/booking.h"
#include "common/practice/tidy.h"
#include "common/store/query.h"

enum { MINUTES_MOST = 24 * 60 };

SQL(MOVE_VISIT, "SELECT status, type, site, provider, demand, start_wall, minutes FROM appointment WHERE id = :id");
SQL(KEPT_ROOM, "SELECT b.calendar FROM booking b JOIN resource r ON r.id = b.calendar"
               " WHERE b.demand = :demand LIMIT 1");

typedef struct Before {
  BookingAsk ask;
  Uuid demand;
  bool booked;
} Before;

/* read_before: the visit as it is, as something to ask for. */
static Err read_before(Store *store, Uuid id, Before *out)
{
  *out = (Before){.ask = {.appointment = id}};
  {
    AUTO(Query, q, query_fini) = query(store, &MOVE_VISIT);
    query_bind_uuid(&q, ":id", id);
    bool found = query_next(&q) && wall_parse(query_str(&q, "start_wall"), &out->ask.start);
    if (found) {
      out->ask.type = query_uuid(&q, "type");
      out->ask.site = query_uuid(&q, "site");
      out->ask.provider = query_uuid(&q, "provider");
      out->ask.minutes = (int)query_int(&q, "minutes");
      out->demand = query_uuid(&q, "demand");
      out->booked = str_eq_c(query_str(&q, "status"), "booked");
    }
    TRY(query_end(&q));
    if (!found) return ERR_NOT_FOUND;
  }
  AUTO(Query, q, query_fini) = query(store, &KEPT_ROOM);
  query_bind_uuid(&q, ":demand", out->demand);
  if (query_next(&q)) out->ask.resource = query_uuid(&q, "calendar");
  return query_end(&q);
}

static Err put_demand(Tx *tx, const BookingAsk *ask, Uuid demand)
{
  char start[WALL_TEXT_LEN + 1];
  wall_text(ask->start, start);
  return tx_update(tx, "appointment", ask->appointment,
                   COLS(col_uuid("site", &ask->site), col_uuid("provider", &ask->provider),
                        col_text("start_wall", str_c(start)), col_int("minutes", ask->minutes),
                        col_uuid("demand", &demand)));
}

Err appointment_ask_again(Tx *tx, Uuid appointment)
{
  Before before;
  Uuid demand;
  TRY(read_before(tx->store, appointment, &before));
  if (uuid_is_nil(before.demand)) return ERR_OK;
  TRY(booking_ask(tx, &before.ask, &demand));
  return put_demand(tx, &before.ask, demand);
}

Err appointment_reschedule(Tx *tx, Uuid appointment, const AppointmentMove *move, Uuid staff, const char *note)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  Before before;
  Uuid demand;
  TRY(read_before(tx->store, appointment, &before));
  if (!before.booked) return err_because(ERR_CONFLICT, "only a visit that is to come can be moved");
  Date day = move->start.date;
  if (!date_valid(day.year, day.month, day.day) || move->start.minute < 0 || move->start.minute >= MINUTES_MOST ||
      move->minutes < 1 || move->minutes > MINUTES_MOST)
    return err_because(ERR_INVALID, "that is no time for a visit");
  BookingAsk ask = before.ask;
  ask.provider = move->provider;
  ask.resource = move->resource;
  ask.start = move->start;
  ask.minutes = move->minutes;
  ask.double_reason = move->double_reason;
  ask.double_by = move->double_by;
  TRY(booking_ask(tx, &ask, &demand));
  TRY(put_demand(tx, &ask, demand));
  TRY(booking_settle(tx, appointment));
  return appointment_event(tx, appointment, "moved", staff, tidy_text(&arena, str_c(note)).ptr);
}

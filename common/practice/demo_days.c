/* The demo's days: what has happened in the last two weeks, and what is going on today. */
#include "common/practice/appointment.h"
#include "common/practice/booking.h"
#include "common/practice/demo_internal.h"

enum { DAYS_BACK = 14, OPENS = 8 * 60 + 30, LAST = 16 * 60 + 30, MINUTE_MS = 60 * 1000, HOUR = 60 };
enum { PAST_HOURS = 3, NEXT_HOURS = 6, SOON = 5, STEP = 5, DAY_END = 23 * 60 + 55 };
enum { FIRST_SITE_ALONE = 4 }; /* so many clients come to the first site, before they alternate */

typedef struct Planned {
  Uuid client;
  const DemoSite *site;
  WallTime start;
  AppointmentStatus status;
  int early; /* minutes before the start that the client came */
  int late;  /* minutes after the start that the client was called */
} Planned;

static const char *reason_of(Demo *demo, const DemoType *type)
{
  size_t count = json_array_size(type->reasons);
  return count ? demo_cstr(demo->arena, json_array_get(type->reasons, dice_below(&demo->dice, count)), "") : "";
}

/* Types for walk-ins are for those who are here: nobody books one. */
static const DemoType *any_type(Demo *demo, bool booked)
{
  const DemoType *type;
  do type = &demo->types[dice_below(&demo->dice, demo->type_count)];
  while (booked && type->walk_in);
  return type;
}

static Err event(Demo *demo, Tx *tx, Uuid visit, const char *kind, Instant at)
{
  return tx_insert(tx, "appointment_event", uuid_v7(store_env(demo->store)),
                   COLS(col_uuid("appointment", &visit), col_text("kind", str_c(kind)), col_int("at", at)));
}

/* went: how far it has come: written with the moments at which it happened. */
static Err went(Demo *demo, Tx *tx, Uuid visit, const Planned *p, Instant start, Instant end)
{
  Instant arrived = start - (int64_t)p->early * MINUTE_MS, called = start + (int64_t)p->late * MINUTE_MS;
  TRY(event(demo, tx, visit, "booked", arrived - 5LL * 24 * HOUR * MINUTE_MS));
  if (p->status == APPT_NOSHOW) return event(demo, tx, visit, "noshow", start + 20 * MINUTE_MS);
  if (p->status == APPT_BOOKED) return ERR_OK;
  TRY(event(demo, tx, visit, "arrived", arrived));
  if (p->status == APPT_ARRIVED) return ERR_OK;
  TRY(event(demo, tx, visit, "called", called));
  TRY(event(demo, tx, visit, "roomed", called + MINUTE_MS));
  return p->status == APPT_ROOMED ? ERR_OK : event(demo, tx, visit, "done", end);
}

static Err put_visit(Demo *demo, Tx *tx, const Planned *p, const char *ticket)
{
  const DemoType *type = any_type(demo, p->status == APPT_BOOKED || p->status == APPT_NOSHOW);
  const DemoSite *site = p->site;
  Uuid provider = site->providers[dice_below(&demo->dice, site->provider_count)];
  Uuid visit = uuid_v7(store_env(demo->store)), room = {{0}};
  bool came = p->status == APPT_ARRIVED || p->status == APPT_ROOMED || p->status == APPT_DONE;
  bool seen = p->status == APPT_ROOMED || p->status == APPT_DONE;
  if (seen && site->room_count) room = site->rooms[dice_below(&demo->dice, site->room_count)];
  Instant start;
  TRY(zone_to_instant(site->zone, p->start, &start));
  char wall[WALL_TEXT_LEN + 1];
  wall_text(p->start, wall);
  Uuid demand = {{0}};
  BookingAsk ask = {.appointment = visit,
                    .type = type->id,
                    .site = site->id,
                    .provider = provider,
                    .start = p->start,
                    .minutes = type->minutes,
                    .double_reason = "a busy day of the demo"};
  bool to_come = p->status == APPT_BOOKED || p->status == APPT_ARRIVED || p->status == APPT_ROOMED;
  if (to_come) TRY(booking_ask(tx, &ask, &demand)); /* what is over claims no time */
  Instant called = start + (int64_t)p->late * MINUTE_MS;
  TRY(tx_insert(tx, "appointment", visit,
                COLS(col_uuid("client", &p->client), col_uuid("type", &type->id), col_uuid("site", &site->id),
                     col_uuid("provider", &provider), col_uuid("resource", &room), col_text("start_wall", str_c(wall)),
                     col_int("minutes", type->minutes), col_uuid("demand", &demand),
                     col_text("status", str_c(appointment_status_name(p->status))), col_bool("walk_in", type->walk_in),
                     col_text("ticket", str_c(ticket)), col_text("note", str_c(reason_of(demo, type))),
                     came ? col_int("arrived_at", start - (int64_t)p->early * MINUTE_MS) : col_null("arrived_at"),
                     seen ? col_int("called_at", called) : col_null("called_at"))));
  return went(demo, tx, visit, p, start, called + (int64_t)type->minutes * MINUTE_MS);
}

static Uuid any_client(Demo *demo)
{
  return demo->clients[dice_below(&demo->dice, demo->client_count)];
}

static Err past_day(Demo *demo, Tx *tx, const DemoSite *site, Date day)
{
  for (int minute = OPENS; minute <= LAST; minute += dice_between(&demo->dice, 4, 9) * STEP) {
    Planned p = {.client = any_client(demo),
                 .site = site,
                 .start = {day, (int16_t)minute},
                 .status = dice_below(&demo->dice, 12) == 0 ? APPT_NOSHOW : APPT_DONE,
                 .early = dice_between(&demo->dice, 3, 15),
                 .late = dice_between(&demo->dice, 0, 18)};
    TRY(put_visit(demo, tx, &p, ""));
  }
  return ERR_OK;
}

static Err past_days(Demo *demo, Tx *tx, Date today)
{
  for (int back = DAYS_BACK; back > 0; back--) {
    Date day = date_from_days(date_days(today) - back);
    if (date_weekday(day) > 4) continue;
    for (size_t s = 0; s < demo->site_count; s++) TRY(past_day(demo, tx, &demo->sites[s], day));
  }
  return ERR_OK;
}

static int clamp(int value, int least, int most)
{
  return value < least ? least : value > most ? most : value;
}

/* A quarter of the clients have been here or are here; the others, and first of all the first, are still to come. */
static Planned plan_today(Demo *demo, size_t index, WallTime now)
{
  size_t to_come = demo->client_count - demo->client_count / 4;
  bool future = index < to_come;
  size_t place = future ? index : index - to_come, places = future ? to_come : demo->client_count - to_come;
  Planned p = {.client = demo->clients[index],
               .site = &demo->sites[index < FIRST_SITE_ALONE ? 0 : index % demo->site_count],
               .early = dice_between(&demo->dice, 3, 10),
               .late = dice_between(&demo->dice, 2, 12)};
  int minute;
  if (future) {
    int first = clamp(now.minute + SOON, 0, DAY_END), last = clamp(now.minute + NEXT_HOURS * HOUR, first, DAY_END);
    minute = first + (int)((size_t)(last - first) * place / places);
    p.status = APPT_BOOKED;
  } else {
    int first = clamp(now.minute - PAST_HOURS * HOUR, 0, now.minute);
    minute = first + (int)((size_t)(now.minute - first) * (place + 1) / (places + 1));
    size_t from_last = places - place;
    p.status = from_last <= demo->site_count       ? APPT_ARRIVED
               : from_last <= 2 * demo->site_count ? APPT_ROOMED
               : from_last % 5 == 0                ? APPT_NOSHOW
                                                   : APPT_DONE;
  }
  minute = clamp((minute + STEP - 1) / STEP * STEP, 0, DAY_END);
  p.start = (WallTime){now.date, (int16_t)minute};
  return p;
}

static Err today(Demo *demo, Tx *tx, WallTime now)
{
  int *tickets = ARENA_ARRAY(demo->arena, int, demo->site_count);
  for (size_t i = 0; i < demo->client_count; i++) { /* who was here first has the lowest ticket */
    Planned p = plan_today(demo, i, now);
    const char *ticket = "";
    size_t site = (size_t)(p.site - demo->sites);
    bool came = p.status != APPT_BOOKED && p.status != APPT_NOSHOW;
    if (came) ticket = arena_printf(demo->arena, "%s-%02d", p.site->prefix, ++tickets[site]);
    TRY(put_visit(demo, tx, &p, ticket));
  }
  return ERR_OK;
}

Err demo_days(Demo *demo)
{
  WallTime now;
  TRY(zone_to_wall(demo->sites[0].zone, store_now(demo->store), &now));
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(demo->store, actor_system(), "demo.days", "", &tx));
  TRY(past_days(demo, &tx, now.date));
  TRY(today(demo, &tx, now));
  return tx_commit(&tx);
}

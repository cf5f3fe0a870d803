/* Allotments, and by what right this node rules; declared in calendar.h and booking_internal.h. */
#include <stdlib.h>

#include "common/practice/booking_internal.h"
#include "common/store/journal.h"

#define ALLOTMENT_OPEN                                                                                                 \
  "SELECT a.id, a.calendar, a.site, a.node, a.start_wall, a.minutes, a.lane, a.expires_at, r.lease, r.fence, r.number" \
  " FROM allotment a JOIN leased_ruling r ON r.allotment = a.id AND r.decision = 'granted' WHERE NOT EXISTS (SELECT 1" \
  " FROM leased_ruling e WHERE e.allotment = a.id AND e.decision = 'closed')"
SQL(ALLOTMENT_ONE, ALLOTMENT_OPEN " AND a.id = :id");
SQL(ALLOTMENT_OF_CALENDAR, ALLOTMENT_OPEN " AND a.calendar = :calendar ORDER BY a.id");
SQL_SCAN(ALLOTMENT_EXPIRING, ALLOTMENT_OPEN " AND a.expires_at <= :now ORDER BY a.id");
SQL(ALLOTMENT_PARTS,
    "SELECT max(part) AS part FROM ruling WHERE allotment = :allotment AND decision IN ('firm', 'released')");

static Allotment read_allotment(Query *q)
{
  Allotment a = {.id = query_uuid(q, "id"),
                 .calendar = query_uuid(q, "calendar"),
                 .site = query_uuid(q, "site"),
                 .lease = query_uuid(q, "lease"),
                 .node = (NodeId)query_int(q, "node"),
                 .minutes = (int)query_int(q, "minutes"),
                 .fence = query_int(q, "fence"),
                 .number = query_int(q, "number"),
                 .lane = (int)query_int(q, "lane"),
                 .expires_at = query_int(q, "expires_at"),
                 .start = {{1, 1, 1}, 0}};
  (void)wall_parse(query_str(q, "start_wall"), &a.start);
  return a;
}

Err allotment_open(Store *store, Uuid allotment, Allotment *out)
{
  AUTO(Query, q, query_fini) = query(store, &ALLOTMENT_ONE);
  query_bind_uuid(&q, ":id", allotment);
  bool found = query_next(&q);
  if (found) *out = read_allotment(&q);
  TRY(query_end(&q));
  return found ? ERR_OK : ERR_NOT_FOUND;
}

static Err read_all(Query *q, Arena *arena, Allotment **list, size_t *count)
{
  size_t capacity = 0;
  *list = NULL;
  *count = 0;
  while (query_next(q)) {
    *list = arena_grow_array(arena, *list, *count, &capacity, sizeof **list);
    (*list)[(*count)++] = read_allotment(q);
  }
  return query_end(q);
}

Err allotment_open_list(Store *store, Arena *arena, Uuid calendar, Allotment **list, size_t *count)
{
  AUTO(Query, q, query_fini) = query(store, &ALLOTMENT_OF_CALENDAR);
  query_bind_uuid(&q, ":calendar", calendar);
  return read_all(&q, arena, list, count);
}

Err allotment_parts(Store *store, Uuid allotment, int64_t *out)
{
  AUTO(Query, q, query_fini) = query(store, &ALLOTMENT_PARTS);
  query_bind_uuid(&q, ":allotment", allotment);
  *out = query_next(&q) ? query_int(&q, "part") : 0;
  return query_end(&q);
}

/* -------------------------------------------------------------------------------------------------------------- rights */

Err right_home(Store *store, Uuid calendar, Right *out, bool *found)
{
  *out = (Right){0};
  Err err = calendar_lease(store, calendar, &out->lease);
  *found = err == ERR_OK && calendar_is_here(store, &out->lease);
  return err == ERR_NOT_FOUND ? ERR_OK : err;
}

static void by_allotment(const Allotment *allotment, Right *out)
{
  *out = (Right){.lease = {.id = allotment->lease, .calendar = allotment->calendar, .number = allotment->fence},
                 .allotment = *allotment};
}

/* The clock that counts is the HLC of this node's own chain, which its entries carry: whoever takes the time back waits until that
 * chain, as they know it, has passed the end. */
static bool expired(Hlc hlc, const Allotment *allotment)
{
  return hlc >= hlc_make(allotment->expires_at, 0);
}

Err right_allotted(Tx *tx, const Booking *booking, Right *out, bool *found)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Allotment *list;
  size_t count;
  Span wanted, given;
  *found = false;
  TRY(allotment_open_list(tx->store, &arena, booking->calendar, &list, &count));
  if (count == 0) return ERR_OK;
  TRY(slot_span_of(tx->store, booking, &wanted));
  for (size_t i = 0; i < count && !*found; i++) {
    if (list[i].node != store_node(tx->store) || expired(tx_hlc(tx), &list[i])) continue;
    TRY(slot_span(tx->store, list[i].site, list[i].start, list[i].minutes, &given));
    if (wanted.first < given.first || wanted.last > given.last) continue;
    by_allotment(&list[i], out);
    *found = true;
  }
  return ERR_OK;
}

Err right_over(Store *store, const Booking *booking, Right *out, bool *found)
{
  Allotment allotment;
  if (uuid_is_nil(booking->allotment)) return right_home(store, booking->calendar, out, found);
  Err err = allotment_open(store, booking->allotment, &allotment);
  if (err == ERR_NOT_FOUND) return right_home(store, booking->calendar, out, found);
  TRY(err);
  *found = allotment.node == store_node(store);
  if (*found) by_allotment(&allotment, out);
  return ERR_OK;
}

Err ruling_write(Tx *tx, const Right *right, const char *decision, Uuid booking, int lane, int seat, Uuid allotment,
                 int64_t part)
{
  int64_t number = right->allotment.number;
  if (!uuid_is_nil(right->allotment.id)) {
    allotment = right->allotment.id;
    if (strcmp(decision, "closed") != 0) {
      TRY(allotment_parts(tx->store, allotment, &part));
      part++;
    }
  } else {
    TRY(ruling_last(tx->store, &right->lease, &number));
    number++;
  }
  TRY(tx_insert(tx, "ruling", uuid_v7(store_env(tx->store)),
                COLS(col_uuid("calendar", &right->lease.calendar), col_uuid("lease", &right->lease.id),
                     col_int("fence", right->lease.number), col_int("number", number),
                     col_text("decision", str_c(decision)), col_uuid("booking", &booking),
                     col_uuid("allotment", &allotment), col_int("part", part), col_int("lane", lane),
                     col_int("seat", seat), col_int("at", tx_now(tx)))));
  return slot_note(tx->store, right);
}

/* ----------------------------------------------------------------------------------------------------- grant and close */

Err allotment_grant(Tx *tx, const AllotmentNew *input, Uuid *out)
{
  Right right;
  Span span;
  bool home, taken;
  TRY(right_home(tx->store, input->calendar, &right, &home));
  if (!home) return err_because(ERR_DENIED, "this node does not hold the calendar");
  if (input->minutes < 1) return err_because(ERR_INVALID, "an allotment without time");
  TRY(slot_span(tx->store, input->site, input->start, input->minutes, &span));
  TRY(slot_ready(tx->store, &right));
  Uuid id = uuid_v7(store_env(tx->store)), none = {{0}};
  TRY(slot_take(tx->store, input->calendar, span, 0, id, &taken));
  if (!taken) return err_because(ERR_CONFLICT, "some of that time is taken");
  char start[WALL_TEXT_LEN + 1];
  wall_text(input->start, start);
  TRY(tx_insert(tx, "allotment", id,
                COLS(col_uuid("calendar", &input->calendar), col_int("node", input->node),
                     col_uuid("site", &input->site), col_text("start_wall", str_c(start)),
                     col_int("minutes", input->minutes), col_int("expires_at", input->expires_at))));
  TRY(ruling_write(tx, &right, "granted", none, 0, 0, id, 0));
  *out = id;
  return ERR_OK;
}

Err allotment_return(Tx *tx, Uuid allotment)
{
  Right right;
  Allotment there;
  int64_t parts;
  Err err = allotment_open(tx->store, allotment, &there);
  if (err == ERR_NOT_FOUND) return err_because(ERR_CONFLICT, "the allotment is closed");
  TRY(err);
  if (there.node != store_node(tx->store)) return err_because(ERR_DENIED, "the allotment is another node's");
  TRY(allotment_parts(tx->store, allotment, &parts));
  by_allotment(&there, &right);
  TRY(ruling_write(tx, &right, "closed", (Uuid){{0}}, 0, 0, allotment, parts));
  return slot_forget(tx->store, there.calendar); /* this node may be the home node as well */
}

static Err take_back(Tx *tx, const Allotment *allotment)
{
  Right right;
  bool home;
  int64_t parts;
  TRY(right_home(tx->store, allotment->calendar, &right, &home));
  if (!home) return err_because(ERR_DENIED, "this node does not hold the calendar");
  TRY(allotment_parts(tx->store, allotment->id, &parts));
  TRY(ruling_write(tx, &right, "closed", (Uuid){{0}}, 0, 0, allotment->id, parts));
  return slot_forget(tx->store, allotment->calendar);
}

Err allotment_revoke(Tx *tx, Uuid allotment, Uuid staff, const char *reason)
{
  Allotment there;
  (void)staff; /* the transaction's actor and reason are the record of it */
  if (!reason || !*reason) return err_because(ERR_INVALID, "a reason is needed");
  Err err = allotment_open(tx->store, allotment, &there);
  if (err == ERR_NOT_FOUND) return err_because(ERR_CONFLICT, "the allotment is closed");
  TRY(err);
  return take_back(tx, &there);
}

/* settle_expired: nothing when it cannot be known yet. */
static Err settle_expired(Store *store, const Allotment *allotment)
{
  Allotment now;
  bool own = allotment->node == store_node(store), home;
  Right right;
  TRY(right_home(store, allotment->calendar, &right, &home));
  if (!own && !home) return ERR_OK;
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(store, actor_system(), "allotment.expire", "", &tx));
  Err err = allotment_open(store, allotment->id, &now);
  if (err == ERR_NOT_FOUND) return ERR_OK;
  TRY(err);
  if (own) {
    TRY(allotment_return(&tx, now.id));
  } else {
    Head head;
    TRY(journal_head_of(store, now.node, &head));
    if (!expired(head.hlc, &now)) return ERR_OK;
    TRY(take_back(&tx, &now));
  }
  return tx_commit(&tx);
}

Err allotment_sweep(Store *store)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Allotment *list;
  size_t count;
  {
    AUTO(Query, q, query_fini) = query(store, &ALLOTMENT_EXPIRING);
    query_bind_int(&q, ":now", store_now(store));
    TRY(read_all(&q, &arena, &list, &count));
  }
  for (size_t i = 0; i < count; i++) TRY(settle_expired(store, &list[i]));
  return ERR_OK;
}

/* Coverage of clients, declared in client.h. */
#include <stdlib.h>

#include "common/practice/client.h"
#include "common/practice/tidy.h"
#include "common/store/query.h"

SQL(COVERAGE_OF_CLIENT,
    "SELECT id, client, payer, plan, member_id, group_number, subscriber, relationship, start_date, end_date, rank,"
    " status, verified_at, confirmed_at FROM coverage WHERE client = :client AND status = 'active' ORDER BY rank, id");

SQL(COVERAGE_SAME,
    "SELECT 1 FROM coverage WHERE id = :id AND payer = :payer AND plan = :plan AND member_id = :member_id"
    " AND group_number = :group_number AND start_date = :start_date AND end_date = :end_date");

static Coverage read_coverage(Query *q, Arena *arena)
{
  return (Coverage){.id = query_uuid(q, "id"),
                    .client = query_uuid(q, "client"),
                    .payer = query_cstr(q, arena, "payer"),
                    .plan = query_cstr(q, arena, "plan"),
                    .member_id = query_cstr(q, arena, "member_id"),
                    .group_number = query_cstr(q, arena, "group_number"),
                    .subscriber = query_cstr(q, arena, "subscriber"),
                    .relationship = query_cstr(q, arena, "relationship"),
                    .start_date = query_cstr(q, arena, "start_date"),
                    .end_date = query_cstr(q, arena, "end_date"),
                    .status = query_cstr(q, arena, "status"),
                    .rank = (int)query_int(q, "rank"),
                    .verified_at = query_int(q, "verified_at"),
                    .confirmed_at = query_int(q, "confirmed_at")};
}

static int by_rank(const void *a, const void *b)
{
  const Coverage *x = a, *y = b;
  if (x->rank != y->rank) return x->rank < y->rank ? -1 : 1;
  return memcmp(x->id.bytes, y->id.bytes, sizeof x->id.bytes);
}

Err coverage_list(Store *store, Arena *arena, Uuid client, Coverage **list, size_t *count)
{
  Uuid *same;
  size_t same_count;
  TRY(client_same(store, arena, client, &same, &same_count));
  Coverage *found = NULL;
  size_t n = 0, capacity = 0;
  for (size_t i = 0; i < same_count; i++) {
    AUTO(Query, q, query_fini) = query(store, &COVERAGE_OF_CLIENT);
    query_bind_uuid(&q, ":client", same[i]);
    while (query_next(&q)) {
      found = arena_grow_array(arena, found, n, &capacity, sizeof *found);
      found[n++] = read_coverage(&q, arena);
    }
    TRY(query_end(&q));
  }
  if (n > 1) qsort(found, n, sizeof *found, by_rank);
  *list = found;
  *count = n;
  return ERR_OK;
}

/* What the insurer has verified was said of other words: is it still about these? */
static Err still_verified(Store *store, Uuid id, const Coverage *c, bool *out)
{
  AUTO(Query, q, query_fini) = query(store, &COVERAGE_SAME);
  query_bind_uuid(&q, ":id", id);
  query_bind_text(&q, ":payer", str_c(c->payer));
  query_bind_text(&q, ":plan", str_c(c->plan));
  query_bind_text(&q, ":member_id", str_c(c->member_id));
  query_bind_text(&q, ":group_number", str_c(c->group_number));
  query_bind_text(&q, ":start_date", str_c(c->start_date));
  query_bind_text(&q, ":end_date", str_c(c->end_date));
  *out = query_next(&q);
  return query_end(&q);
}

static Coverage tidied(Arena *arena, const Coverage *c)
{
  Coverage out = *c;
  out.payer = tidy_c(arena, c->payer).ptr;
  out.plan = tidy_c(arena, c->plan).ptr;
  out.member_id = tidy_c(arena, c->member_id).ptr;
  out.group_number = tidy_c(arena, c->group_number).ptr;
  out.subscriber = tidy_c(arena, c->subscriber).ptr;
  out.relationship = c->relationship && *c->relationship ? tidy_c(arena, c->relationship).ptr : "self";
  out.start_date = tidy_c(arena, c->start_date).ptr;
  out.end_date = tidy_c(arena, c->end_date).ptr;
  out.status = c->status && *c->status ? c->status : "active";
  if (c->rank < 1) out.rank = 1;
  return out;
}

Err coverage_save(Tx *tx, const Coverage *coverage, Faults *faults, Uuid *out)
{
  size_t before = faults->count;
  coverage_check(coverage, faults);
  if (faults->count != before) return ERR_INVALID;
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  Coverage c = tidied(&arena, coverage);
  const Col cols[] = {
      col_uuid("client", &c.client),
      col_text("payer", str_c(c.payer)),
      col_text("plan", str_c(c.plan)),
      col_text("member_id", str_c(c.member_id)),
      col_text("group_number", str_c(c.group_number)),
      col_text("subscriber", str_c(c.subscriber)),
      col_text("relationship", str_c(c.relationship)),
      col_text("start_date", str_c(c.start_date)),
      col_text("end_date", str_c(c.end_date)),
      col_text("status", str_c(c.status)),
      col_int("rank", c.rank),
      col_int("confirmed_at", tx_now(tx)),
      {0},
  };
  if (uuid_is_nil(c.id)) {
    c.id = uuid_v7(store_env(tx->store));
    TRY(tx_insert(tx, "coverage", c.id, cols));
  } else {
    bool verified;
    TRY(still_verified(tx->store, c.id, &c, &verified));
    if (!verified)
      TRY(tx_update(tx, "coverage", c.id, COLS(col_null("verified_at"), col_text("verified_note", STR("")))));
    TRY(tx_update(tx, "coverage", c.id, cols));
  }
  *out = c.id;
  return ERR_OK;
}

Err coverage_confirm(Tx *tx, Uuid coverage)
{
  return tx_update(tx, "coverage", coverage, COLS(col_int("confirmed_at", tx_now(tx))));
}

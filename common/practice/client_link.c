/* Two records of one person, declared in client.h: a link that is resolved on reading. No foreign key is rewritten, so that no table is
 * forgotten, and un-linking leaves each record with exactly what it had. */
#include "common/practice/client.h"
#include "common/store/query.h"

enum { SAME_MAX = 64 };

SQL(LINKS_OF, "SELECT same_as AS other FROM client_link WHERE client = :client AND active = 1"
              " UNION SELECT client FROM client_link WHERE same_as = :client AND active = 1 ORDER BY 1");
SQL(FOLDED, "SELECT 1 FROM client_link WHERE same_as = :client AND active = 1 LIMIT 1");

/* One row for a pair, whichever way it is said, so that two nodes that link the same two make one link. */
static Uuid link_id(Uuid a, Uuid b)
{
  bool ordered = memcmp(a.bytes, b.bytes, sizeof a.bytes) < 0;
  const Uuid pair[] = {ordered ? a : b, ordered ? b : a};
  return uuid_from_parts(STR("client_link"), pair, sizeof pair);
}

Err client_link(Tx *tx, Uuid client, Uuid same_as)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  Client person;
  if (uuid_eq(client, same_as)) return err_because(ERR_INVALID, "a record cannot be linked with itself");
  TRY(client_get(tx->store, &arena, client, &person));
  TRY(client_get(tx->store, &arena, same_as, &person));
  return tx_put(tx, "client_link", link_id(client, same_as),
                COLS(col_uuid("client", &client), col_uuid("same_as", &same_as), col_bool("active", true)), NULL);
}

Err client_unlink(Tx *tx, Uuid client, Uuid same_as)
{
  return tx_update(tx, "client_link", link_id(client, same_as), COLS(col_bool("active", false)));
}

static bool among(const Uuid *list, size_t count, Uuid id)
{
  for (size_t i = 0; i < count; i++)
    if (uuid_eq(list[i], id)) return true;
  return false;
}

Err client_same(Store *store, Arena *arena, Uuid client, Uuid **list, size_t *count)
{
  Uuid *found = ARENA_ARRAY(arena, Uuid, SAME_MAX);
  size_t n = 0;
  found[n++] = client;
  for (size_t at = 0; at < n; at++) { /* links of links too: the list grows under the loop */
    AUTO(Query, q, query_fini) = query(store, &LINKS_OF);
    query_bind_uuid(&q, ":client", found[at]);
    while (query_next(&q)) {
      Uuid other = query_uuid(&q, "other");
      if (n < SAME_MAX && !among(found, n, other)) found[n++] = other;
    }
    TRY(query_end(&q));
  }
  *list = found;
  *count = n;
  return ERR_OK;
}

static Err is_folded(Store *store, Uuid client, bool *out)
{
  AUTO(Query, q, query_fini) = query(store, &FOLDED);
  query_bind_uuid(&q, ":client", client);
  *out = query_next(&q);
  return query_end(&q);
}

/* Of several that are folded into no other (two pairs that were linked crosswise), or none (a ring): the lowest id, on every node. */
Err client_shown(Store *store, Arena *arena, Uuid client, Uuid *out)
{
  Uuid *same;
  size_t count;
  TRY(client_same(store, arena, client, &same, &count));
  bool found = false;
  *out = client;
  for (size_t i = 0; i < count && count > 1; i++) {
    bool folded;
    TRY(is_folded(store, same[i], &folded));
    bool lower = memcmp(same[i].bytes, out->bytes, sizeof out->bytes) < 0;
    if ((folded && found) || (!folded && found && !lower) || (folded && !lower)) continue;
    *out = same[i];
    found |= !folded;
  }
  return ERR_OK;
}

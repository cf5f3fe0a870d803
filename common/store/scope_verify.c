#include "common/store/replay.h"
#include "common/store/scope_take.h"

SQL_SCAN(SCOPE_JOURNAL, "SELECT j.pos AS pos, node, seq, hlc, via, hash, s.signature AS signature, body"
                        " FROM journal AS j LEFT JOIN signature AS s ON s.pos = j.pos ORDER BY j.pos");

static Err wrong(const JournalEntry *entry, const char *what)
{
  return err_because(ERR_CORRUPT, "journal: entry %llu of node %08x (position %lld): %s",
                     (unsigned long long)entry->seq, entry->node, (long long)entry->pos, what);
}

static Err check_signature(Store *store, const JournalEntry *entry, Str signature)
{
  uint8_t bytes[HEAD_SIGNED_SIZE];
  head_signed_bytes(store->node, entry->seq, entry->hash, bytes);
  bool good = signature.len == SIGNATURE_SIZE &&
              sign_verify(store->key.public_key, bytes, sizeof bytes, (const uint8_t *)signature.ptr);
  return good ? ERR_OK : wrong(entry, "bad signature");
}

static Err check_chain(Store *store, uint64_t *entries, uint64_t *signatures)
{
  ScopeChain chain;
  TRY(scope_chain(store, &chain));
  AUTO(Arena, arena, arena_fini) = arena_make(4 * JOURNAL_BODY_MAX);
  AUTO(Query, q, query_fini) = internal_query(store, &SCOPE_JOURNAL);
  while (query_next(&q)) {
    JournalEntry entry;
    TRY(journal_entry_read(&q, &arena, &entry));
    if (entry.node != store->node)
      return wrong(&entry, "it is not this node's, which holds a part of the practice only");
    if (entry.seq != chain.seq + 1 || entry.hlc <= chain.hlc)
      return wrong(&entry, "it does not follow the one before it");
    chain = (ScopeChain){entry.seq, entry.hlc, entry_hash(chain.hash, entry.node, entry.seq, entry.hlc, entry.body)};
    if (!hash_eq(chain.hash, entry.hash)) return wrong(&entry, "its hash is not that of its content");
    if (body_check(entry.body) != ERR_OK) return wrong(&entry, "its body does not decode");
    if (!query_is_null(&q, "signature")) {
      TRY(check_signature(store, &entry, query_str(&q, "signature")));
      (*signatures)++;
    }
    (*entries)++;
    arena_reset(&arena);
  }
  TRY(query_end(&q));
  const Author *own = author_find(store, store->node);
  if ((own ? own->head.seq : 0) != chain.seq)
    return err_because(ERR_CORRUPT, "journal: it ends at entry %llu, %llu was known here",
                       (unsigned long long)chain.seq, (unsigned long long)(own ? own->head.seq : 0));
  return ERR_OK;
}

static Err check_row(Store *store, const Table *table, const OwnChanges *own, Uuid id)
{
  uint8_t bytes[VERSION_SIZE_MAX];
  size_t size, count;
  Version version;
  TRY(row_version(store, table, id, bytes, &size));
  if (!version_parse((Str){(const char *)bytes, size}, &version))
    return err_because(ERR_CORRUPT, "table %s: a version that does not decode", table->name);
  const Author *author = author_find(store, store->node);
  Hlc newest = author ? author->head.hlc : 0;
  bool ahead = version.base.node == store->node && version.base.hlc > newest;
  for (size_t i = 0; i < version.count; i++)
    ahead |= version.exceptions[i].stamp.node == store->node && version.exceptions[i].stamp.hlc > newest;
  if (ahead) return err_because(ERR_CORRUPT, "table %s: a row has a stamp that this node never gave", table->name);
  const OwnChange *changes = own_changes_find(own, table->id, id, &count);
  for (size_t i = 0; i < count; i++) {
    if (stamp_before(version_newest(&version), changes[i].stamp))
      return err_because(ERR_CORRUPT, "table %s: a row lacks what this node has written and not sent", table->name);
  }
  return ERR_OK;
}

Err scope_verify(Store *store, uint64_t *entries, uint64_t *signatures, uint64_t *rows)
{
  AUTO(OwnChanges, own, own_changes_fini) = {.arena = arena_make((size_t)1 << 30)};
  TRY(authors_refresh(store));
  TRY(check_chain(store, entries, signatures));
  TRY(own_changes_read(store, (uint64_t)local_get_int(store, SCOPE_OWN, 0), &own));
  for (size_t t = 0; t < store->schema.table_count; t++) {
    AUTO(Arena, arena, arena_fini) = arena_make(0);
    Uuid *ids;
    size_t count;
    TRY(row_ids(store, &arena, &store->schema.tables[t], &ids, &count));
    for (size_t i = 0; i < count; i++) TRY(check_row(store, &store->schema.tables[t], &own, ids[i]));
    *rows += count;
  }
  return ERR_OK;
}

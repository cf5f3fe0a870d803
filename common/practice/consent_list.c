/* Decisions as staff read them, with whether the evidence still holds; declared in consent.h. */
#include <stdlib.h>
#include <string.h>

#include "common/practice/client.h"
#include "common/practice/consent.h"
#include "common/store/blob.h"
#include "common/store/query.h"

#define CONSENT_COLUMNS                                                                                                \
  "SELECT c.id AS id, c.document AS document, c.client AS client, c.appointment AS appointment, c.witness AS witness," \
  " d.title AS title, d.body AS body, d.intent AS document_intent, c.decision AS decision, c.language AS language,"    \
  " c.intent AS intent, c.signer_name AS signer_name, c.signer_relationship AS signer_relationship,"                   \
  " c.method AS method, c.device AS device, c.decided_at AS decided_at, c.shown_hash AS shown_hash, c.ink AS ink"      \
  " FROM consent c JOIN consent_document d ON d.id = c.document"

SQL(CONSENT_BY_ID, CONSENT_COLUMNS " WHERE c.id = :id");
SQL(CONSENT_OF_CLIENT, CONSENT_COLUMNS " WHERE c.client = :client");

static bool read_hash(Query *q, const char *column, Hash *out)
{
  Str bytes = query_str(q, column);
  if (bytes.len != HASH_SIZE) return false;
  memcpy(out->bytes, bytes.ptr, HASH_SIZE);
  return true;
}

static Consent read_consent(Query *q, Arena *arena)
{
  Consent consent = {.id = query_uuid(q, "id"),
                     .document = query_uuid(q, "document"),
                     .client = query_uuid(q, "client"),
                     .appointment = query_uuid(q, "appointment"),
                     .witness = query_uuid(q, "witness"),
                     .title = query_cstr(q, arena, "title"),
                     .body = query_cstr(q, arena, "body"),
                     .decision = query_cstr(q, arena, "decision"),
                     .language = query_cstr(q, arena, "language"),
                     .intent = query_cstr(q, arena, "intent"),
                     .signer_name = query_cstr(q, arena, "signer_name"),
                     .signer_relationship = query_cstr(q, arena, "signer_relationship"),
                     .method = query_cstr(q, arena, "method"),
                     .device = query_cstr(q, arena, "device"),
                     .decided_at = query_int(q, "decided_at")};
  consent.has_ink = read_hash(q, "ink", &consent.ink);
  ConsentDocument document = {.title = consent.title,
                              .body = consent.body,
                              .intent = query_cstr(q, arena, "document_intent")};
  Str shown = consent_shown(arena, &document);
  consent.intact = read_hash(q, "shown_hash", &consent.shown_hash) &&
                   hash_eq(hash_bytes(shown.ptr, shown.len), consent.shown_hash) &&
                   strcmp(consent.intent, document.intent) == 0;
  return consent;
}

/* After the query: bytes are read apart. */
static Err look_at_ink(Store *store, Consent *consent)
{
  if (!consent->has_ink) return ERR_OK;
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  Str bytes;
  Err err = blob_get(store, &arena, consent->ink, &bytes);
  consent->ink_here = err == ERR_OK;
  if (err == ERR_CORRUPT) consent->intact = false;
  return err == ERR_NOT_FOUND || err == ERR_CORRUPT ? ERR_OK : err;
}

Err consent_get(Store *store, Arena *arena, Uuid id, Consent *out)
{
  AUTO(Query, q, query_fini) = query(store, &CONSENT_BY_ID);
  query_bind_uuid(&q, ":id", id);
  bool found = query_next(&q);
  Consent consent;
  if (found) consent = read_consent(&q, arena);
  TRY(query_end(&q));
  if (!found) return err_because(ERR_NOT_FOUND, "no such consent");
  TRY(look_at_ink(store, &consent));
  *out = consent;
  return ERR_OK;
}

static int newest_first(const void *a, const void *b)
{
  const Consent *x = a, *y = b;
  if (x->decided_at != y->decided_at) return x->decided_at > y->decided_at ? -1 : 1;
  return memcmp(y->id.bytes, x->id.bytes, sizeof x->id.bytes);
}

Err consent_of_client(Store *store, Arena *arena, Uuid client, Consent **list, size_t *count)
{
  Uuid *same;
  size_t same_count, found = 0, capacity = 0;
  Consent *consents = NULL;
  TRY(client_same(store, arena, client, &same, &same_count));
  for (size_t i = 0; i < same_count; i++) {
    AUTO(Query, q, query_fini) = query(store, &CONSENT_OF_CLIENT);
    query_bind_uuid(&q, ":client", same[i]);
    while (query_next(&q)) {
      consents = arena_grow_array(arena, consents, found, &capacity, sizeof *consents);
      consents[found++] = read_consent(&q, arena);
    }
    TRY(query_end(&q));
  }
  for (size_t i = 0; i < found; i++) TRY(look_at_ink(store, &consents[i]));
  if (found > 1) qsort(consents, found, sizeof *consents, newest_first);
  *list = consents;
  *count = found;
  return ERR_OK;
}

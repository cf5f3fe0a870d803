/* Documents that are signed, and decisions on them; reading decisions is consent_list.c. */
#include "common/practice/consent.h"

#include <string.h>

#include "common/practice/practice.h"
#include "common/practice/task.h"
#include "common/store/blob.h"
#include "common/store/query.h"

enum {
  SIGNATURE_POINTS_MIN = 8,
  SIGNATURE_EXTENT_MIN = 2000 /* of 65535: more than a touch by accident */,
  NAME_MAX = 200
};
#define INK_MEDIA_TYPE "application/vnd.foyer.ink"

SQL(CONSENT_DOCUMENT,
    "SELECT id, code, version, language, title, body, intent, hash FROM consent_document WHERE id = :id");
SQL(CONSENT_DOCUMENT_LATEST,
    "SELECT id, code, version, language, title, body, intent, hash FROM consent_document WHERE code = :code"
    " ORDER BY language = :language DESC, language = :short DESC, language = :practice DESC, added_at DESC, id DESC"
    " LIMIT 1");
SQL(CONSENT_SITE, "SELECT site FROM appointment WHERE id = :id");
SQL(CONSENT_WITNESS, "SELECT id FROM staff WHERE id = :id AND active = 1");

Str consent_shown(Arena *arena, const ConsentDocument *document)
{
  size_t title = strlen(document->title) + 1, body = strlen(document->body) + 1, intent = strlen(document->intent) + 1;
  char *bytes = arena_alloc(arena, title + body + intent);
  memcpy(bytes, document->title, title);
  memcpy(bytes + title, document->body, body);
  memcpy(bytes + title + body, document->intent, intent);
  return (Str){bytes, title + body + intent};
}

Err consent_document_add(Tx *tx, const ConsentDocument *document, Uuid *out)
{
  if (!*document->code || !*document->version || !*document->language || !*document->title || !*document->body ||
      !*document->intent)
    return err_because(ERR_INVALID, "a consent document needs code, version, language, title, body and intent");
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Str shown = consent_shown(&arena, document);
  Hash hash = hash_bytes(shown.ptr, shown.len);
  /* The same text may stand under two codes, or come unchanged in a new version. */
  Str name = str_c(arena_printf(&arena, "%s\n%s\n%s\n", document->code, document->version, document->language));
  Hash whole = hash_parts((const Str[]){name, {(const char *)hash.bytes, HASH_SIZE}}, 2);
  Uuid id = uuid_from_parts(STR("consent_document"), whole.bytes, sizeof whole.bytes);
  TRY(tx_put(tx, "consent_document", id,
             COLS(col_text("code", str_c(document->code)), col_text("version", str_c(document->version)),
                  col_text("language", str_c(document->language)), col_text("title", str_c(document->title)),
                  col_text("body", str_c(document->body)), col_text("intent", str_c(document->intent)),
                  col_hash("hash", &hash), col_int("added_at", tx_now(tx))),
             NULL));
  *out = id;
  return ERR_OK;
}

static Err read_document(Query *q, Arena *arena, ConsentDocument *out)
{
  bool found = query_next(q);
  if (found) {
    *out = (ConsentDocument){.id = query_uuid(q, "id"),
                             .code = query_cstr(q, arena, "code"),
                             .version = query_cstr(q, arena, "version"),
                             .language = query_cstr(q, arena, "language"),
                             .title = query_cstr(q, arena, "title"),
                             .body = query_cstr(q, arena, "body"),
                             .intent = query_cstr(q, arena, "intent")};
    Str hash = query_str(q, "hash");
    if (hash.len == HASH_SIZE) memcpy(out->hash.bytes, hash.ptr, HASH_SIZE);
  }
  TRY(query_end(q));
  return found ? ERR_OK : err_because(ERR_NOT_FOUND, "no such consent document");
}

Err consent_document_get(Store *store, Arena *arena, Uuid id, ConsentDocument *out)
{
  AUTO(Query, q, query_fini) = query(store, &CONSENT_DOCUMENT);
  query_bind_uuid(&q, ":id", id);
  return read_document(&q, arena, out);
}

Err consent_document_latest(Store *store, Arena *arena, Str code, Str language, ConsentDocument *out)
{
  Practice practice = {.language = ""};
  Err err = practice_get(store, arena, &practice);
  if (err != ERR_OK && err != ERR_NOT_FOUND) return err;
  Str rest = language;
  AUTO(Query, q, query_fini) = query(store, &CONSENT_DOCUMENT_LATEST);
  query_bind_text(&q, ":code", code);
  query_bind_text(&q, ":language", language);
  query_bind_text(&q, ":short", str_cut(&rest, '-'));
  query_bind_text(&q, ":practice", str_c(practice.language));
  return read_document(&q, arena, out);
}

static const char *text_or_empty(const char *text)
{
  return text ? text : "";
}

static bool is_one_of(const char *text, const char *const *words)
{
  for (; *words; words++) {
    if (strcmp(text_or_empty(text), *words) == 0) return true;
  }
  return false;
}

static bool is_drawn(Str ink)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  InkPoint *points;
  size_t count;
  uint16_t width, height;
  if (ink_decode(&arena, ink, &points, &count, &width, &height) != ERR_OK || count < SIGNATURE_POINTS_MIN) return false;
  InkPoint least = points[0], most = points[0];
  for (size_t i = 1; i < count; i++) {
    if (points[i].x < least.x) least.x = points[i].x;
    if (points[i].x > most.x) most.x = points[i].x;
    if (points[i].y < least.y) least.y = points[i].y;
    if (points[i].y > most.y) most.y = points[i].y;
  }
  return most.x - least.x >= SIGNATURE_EXTENT_MIN || most.y - least.y >= SIGNATURE_EXTENT_MIN;
}

/* The evidence of a signature (15 USC 7001(c), (e); UETA 2(8), 7, 9): what was agreed to, that it was meant, and by whom. */
static void check_signature(const ConsentDecision *decision, Faults *faults)
{
  static const char *const METHODS[] = {"drawn", "typed", "witnessed", NULL}, *const RELATIONSHIPS[] = {"self",
                                                                                                        "guardian",
                                                                                                        NULL};
  const char *method = text_or_empty(decision->method), *name = text_or_empty(decision->signer_name);
  if (!decision->read_to_end) faults_add(faults, "read_to_end", "fault.read_to_end", NULL);
  if (!decision->electronic) faults_add(faults, "electronic", "fault.electronic", NULL);
  if (!is_one_of(method, METHODS)) faults_add(faults, "signature", "fault.signature", NULL);
  if (strcmp(method, "drawn") == 0 && !is_drawn(decision->ink))
    faults_add(faults, "signature", "fault.signature", NULL);
  if (strcmp(method, "witnessed") == 0 && uuid_is_nil(decision->witness))
    faults_add(faults, "witness", "fault.witness", NULL);
  if (!is_one_of(decision->signer_relationship, RELATIONSHIPS))
    faults_add(faults, "signer_relationship", "fault.option", NULL);
  if (str_empty(str_trim(str_c(name)))) faults_add(faults, "signer_name", "fault.required", NULL);
  if (utf8_count(str_c(name)) > NAME_MAX || !utf8_valid(str_c(name)))
    faults_add(faults, "signer_name", "fault.too_long", "200");
}

void consent_check(const ConsentDecision *decision, const ConsentDocument *document, Faults *faults)
{
  static const char *const DECISIONS[] = {"signed", "refused", "withdrawn", NULL};
  static const char *const COPIES[] = {"", "desk", "email", "none", NULL};
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  if (!is_one_of(decision->decision, DECISIONS)) {
    faults_add(faults, "decision", "fault.option", NULL);
    return;
  }
  if (!is_one_of(decision->copy_offered, COPIES)) faults_add(faults, "copy_offered", "fault.option", NULL);
  if (strcmp(decision->decision, "withdrawn") == 0) return; /* nothing was shown again */
  if (!str_eq(decision->shown, consent_shown(&arena, document))) faults_add(faults, "document", "fault.document", NULL);
  if (strcmp(decision->decision, "signed") == 0) check_signature(decision, faults);
}

/* The witness must be someone who works here. */
static Err check_witness(Store *store, Uuid witness, Faults *faults)
{
  if (uuid_is_nil(witness)) return ERR_OK;
  AUTO(Query, q, query_fini) = query(store, &CONSENT_WITNESS);
  query_bind_uuid(&q, ":id", witness);
  if (!query_next(&q)) faults_add(faults, "witness", "fault.witness", NULL);
  return query_end(&q);
}

static Err device_name(Store *store, Arena *arena, const char **out)
{
  char number[NODE_TEXT_LEN + 1];
  Node node = {.name = ""};
  node_text(store_node(store), number);
  Err err = node_get(store, arena, store_node(store), &node);
  if (err != ERR_OK && err != ERR_NOT_FOUND) return err;
  *out = arena_printf(arena, "%s%s%s", node.name, *node.name ? " " : "", number);
  return ERR_OK;
}

static Err keep_ink(Tx *tx, Uuid client, Str ink, Hash *out)
{
  TRY(blob_put(tx->store, ink, out));
  uint8_t parts[HASH_SIZE + sizeof client.bytes];
  memcpy(parts, out->bytes, HASH_SIZE);
  memcpy(parts + HASH_SIZE, client.bytes, sizeof client.bytes);
  return tx_put(tx, "attachment", uuid_from_parts(STR("attachment"), parts, sizeof parts),
                COLS(col_uuid("client", &client), col_hash("hash", out), col_int("size_bytes", (int64_t)ink.len),
                     col_text("media_type", STR(INK_MEDIA_TYPE)), col_text("kind", STR("ink"))),
                NULL);
}

static Err ask_desk(Tx *tx, const ConsentDecision *decision, const ConsentDocument *document)
{
  Task task = {.kind = "consent-refused",
               .title = "desk.task.consent-refused",
               .client = decision->client,
               .appointment = decision->appointment,
               .note = document->title};
  if (!uuid_is_nil(decision->appointment)) {
    AUTO(Query, q, query_fini) = query(tx->store, &CONSENT_SITE);
    query_bind_uuid(&q, ":id", decision->appointment);
    if (query_next(&q)) task.site = query_uuid(&q, "site");
    TRY(query_end(&q));
  }
  Uuid id;
  return task_add(tx, &task, &id);
}

Err consent_decide(Tx *tx, const ConsentDecision *decision, Faults *faults, Uuid *out)
{
  AUTO(Arena, arena, arena_fini) = arena_make_wiping(0);
  ConsentDocument document = {.title = "", .body = "", .intent = ""};
  TRY(consent_document_get(tx->store, &arena, decision->document, &document));
  size_t before = faults->count;
  consent_check(decision, &document, faults);
  TRY(check_witness(tx->store, decision->witness, faults));
  if (faults->count > before) return ERR_INVALID;
  bool is_signed = strcmp(decision->decision, "signed") == 0;
  bool drawn = is_signed && strcmp(decision->method, "drawn") == 0;
  Hash ink;
  if (drawn) TRY(keep_ink(tx, decision->client, decision->ink, &ink));
  const char *device;
  TRY(device_name(tx->store, &arena, &device));
  Uuid id = uuid_v7(store_env(tx->store));
  TRY(tx_insert(tx, "consent", id,
                COLS(col_uuid("document", &decision->document), col_uuid("client", &decision->client),
                     col_uuid("appointment", &decision->appointment), col_text("decision", str_c(decision->decision)),
                     col_int("decided_at", tx_now(tx)), col_text("language", str_c(text_or_empty(decision->language))),
                     col_hash("shown_hash", &document.hash), col_text("intent", str_c(document.intent)),
                     col_bool("electronic", decision->electronic), col_bool("read_to_end", decision->read_to_end),
                     col_text("signer_name", str_trim(str_c(text_or_empty(decision->signer_name)))),
                     col_text("signer_relationship",
                              decision->signer_relationship ? str_c(decision->signer_relationship) : STR("self")),
                     col_text("method", is_signed ? str_c(decision->method) : STR("")),
                     drawn ? col_hash("ink", &ink) : col_null("ink"), col_uuid("witness", &decision->witness),
                     col_text("device", str_c(device)),
                     col_text("copy_offered", str_c(text_or_empty(decision->copy_offered))))));
  if (strcmp(decision->decision, "refused") == 0) TRY(ask_desk(tx, decision, &document));
  *out = id;
  return ERR_OK;
}

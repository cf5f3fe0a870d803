/* Consents: a document version, a decision, and the evidence for it (ESIGN 15 USC 7001, UETA: intent to sign, consent to do business
 * electronically, association of the signature with the record, retention, a copy, a way to refuse). */
#pragma once

#include "common/base/fault.h"
#include "common/store/tx.h"

typedef struct ConsentDocument {
  Uuid id;
  const char *code, *version, *language, *title, *body, *intent;
  Hash hash;
} ConsentDocument;
MUST_CHECK Err consent_document_add(Tx *tx, const ConsentDocument *document, Uuid *out); /* computes hash and id */
MUST_CHECK Err consent_document_get(Store *store, Arena *arena, Uuid id, ConsentDocument *out);
/* consent_document_latest: in that language, else the practice's, else any. */
MUST_CHECK Err consent_document_latest(Store *store, Arena *arena, Str code, Str language, ConsentDocument *out);

typedef struct InkPoint {
  uint16_t x, y; /* 0..65535 of the pad's width and height */
  uint32_t ms;   /* since the first point */
  bool down;     /* false: the pen was lifted before this point */
} InkPoint;
enum { INK_POINTS_MAX = 20000 }; /* some minutes of writing */
/* ink_encode: compact bytes (header with pad size, varint deltas). ink_decode: safe on any bytes. ink_svg: as a picture for pages.
 * What is over INK_POINTS_MAX points is left out. ERR_INVALID: not what ink_encode makes. */
Str ink_encode(Arena *arena, const InkPoint points[], size_t count, uint16_t pad_width, uint16_t pad_height);
MUST_CHECK Err ink_decode(Arena *arena, Str bytes, InkPoint **points, size_t *count, uint16_t *pad_width,
                          uint16_t *pad_height);
Str ink_svg(Arena *arena, const InkPoint points[], size_t count, uint16_t pad_width, uint16_t pad_height);

typedef struct ConsentDecision {
  Uuid document, client, appointment;
  const char *decision; /* signed, refused, withdrawn */
  const char *language, *signer_name, *signer_relationship, *method, *copy_offered;
  bool electronic, read_to_end;
  Str shown; /* the exact bytes that were on screen: title, body and intent, each followed by a zero byte */
  Str ink;   /* ink_encode bytes; empty unless drawn */
  Uuid witness;
} ConsentDecision;
/* consent_check: the person's mistakes alone, against the document that was shown; what consent_decide looks at first. */
void consent_check(const ConsentDecision *decision, const ConsentDocument *document, Faults *faults);
/* consent_shown: the bytes of `shown` for a document: title, body and intent, each followed by a zero byte. */
Str consent_shown(Arena *arena, const ConsentDocument *document);
/* consent_decide: ERR_INVALID with faults when a signed one lacks signature, intent, read_to_end or electronic agreement, or `shown` is not the document's
 * content. A refusal makes a task for the desk. */
MUST_CHECK Err consent_decide(Tx *tx, const ConsentDecision *decision, Faults *faults, Uuid *out);

typedef struct Consent {
  Uuid id, document, client, appointment, witness;
  const char *title, *decision, *language, *intent, *signer_name, *signer_relationship, *method, *device, *body;
  Instant decided_at;
  Hash shown_hash, ink;
  bool has_ink, ink_here; /* ink_here: its bytes have arrived at this node */
  bool intact;            /* document, and ink if it is here, still match what was signed */
} Consent;
MUST_CHECK Err consent_get(Store *store, Arena *arena, Uuid id, Consent *out);
/* consent_of_client: of a client and of records linked to it, newest first. */
MUST_CHECK Err consent_of_client(Store *store, Arena *arena, Uuid client, Consent **list, size_t *count);

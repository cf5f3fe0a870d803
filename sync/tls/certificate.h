/* Certificates in memory: the part of sync/tls that knows GnuTLS. PEM in, PEM out, everything in the arena. */
#pragma once

#include "common/base/arena.h"
#include "common/base/crypto.h"
#include "common/base/date.h"
#include "common/base/env.h"
#include "common/base/err.h"

MUST_CHECK Err certificate_key_new(Arena *arena, Str *key_pem);
/* certificate_ca: self-signed, valid for ever. */
MUST_CHECK Err certificate_ca(Arena *arena, const Env *env, Str key_pem, const char *common_name, Str *ca_pem);
MUST_CHECK Err certificate_request(Arena *arena, Str key_pem, const char *common_name, Str *request_pem);

typedef struct CertificateWish {
  const char *common_name;
  const char *const *names; /* host names and addresses; ends with NULL */
  int days;                 /* 0: from 1970 to 9999 */
} CertificateWish;
MUST_CHECK Err certificate_sign(Arena *arena, const Env *env, Str ca_pem, Str ca_key_pem, Str request_pem,
                                const CertificateWish *wish, Str *certificate_pem);

typedef struct CertificateFacts {
  Instant expires_at;
  Str public_key; /* SubjectPublicKeyInfo, DER */
  Str names;      /* of dNSName and iPAddress, comma-separated */
} CertificateFacts;
MUST_CHECK Err certificate_facts(Arena *arena, Str certificate_pem, CertificateFacts *out);
/* certificate_fits: signed by this CA, and for this key. */
bool certificate_fits(Str certificate_pem, Str ca_pem, Str key_pem);
/* certificate_name_ok: a host name (RFC 1123) or an IP address. */
bool certificate_name_ok(const char *name);

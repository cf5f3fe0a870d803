/* Code: the text of an enrolment code: 24 characters of Crockford base 32 in groups of four: 8 are the secret, 16 the pin (sync/enrol.h). */
#pragma once

#include "common/base/crypto.h"
#include "sync/tls/tls.h"

enum { CODE_SECRET_LEN = 8, CODE_LEN = 24, CODE_TEXT_LEN = 29 };

typedef struct CodeParts {
  char secret[CODE_SECRET_LEN + 1];
  uint8_t pin[TLS_PIN_SIZE];
} CodeParts;

/* code_text: "K7QM-2ZPT-...". code_parse: case, hyphens and spaces do not matter, nor O for 0, I and L for 1. */
void code_text(const CodeParts *parts, char out[CODE_TEXT_LEN + 1]);
bool code_parse(Str text, CodeParts *out);
/* code_secret: a fresh secret. code_hash: how it is kept. */
void code_secret(const Env *env, char out[CODE_SECRET_LEN + 1]);
Hash code_hash(Str secret);

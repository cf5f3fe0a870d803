/* Cryptography through libsodium: BLAKE2b, Ed25519, secretbox, Argon2id. The one place that includes <sodium.h>.
 * Every function may be called from any thread; the library initializes itself on first use. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/env.h"
#include "common/base/err.h"
#include "common/base/str.h"

enum { HASH_SIZE = 32, SIGN_PUBLIC_SIZE = 32, SIGN_SEED_SIZE = 32, SIGNATURE_SIZE = 64, SEAL_KEY_SIZE = 32 };
enum { HASH_HEX_LEN = 64, PASSWORD_HASH_MAX = 128 };

typedef struct Hash { /* BLAKE2b-256 */
  uint8_t bytes[HASH_SIZE];
} Hash;

typedef struct SignKey { /* Ed25519 key pair */
  uint8_t public_key[SIGN_PUBLIC_SIZE];
  uint8_t secret[64]; /* wipe with crypto_wipe */
} SignKey;

Hash hash_bytes(const void *data, size_t len);
/* hash_parts: the hash of the parts one after another (without lengths: the caller frames them). */
Hash hash_parts(const Str parts[], size_t count);
bool hash_eq(Hash a, Hash b); /* constant time */
void hash_hex(Hash hash, char out[HASH_HEX_LEN + 1]);
bool hash_parse_hex(Str text, Hash *out);

/* sign_key_from_seed: deterministic. sign_key_new: from env's randomness. */
SignKey sign_key_from_seed(const uint8_t seed[SIGN_SEED_SIZE]);
SignKey sign_key_new(const Env *env);
void sign_bytes(const SignKey *key, const void *data, size_t len, uint8_t signature[SIGNATURE_SIZE]);
bool sign_verify(const uint8_t public_key[SIGN_PUBLIC_SIZE], const void *data, size_t len,
                 const uint8_t signature[SIGNATURE_SIZE]);

/* seal: authenticated encryption (XSalsa20-Poly1305, random nonce in front). The result lives in the arena. */
Str seal(Arena *arena, const Env *env, const uint8_t key[SEAL_KEY_SIZE], Str plain);
/* unseal: ERR_CORRUPT when it was not sealed with this key or has been altered. */
MUST_CHECK Err unseal(Arena *arena, const uint8_t key[SEAL_KEY_SIZE], Str sealed, Str *plain);

/* password_hash: Argon2id, interactive limits; "$argon2id$..." with NUL. ERR_NO_SPACE when memory does not suffice. */
MUST_CHECK Err password_hash(Str password, char out[PASSWORD_HASH_MAX]);
/* password_verify: constant time; false also for a malformed hash. Takes about 50 ms. */
bool password_verify(const char *hash, Str password);

bool crypto_equal(const void *a, const void *b, size_t len); /* constant time */
void crypto_wipe(void *data, size_t len);
/* base64url without padding (RFC 4648 5), into the arena; decode: false when it is not that. */
Str base64url_encode(Arena *arena, Str data);
bool base64url_decode(Arena *arena, Str text, Str *out);
/* one_time_code: `groups` groups of four from an alphabet without look-alikes (Crockford base 32), "K7QM-2ZPT-...". */
char *one_time_code(Arena *arena, const Env *env, int groups);

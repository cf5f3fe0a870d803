#include "common/base/crypto.h"

#include <assert.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static_assert(HASH_SIZE == crypto_generichash_BYTES, "Hash is BLAKE2b-256");
static_assert(SIGNATURE_SIZE == crypto_sign_BYTES && SIGN_PUBLIC_SIZE == crypto_sign_PUBLICKEYBYTES &&
                  SIGN_SEED_SIZE == crypto_sign_SEEDBYTES && sizeof((SignKey){0}.secret) == crypto_sign_SECRETKEYBYTES,
              "SignKey is Ed25519");
static_assert(SEAL_KEY_SIZE == crypto_secretbox_KEYBYTES, "seal is secretbox");
static_assert(PASSWORD_HASH_MAX == crypto_pwhash_STRBYTES, "room for an Argon2id string");

static void start(void)
{
  if (sodium_init() < 0) {
    fputs("crypto: libsodium does not start\n", stderr);
    abort();
  }
}

static void ready(void)
{
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, start);
}

static const uint8_t *bytes_of(Str s)
{
  return (const uint8_t *)(s.ptr ? s.ptr : "");
}

Hash hash_bytes(const void *data, size_t len)
{
  ready();
  Hash hash;
  crypto_generichash(hash.bytes, HASH_SIZE, data, len, NULL, 0);
  return hash;
}

Hash hash_parts(const Str parts[], size_t count)
{
  ready();
  crypto_generichash_state state;
  crypto_generichash_init(&state, NULL, 0, HASH_SIZE);
  for (size_t i = 0; i < count; i++) crypto_generichash_update(&state, bytes_of(parts[i]), parts[i].len);
  Hash hash;
  crypto_generichash_final(&state, hash.bytes, HASH_SIZE);
  return hash;
}

bool hash_eq(Hash a, Hash b)
{
  return crypto_equal(a.bytes, b.bytes, HASH_SIZE);
}

void hash_hex(Hash hash, char out[HASH_HEX_LEN + 1])
{
  sodium_bin2hex(out, HASH_HEX_LEN + 1, hash.bytes, HASH_SIZE);
}

bool hash_parse_hex(Str text, Hash *out)
{
  Hash hash;
  size_t len;
  if (text.len != HASH_HEX_LEN) return false;
  if (sodium_hex2bin(hash.bytes, HASH_SIZE, text.ptr, text.len, NULL, &len, NULL) != 0 || len != HASH_SIZE)
    return false;
  *out = hash;
  return true;
}

SignKey sign_key_from_seed(const uint8_t seed[SIGN_SEED_SIZE])
{
  ready();
  SignKey key;
  crypto_sign_seed_keypair(key.public_key, key.secret, seed);
  return key;
}

SignKey sign_key_new(const Env *env)
{
  uint8_t seed[SIGN_SEED_SIZE];
  env_random(env, seed, sizeof seed);
  SignKey key = sign_key_from_seed(seed);
  crypto_wipe(seed, sizeof seed);
  return key;
}

void sign_bytes(const SignKey *key, const void *data, size_t len, uint8_t signature[SIGNATURE_SIZE])
{
  ready();
  crypto_sign_detached(signature, NULL, data, len, key->secret);
}

bool sign_verify(const uint8_t public_key[SIGN_PUBLIC_SIZE], const void *data, size_t len,
                 const uint8_t signature[SIGNATURE_SIZE])
{
  ready();
  return crypto_sign_verify_detached(signature, data, len, public_key) == 0;
}

Str seal(Arena *arena, const Env *env, const uint8_t key[SEAL_KEY_SIZE], Str plain)
{
  ready();
  size_t len = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + plain.len;
  uint8_t *sealed = arena_alloc(arena, len);
  env_random(env, sealed, crypto_secretbox_NONCEBYTES);
  crypto_secretbox_easy(sealed + crypto_secretbox_NONCEBYTES, bytes_of(plain), plain.len, sealed, key);
  return (Str){(const char *)sealed, len};
}

Err unseal(Arena *arena, const uint8_t key[SEAL_KEY_SIZE], Str sealed, Str *plain)
{
  ready();
  if (sealed.len < crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES)
    return err_because(ERR_CORRUPT, "sealed data is too short");
  const uint8_t *nonce = bytes_of(sealed);
  const uint8_t *box = nonce + crypto_secretbox_NONCEBYTES;
  size_t box_len = sealed.len - crypto_secretbox_NONCEBYTES;
  size_t len = box_len - crypto_secretbox_MACBYTES;
  uint8_t *opened = arena_alloc(arena, len + 1);
  if (crypto_secretbox_open_easy(opened, box, box_len, nonce, key) != 0)
    return err_because(ERR_CORRUPT, "sealed data does not open with this key");
  *plain = (Str){(const char *)opened, len};
  return ERR_OK;
}

Err password_hash(Str password, char out[PASSWORD_HASH_MAX])
{
  ready();
  if (crypto_pwhash_str_alg(out, password.ptr ? password.ptr : "", password.len, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                            crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13) != 0)
    return err_because(ERR_NO_SPACE, "no memory to hash a password");
  return ERR_OK;
}

bool password_verify(const char *hash, Str password)
{
  ready();
  if (!hash || strlen(hash) >= PASSWORD_HASH_MAX || strncmp(hash, "$argon2id$", 10) != 0) return false;
  return crypto_pwhash_str_verify(hash, password.ptr ? password.ptr : "", password.len) == 0;
}

bool crypto_equal(const void *a, const void *b, size_t len)
{
  return len == 0 || sodium_memcmp(a, b, len) == 0;
}

void crypto_wipe(void *data, size_t len)
{
  if (len > 0) sodium_memzero(data, len);
}

Str base64url_encode(Arena *arena, Str data)
{
  enum { VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING };
  size_t size = sodium_base64_encoded_len(data.len, VARIANT); /* counts the NUL */
  char *text = arena_alloc(arena, size);
  sodium_bin2base64(text, size, bytes_of(data), data.len, VARIANT);
  return (Str){text, size - 1};
}

bool base64url_decode(Arena *arena, Str text, Str *out)
{
  size_t room = text.len / 4 * 3 + 3, len = 0;
  for (size_t i = 0; i < text.len; i++)
    if ((uint8_t)text.ptr[i] > 127) return false; /* libsodium takes some of these for letters */
  uint8_t *data = arena_alloc(arena, room);
  if (sodium_base642bin(data, room, text.ptr ? text.ptr : "", text.len, NULL, &len, NULL,
                        sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
    return false;
  *out = (Str){(const char *)data, len};
  return true;
}

char *one_time_code(Arena *arena, const Env *env, int groups)
{
  static const char ALPHABET[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  enum { GROUP = 4 };
  char *code = arena_alloc(arena, (size_t)groups * (GROUP + 1) + 1);
  char *at = code;
  for (int group = 0; group < groups; group++) {
    uint8_t random[GROUP];
    env_random(env, random, sizeof random);
    if (group > 0) *at++ = '-';
    for (int i = 0; i < GROUP; i++) *at++ = ALPHABET[random[i] & 31];
  }
  return code;
}

#include <string.h>

#include "common/base/crypto.h"
#include "tests/support/unit.h"

static void from_hex(const char *hex, uint8_t *out)
{
  for (; *hex; hex += 2) {
    int64_t high = strchr("0123456789abcdef", hex[0]) - "0123456789abcdef";
    int64_t low = strchr("0123456789abcdef", hex[1]) - "0123456789abcdef";
    *out++ = (uint8_t)(high << 4 | low);
  }
}

TEST(hashes_are_blake2b_256)
{
  static const struct {
    const char *text, *hex;
  } CASES[] = {
      {"", "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"},
      {"abc", "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"},
  };
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    char hex[HASH_HEX_LEN + 1];
    Hash parsed, hash = hash_bytes(CASES[i].text, strlen(CASES[i].text));
    hash_hex(hash, hex);
    assert_string_equal(hex, CASES[i].hex);
    assert_true(hash_parse_hex(str_c(CASES[i].hex), &parsed) && hash_eq(parsed, hash));
  }
  assert_true(hash_eq(hash_bytes(NULL, 0), hash_bytes("", 0)));
}

TEST(the_hash_of_parts_is_that_of_the_whole)
{
  const Str parts[] = {STR("a"), {0}, STR("bc")};
  assert_true(hash_eq(hash_parts(parts, 3), hash_bytes("abc", 3)));
  assert_false(hash_eq(hash_parts(parts, 2), hash_bytes("abc", 3)));
}

TEST(only_64_hex_digits_are_a_hash)
{
  static const char *const CASES[] = {"",
                                      "0e",
                                      "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a",
                                      "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3ag",
                                      "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a800",
                                      "0e5751c0 26e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a"};
  Hash hash = hash_bytes("x", 1);
  for (size_t i = 0; i < COUNT_OF(CASES); i++) assert_false(hash_parse_hex(str_c(CASES[i]), &hash));
  assert_true(hash_eq(hash, hash_bytes("x", 1)));
}

TEST(signatures_are_ed25519)
{
  /* RFC 8032, 7.1, test 1 */
  uint8_t seed[SIGN_SEED_SIZE], public_key[SIGN_PUBLIC_SIZE], want[SIGNATURE_SIZE], signature[SIGNATURE_SIZE];
  from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", seed);
  from_hex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", public_key);
  from_hex("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595"
           "bbe24655141438e7a100b",
           want);
  SignKey key = sign_key_from_seed(seed);
  assert_memory_equal(key.public_key, public_key, sizeof public_key);
  sign_bytes(&key, "", 0, signature);
  assert_memory_equal(signature, want, sizeof want);
  assert_true(sign_verify(public_key, "", 0, signature));
  assert_false(sign_verify(public_key, "x", 1, signature));
  signature[40] ^= 1;
  assert_false(sign_verify(public_key, "", 0, signature));
}

TEST(a_new_key_comes_from_env)
{
  EnvFake one, same, other;
  env_fake_init(&one, 0, 1);
  env_fake_init(&same, 0, 1);
  env_fake_init(&other, 0, 2);
  SignKey a = sign_key_new(&one.env), b = sign_key_new(&same.env), c = sign_key_new(&other.env);
  assert_memory_equal(&a, &b, sizeof a);
  assert_memory_not_equal(a.public_key, c.public_key, sizeof a.public_key);
}

TEST(what_is_sealed_opens_with_its_key_only)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  static const Str PLAINS[] = {{0}, {"x", 1}, {"a longer text with \0 inside", 27}};
  uint8_t key[SEAL_KEY_SIZE] = {1, 2, 3}, other[SEAL_KEY_SIZE] = {1, 2, 4};
  for (size_t i = 0; i < COUNT_OF(PLAINS); i++) {
    Str opened = STR("before");
    Str sealed = seal(&arena, env_system(), key, PLAINS[i]);
    Str again = seal(&arena, env_system(), key, PLAINS[i]);
    assert_false(str_eq(sealed, again)); /* another nonce */
    assert_int_equal(unseal(&arena, other, sealed, &opened), ERR_CORRUPT);
    for (size_t at = 0; at < sealed.len; at++) {
      char *altered = arena_cstr(&arena, sealed);
      altered[at] ^= 1;
      assert_int_equal(unseal(&arena, key, (Str){altered, sealed.len}, &opened), ERR_CORRUPT);
      assert_int_equal(unseal(&arena, key, (Str){sealed.ptr, at}, &opened), ERR_CORRUPT);
    }
    assert_true(str_eq_c(opened, "before"));
    assert_int_equal(unseal(&arena, key, sealed, &opened), ERR_OK);
    assert_true(str_eq(opened, PLAINS[i]));
  }
}

TEST(a_password_is_known_by_its_hash)
{
  char hash[PASSWORD_HASH_MAX], again[PASSWORD_HASH_MAX];
  assert_int_equal(password_hash(STR("correct horse"), hash), ERR_OK);
  assert_int_equal(password_hash(STR("correct horse"), again), ERR_OK);
  assert_int_equal(strncmp(hash, "$argon2id$", 10), 0);
  assert_string_not_equal(hash, again); /* salted */
  assert_true(password_verify(hash, STR("correct horse")));
  assert_false(password_verify(hash, STR("correct horsf")));
  assert_false(password_verify(hash, (Str){0}));
}

TEST(a_malformed_password_hash_fits_nothing)
{
  char longer[400];
  memset(longer, 'a', sizeof longer - 1);
  longer[sizeof longer - 1] = '\0';
  memcpy(longer, "$argon2id$", 10);
  const char *const cases[] = {NULL, "", "x", "$argon2id$", "$argon2id$v=19$m=65536,t=2,p=1$", longer};
  for (size_t i = 0; i < COUNT_OF(cases); i++) assert_false(password_verify(cases[i], STR("x")));
}

TEST(base64url_has_no_padding_and_comes_back)
{
  static const struct {
    Str data;
    const char *text;
  } CASES[] = {{{0}, ""}, {{"f", 1}, "Zg"}, {{"fo", 2}, "Zm8"}, {{"foo", 3}, "Zm9v"}, {{"\xfb\xff\xfe", 3}, "-__-"}};
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    Str back;
    assert_true(str_eq_c(base64url_encode(&arena, CASES[i].data), CASES[i].text));
    assert_true(base64url_decode(&arena, str_c(CASES[i].text), &back));
    assert_true(str_eq(back, CASES[i].data));
  }
}

TEST(what_is_not_base64url_is_refused)
{
  static const char *const CASES[] = {"Z",      "Zg==",  "Zm9v=",           "Zh", "+//+", "Zm 9v",
                                      "Zm9v\n", "Zm9vZ", "\xcc\xcb\xca\xc6"};
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  for (size_t i = 0; i < COUNT_OF(CASES); i++) {
    Str back = STR("before");
    if (base64url_decode(&arena, str_c(CASES[i]), &back)) fail_msg("accepted \"%s\"", CASES[i]);
    assert_true(str_eq_c(back, "before"));
  }
}

TEST(one_time_codes_have_no_look_alikes)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  EnvFake fake;
  env_fake_init(&fake, 0, 7);
  bool seen[128] = {false};
  for (int i = 0; i < 400; i++) {
    const char *code = one_time_code(&arena, &fake.env, 4);
    assert_int_equal(strlen(code), 19);
    for (int at = 0; at < 19; at++) {
      assert_true(at % 5 == 4 ? code[at] == '-' : strchr("0123456789ABCDEFGHJKMNPQRSTVWXYZ", code[at]) != NULL);
      seen[(unsigned char)code[at]] = true;
    }
  }
  int kinds = 0;
  for (size_t i = 0; i < sizeof seen; i++) kinds += seen[i];
  assert_int_equal(kinds, 33);
}

TEST(wiping_and_comparing_take_any_length)
{
  char text[] = "secret";
  assert_true(crypto_equal(text, "secret", 6) && !crypto_equal(text, "secreT", 6) && crypto_equal(NULL, NULL, 0));
  crypto_wipe(text, 3);
  assert_memory_equal(text, "\0\0\0ret", 7);
  crypto_wipe(NULL, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(hashes_are_blake2b_256),
      cmocka_unit_test(the_hash_of_parts_is_that_of_the_whole),
      cmocka_unit_test(only_64_hex_digits_are_a_hash),
      cmocka_unit_test(signatures_are_ed25519),
      cmocka_unit_test(a_new_key_comes_from_env),
      cmocka_unit_test(what_is_sealed_opens_with_its_key_only),
      cmocka_unit_test(a_password_is_known_by_its_hash),
      cmocka_unit_test(a_malformed_password_hash_fits_nothing),
      cmocka_unit_test(base64url_has_no_padding_and_comes_back),
      cmocka_unit_test(what_is_not_base64url_is_refused),
      cmocka_unit_test(one_time_codes_have_no_look_alikes),
      cmocka_unit_test(wiping_and_comparing_take_any_length),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

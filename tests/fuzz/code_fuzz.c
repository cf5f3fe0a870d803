/* What people type or scan at enrolment, and what stands in headers and JSON: codes, links, base64url, hashes, numbers, ranges. */
#include "common/base/crypto.h"
#include "common/base/uuid.h"
#include "sync/code.h"
#include "sync/enrol.h"
#include "sync/hub/range.h"
#include "tests/fuzz/fuzz.h"

static void check_code(Str text)
{
  CodeParts parts, back;
  char out[CODE_TEXT_LEN + 1];
  if (!code_parse(text, &parts)) return;
  code_text(&parts, out);
  REQUIRE(strlen(out) == CODE_TEXT_LEN && code_parse(str_c(out), &back));
  REQUIRE(memcmp(&parts, &back, sizeof parts) == 0);
}

static void check_link(Arena *arena, Str text)
{
  const char *url, *code, *url_again, *code_again;
  if (!enrol_split_link(arena, text, &url, &code)) return;
  REQUIRE(str_starts(str_c(url), STR("https://")) && strlen(url) + strlen(code) <= text.len);
  const char *link = *code ? enrol_link(arena, url, code) : url;
  REQUIRE(enrol_split_link(arena, str_c(link), &url_again, &code_again));
  REQUIRE(str_starts(str_c(url_again), str_c(url)) && strlen(url_again) <= strlen(url) + 1); /* a / may be added */
  REQUIRE(strcmp(code, code_again) == 0);
  CodeParts parts;
  REQUIRE(!*code || code_parse(str_c(code), &parts));
}

static void check_base64(Arena *arena, Str text)
{
  Str plain, back;
  if (base64url_decode(arena, text, &plain)) REQUIRE(str_eq(base64url_encode(arena, plain), text));
  REQUIRE(base64url_decode(arena, base64url_encode(arena, text), &back) && str_eq(back, text));
}

static void check_hash(Str text)
{
  Hash hash;
  char hex[HASH_HEX_LEN + 1];
  if (!hash_parse_hex(text, &hash)) return;
  hash_hex(hash, hex);
  REQUIRE(str_eq_ascii_nocase(str_c(hex), text));
}

static void check_range(Str text)
{
  static const int64_t SIZES[] = {0, 1, 1000, INT64_MAX};
  for (size_t i = 0; i < COUNT_OF(SIZES); i++) {
    ByteRange range;
    Err err = range_parse(text, SIZES[i], 100, &range);
    REQUIRE(err == ERR_OK || err == ERR_RANGE);
    if (err != ERR_OK) continue;
    REQUIRE(range.start >= 0 && range.length >= (SIZES[i] > 0) && range.length <= 100);
    REQUIRE(range.length <= SIZES[i] - range.start);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Str text = {(const char *)data, size};
  check_code(text);
  check_link(&arena, text);
  check_base64(&arena, text);
  check_hash(text);
  check_range(text);
  return 0;
}

void fuzz_seeds(void)
{
  static const char *const LIST[] = {"K7QM-2ZPT-AAAA-AAAA-AAAA-AAAA",
                                     "k7qm2zptoil0000000000001",
                                     "https://10.0.0.5:8443/#K7QM-2ZPT-AAAA-AAAA-AAAA-AAAA",
                                     "https://[::1]:8443",
                                     " https://desk.local ",
                                     "bytes=0-99",
                                     "bytes=5-",
                                     "bytes=9223372036854775807-9223372036854775807",
                                     "3q2-7wABf4D_VQ",
                                     "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"};
  for (size_t i = 0; i < COUNT_OF(LIST); i++) fuzz_seed(str_c(LIST[i]));
}

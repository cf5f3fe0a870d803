/* JSON of requests, answers and files: the canonical form reads back as the same. */
#include "common/base/json.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  AUTO(json_t *, value, json_release) = NULL;
  AUTO(json_t *, back, json_release) = NULL;
  Err err = json_parse((Str){(const char *)data, size}, &value);
  REQUIRE(err == ERR_OK || err == ERR_INVALID);
  REQUIRE((err == ERR_OK) == (value != NULL));
  if (err != ERR_OK) return 0;
  Str text = json_canonical(&arena, value);
  REQUIRE(utf8_valid(text) && json_parse(text, &back) == ERR_OK);
  REQUIRE(str_eq(json_canonical(&arena, back), text));
  (void)json_int(value, "size", 0);
  REQUIRE(json_str(value, "code").len <= size);
  return 0;
}

void fuzz_seeds(void)
{
  fuzz_seed(
      STR("{\"code\":\"K7QM2ZPT\",\"public_key\":\"3q2-7wABf4D_VQ\",\"request\":\"-----BEGIN\\n\",\"names\":\"a,b\"}"));
  fuzz_seed(STR("{\"id\":\"00\",\"size\":1000,\"expanded\":4096,\"head\":-1,\"epoch\":\"\",\"time\":1772463600000}"));
  fuzz_seed(STR("[1.5e300,true,null,\"\\ud83d\\ude00\\u00e9\",{\"a\":[[[[{}]]]]}]"));
}

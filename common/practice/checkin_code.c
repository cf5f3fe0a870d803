/* The QR code of a visit: "FOYER:" + base64url(id ‖ 8 bytes of MAC). It says who is meant without naming anyone; whoever holds it is let in like someone
 * who knows name and birth date. The key is a setting of the practice, so that every node of it knows the code. */
#include "common/practice/checkin_internal.h"
#include "common/store/query.h"

enum { CODE_MAC_BYTES = 8, CODE_ID_BYTES = 16, CODE_MAX_CHARS = 64 };
#define CODE_PREFIX "FOYER:"

SQL(PRACTICE_SETTINGS, "SELECT settings FROM practice ORDER BY id LIMIT 1");

static Err read_settings(Store *store, json_t **settings)
{
  AUTO(Query, q, query_fini) = query(store, &PRACTICE_SETTINGS);
  bool found = query_next(&q);
  Err parsed = ERR_OK;
  if (found) {
    parsed = json_parse(query_str(&q, "settings"), settings);
  }
  TRY(query_end(&q));
  if (!found) return err_because(ERR_NOT_FOUND, "no practice yet");
  return parsed == ERR_OK && json_is_object(*settings) ? ERR_OK : err_because(ERR_CORRUPT, "settings of the practice");
}

static bool key_of(Arena *arena, json_t *settings, Str *key)
{
  return base64url_decode(arena, json_str(settings, PRACTICE_CODE_KEY), key) && key->len == PRACTICE_CODE_KEY_BYTES;
}

static void mac_of(Str key, Uuid appointment, uint8_t mac[CODE_MAC_BYTES])
{
  Str id = {(const char *)appointment.bytes, sizeof appointment.bytes};
  Hash hash = hash_parts((const Str[]){key, STR("foyer-checkin-code-1"), id}, 3);
  memcpy(mac, hash.bytes, CODE_MAC_BYTES);
}

Err checkin_code(Store *store, Arena *arena, Uuid appointment, Str *out)
{
  AUTO(Arena, own, arena_fini) = arena_make_wiping(0);
  AUTO(json_t *, settings, json_release) = NULL;
  Str key;
  TRY(read_settings(store, &settings));
  if (!key_of(&own, settings, &key)) return err_because(ERR_CORRUPT, "the practice has no key for codes");
  uint8_t bytes[CODE_ID_BYTES + CODE_MAC_BYTES];
  memcpy(bytes, appointment.bytes, CODE_ID_BYTES);
  mac_of(key, appointment, bytes + CODE_ID_BYTES);
  Str text = base64url_encode(&own, (Str){(const char *)bytes, sizeof bytes});
  *out = str_c(arena_printf(arena, CODE_PREFIX STR_FMT, STR_ARG(text)));
  return ERR_OK;
}

Err checkin_read_code(Store *store, Str code, bool *good, Uuid *appointment)
{
  AUTO(Arena, own, arena_fini) = arena_make_wiping(0);
  AUTO(json_t *, settings, json_release) = NULL;
  Str key, bytes;
  uint8_t mac[CODE_MAC_BYTES];
  *good = false;
  Err err = read_settings(store, &settings);
  if (err == ERR_NOT_FOUND) return ERR_OK;
  TRY(err);
  code = str_trim(code);
  if (code.len > CODE_MAX_CHARS || !str_starts(code, STR(CODE_PREFIX)) || !key_of(&own, settings, &key)) return ERR_OK;
  Str text = {code.ptr + strlen(CODE_PREFIX), code.len - strlen(CODE_PREFIX)};
  if (!base64url_decode(&own, text, &bytes) || bytes.len != CODE_ID_BYTES + CODE_MAC_BYTES) return ERR_OK;
  memcpy(appointment->bytes, bytes.ptr, CODE_ID_BYTES);
  mac_of(key, *appointment, mac);
  *good = crypto_equal(mac, bytes.ptr + CODE_ID_BYTES, CODE_MAC_BYTES);
  return ERR_OK;
}

#include "common/base/uuid.h"

#include <endian.h>
#include <stdatomic.h>

#include "common/base/crypto.h"

enum { COUNTER_BITS = 12, CLOCK_BACK_MAX_MS = 1000 };

/* Milliseconds and counter of the newest id of this process, in one word: 48 + 12 bits. */
static atomic_uint_least64_t newest;

static uint64_t next_stamp(Instant now)
{
  uint64_t fresh = (uint64_t)(now < 0 ? 0 : now) << COUNTER_BITS;
  uint64_t last = atomic_load_explicit(&newest, memory_order_relaxed);
  uint64_t next;
  do {
    /* A clock that was set back far (or another, in a simulator) starts afresh; the random part keeps ids apart. */
    bool near = last >= fresh && last - fresh < (uint64_t)CLOCK_BACK_MAX_MS << COUNTER_BITS;
    next = near ? last + 1 : fresh;
  } while (!atomic_compare_exchange_weak_explicit(&newest, &last, next, memory_order_relaxed, memory_order_relaxed));
  return next;
}

Uuid uuid_v7(const Env *env)
{
  Uuid id;
  uint64_t stamp = next_stamp(env_now(env));
  uint64_t high = htobe64(stamp >> COUNTER_BITS << 16 | 0x7000 | (stamp & 0xfff));
  memcpy(id.bytes, &high, sizeof high);
  env_random(env, id.bytes + 8, 8);
  id.bytes[8] = (uint8_t)((id.bytes[8] & 0x3f) | 0x80);
  return id;
}

Uuid uuid_from_parts(Str domain, const void *parts, size_t len)
{
  uint64_t domain_len = htole64(domain.len);
  Hash hash = hash_parts((Str[]){{(const char *)&domain_len, sizeof domain_len}, domain, {parts, len}}, 3);
  Uuid id;
  memcpy(id.bytes, hash.bytes, sizeof id.bytes);
  id.bytes[6] = (uint8_t)((id.bytes[6] & 0x0f) | 0x80);
  id.bytes[8] = (uint8_t)((id.bytes[8] & 0x3f) | 0x80);
  return id;
}

static bool is_dash_before(size_t byte)
{
  return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

void uuid_text(Uuid id, char out[UUID_TEXT_LEN + 1])
{
  static const char HEX[] = "0123456789abcdef";
  for (size_t i = 0; i < sizeof id.bytes; i++) {
    if (is_dash_before(i)) *out++ = '-';
    *out++ = HEX[id.bytes[i] >> 4];
    *out++ = HEX[id.bytes[i] & 15];
  }
  *out = '\0';
}

static int hex_value(char c)
{
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool uuid_parse(Str text, Uuid *out)
{
  static const Str URN = {"urn:uuid:", 9};
  if (text.len == URN.len + UUID_TEXT_LEN && str_eq_ascii_nocase((Str){text.ptr, URN.len}, URN))
    text = (Str){text.ptr + URN.len, UUID_TEXT_LEN};
  if (text.len != UUID_TEXT_LEN) return false;
  Uuid id;
  const char *at = text.ptr;
  for (size_t i = 0; i < sizeof id.bytes; i++, at += 2) {
    if (is_dash_before(i) && *at++ != '-') return false;
    int high = hex_value(at[0]), low = hex_value(at[1]);
    if (high < 0 || low < 0) return false;
    id.bytes[i] = (uint8_t)(high << 4 | low);
  }
  *out = id;
  return true;
}

bool uuid_parse_hex(Str text, Uuid *out)
{
  Uuid id;
  if (text.len != 2 * sizeof id.bytes) return false;
  for (size_t i = 0; i < sizeof id.bytes; i++) {
    int high = hex_value(text.ptr[2 * i]), low = hex_value(text.ptr[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    id.bytes[i] = (uint8_t)(high << 4 | low);
  }
  *out = id;
  return true;
}

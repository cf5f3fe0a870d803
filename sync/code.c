#include "sync/code.h"

#include <ctype.h>

static const char ALPHABET[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
enum { GROUP = 4, BITS = 5 };

void code_secret(const Env *env, char out[CODE_SECRET_LEN + 1])
{
  uint8_t random[CODE_SECRET_LEN];
  env_random(env, random, sizeof random);
  for (int i = 0; i < CODE_SECRET_LEN; i++) out[i] = ALPHABET[random[i] & 31];
  out[CODE_SECRET_LEN] = '\0';
}

Hash code_hash(Str secret)
{
  Str parts[] = {STR("foyer-enrol-1"), secret};
  return hash_parts(parts, COUNT_OF(parts));
}

void code_text(const CodeParts *parts, char out[CODE_TEXT_LEN + 1])
{
  char plain[CODE_LEN];
  memcpy(plain, parts->secret, CODE_SECRET_LEN);
  for (int i = 0; i < CODE_LEN - CODE_SECRET_LEN; i++) {
    unsigned value = 0;
    for (int bit = i * BITS; bit < (i + 1) * BITS; bit++)
      value = value << 1 | (parts->pin[bit / 8] >> (7 - bit % 8) & 1);
    plain[CODE_SECRET_LEN + i] = ALPHABET[value];
  }
  char *at = out;
  for (int i = 0; i < CODE_LEN; i++) {
    if (i > 0 && i % GROUP == 0) *at++ = '-';
    *at++ = plain[i];
  }
  *at = '\0';
}

static int digit(char c)
{
  c = (char)toupper((unsigned char)c);
  if (c == 'O') c = '0';
  if (c == 'I' || c == 'L') c = '1';
  const char *at = c ? strchr(ALPHABET, c) : NULL;
  return at ? (int)(at - ALPHABET) : -1;
}

bool code_parse(Str text, CodeParts *out)
{
  *out = (CodeParts){0};
  int n = 0;
  for (size_t i = 0; i < text.len; i++) {
    char c = text.ptr[i];
    if (c == '-' || c == ' ') continue;
    int value = digit(c);
    if (value < 0 || n == CODE_LEN) return false;
    if (n < CODE_SECRET_LEN) {
      out->secret[n] = ALPHABET[value];
    } else {
      int first = (n - CODE_SECRET_LEN) * BITS;
      for (int b = 0; b < BITS; b++)
        if (value >> (BITS - 1 - b) & 1) out->pin[(first + b) / 8] |= (uint8_t)(0x80 >> (first + b) % 8);
    }
    n++;
  }
  return n == CODE_LEN;
}

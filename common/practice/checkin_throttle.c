/* Guessing is slowed down: five failures of a kiosk within ten minutes close it for five. Kept in the node's own settings, so that a restart does not
 * help. A try is counted before it is looked at: a crash or a full disk in between never gives one for free. */
#include <stdio.h>

#include "common/base/buf.h"
#include "common/practice/checkin_internal.h"
#include "common/practice/task.h"

enum { TRIES_MAX = 5, WINDOW_MS = 10 * 60 * 1000, CLOSED_MS = 5 * 60 * 1000, TAG_BYTES = 4 };
#define TRIES  "checkin.tries"  /* "ms tag" a line */
#define CLOSED "checkin.closed" /* until, ms */

typedef struct Tries {
  size_t count;
  struct Try {
    Instant at;
    ThrottleTag tag;
  } items[TRIES_MAX + 1];
} Tries;

/* Keyed with the node's own key: the settings do not tell whose birth date was tried. */
ThrottleTag throttle_tag(const Store *store, Str who)
{
  static const char HEX[] = "0123456789abcdef";
  Str key = {(const char *)store_seal_key(store), SEAL_KEY_SIZE};
  Hash hash = hash_parts((const Str[]){key, STR("foyer-checkin-try-1"), who}, 3);
  ThrottleTag tag = {{0}};
  for (int i = 0; i < TAG_BYTES; i++) {
    tag.hex[2 * i] = HEX[hash.bytes[i] >> 4];
    tag.hex[2 * i + 1] = HEX[hash.bytes[i] & 15];
  }
  return tag;
}

static bool recent(Instant at, Instant now)
{
  return at > now - WINDOW_MS && at < now + WINDOW_MS; /* either way: clocks are set */
}

static void read_tries(Store *store, Tries *tries)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Str text = local_get(store, &arena, TRIES);
  Instant now = store_now(store);
  tries->count = 0;
  while (text.len > 0 && tries->count < TRIES_MAX) {
    Str line = str_cut(&text, '\n');
    struct Try *try = &tries->items[tries->count];
    Str at = str_cut(&line, ' ');
    if (!str_to_int64(at, &try->at) || line.len != 2 * TAG_BYTES || !recent(try->at, now)) continue;
    memcpy(try->tag.hex, line.ptr, line.len);
    try->tag.hex[line.len] = '\0';
    tries->count++;
  }
}

static Err write_tries(Store *store, const Tries *tries)
{
  AUTO(Buf, text, buf_fini) = buf_make(1024);
  for (size_t i = 0; i < tries->count; i++)
    buf_printf(&text, "%lld %s\n", (long long)tries->items[i].at, tries->items[i].tag.hex);
  return local_set(store, TRIES, str_c(buf_cstr(&text)));
}

Err throttle_try(Store *store, ThrottleTag tag)
{
  Instant now = store_now(store), until = local_get_int(store, CLOSED, 0);
  /* Further away than it can be: the clock was set back, and must not close the kiosk for years. */
  if (now < until && until - now <= CLOSED_MS) return ERR_THROTTLED;
  Tries tries;
  read_tries(store, &tries);
  if (tries.count == TRIES_MAX) { /* closed for a while already, and open again */
    memmove(tries.items, tries.items + 1, sizeof tries.items[0] * (TRIES_MAX - 1));
    tries.count--;
  }
  tries.items[tries.count++] = (struct Try){now, tag};
  return write_tries(store, &tries);
}

Err throttle_failed(Store *store, const Site *site)
{
  Tries tries;
  read_tries(store, &tries);
  if (tries.count < TRIES_MAX) return ERR_OK;
  AUTO(Tx, tx, tx_fini) = {0};
  TRY(tx_begin(store, actor_system(), "checkin.identify", "too many tries", &tx));
  Task task = {.kind = "identity", .title = "desk.task.identity", .site = site->id, .note = ""};
  Uuid id;
  TRY(task_add(&tx, &task, &id));
  TRY(local_set_int(store, CLOSED, tx_now(&tx) + CLOSED_MS));
  TRY(local_set(store, TRIES, STR("")));
  return tx_commit(&tx);
}

Err throttle_forgive(Store *store, ThrottleTag tag)
{
  Tries tries, kept = {.count = 0};
  read_tries(store, &tries);
  for (size_t i = 0; i < tries.count; i++) {
    if (strcmp(tries.items[i].tag.hex, tag.hex) != 0) kept.items[kept.count++] = tries.items[i];
  }
  return write_tries(store, &kept);
}

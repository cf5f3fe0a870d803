/* Frames and messages: what is taken can be sent again, and then stands for the same. */
#include "sync/protocol/batch.h"
#include "sync/protocol/message.h"
#include "tests/fuzz/fuzz.h"

enum { MEMORY_MAX = 64 << 20 }; /* an arena that passes it ends the program */

static void check(const Message *m)
{
  REQUIRE(m->epoch.len <= EPOCH_MAX && m->detail.len <= DETAIL_MAX && m->place.len <= SCOPE_PLACE_MAX);
  REQUIRE(m->known_count <= KNOWN_MAX && m->parcel_size <= FRAME_WIRE_MAX);
  REQUIRE(m->batch.count <= BATCH_ENTRIES_MAX && m->batch.head_count <= BATCH_AUTHORS_MAX);
  REQUIRE(!m->part || (m->part->count <= SCOPE_ROWS_MAX && m->part->seen_count <= SCOPE_SEEN_MAX));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  AUTO(Arena, arena, arena_fini) = arena_make(MEMORY_MAX);
  AUTO(Arena, work, arena_fini) = arena_make(0);
  Message first, second;
  Str wire, again;
  Err err = message_decode(&arena, (Str){(const char *)data, size}, &first);
  REQUIRE(err == ERR_OK || err == ERR_CORRUPT || err == ERR_UNSUPPORTED || err == ERR_TOO_LARGE);
  if (err != ERR_OK) return 0;
  check(&first);
  REQUIRE(message_encode(&work, &first, &wire) == ERR_OK);
  REQUIRE(message_decode(&work, wire, &second) == ERR_OK);
  check(&second);
  REQUIRE(message_encode(&work, &second, &again) == ERR_OK && str_eq(wire, again));
  REQUIRE(first.kind == second.kind && first.cursor == second.cursor);
  REQUIRE(first.err == second.err || first.err == ERR_PEER); /* a number that is not known here */
  REQUIRE(first.has_known == second.has_known && first.known_count == second.known_count);
  REQUIRE(first.batch.count == second.batch.count && !first.part == !second.part);
  return 0;
}

static void seed(Arena *arena, const Message *message)
{
  Str wire, fields;
  uint8_t kind;
  if (message_encode(arena, message, &wire) != ERR_OK || frame_open(arena, wire, &kind, &fields) != ERR_OK) return;
  fuzz_seed(wire);
  const char head[] = {'F', 'y', FRAME_VERSION, (char)kind, 0}; /* the same, not compressed: easier to change */
  char *plain = arena_alloc(arena, sizeof head + fields.len);
  memcpy(plain, head, sizeof head);
  memcpy(plain + sizeof head, fields.ptr, fields.len);
  fuzz_seed((Str){plain, sizeof head + fields.len});
}

void fuzz_seeds(void)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Known known[] = {{5, 1}, {6, UINT64_C(1) << 40}};
  JournalEntry entries[] = {
      {.node = 7, .seq = 100, .hlc = hlc_make(1772463600000, 3), .body = str_c(arena_printf(&arena, "%0300d", 7))},
      {.node = 9, .seq = 1, .hlc = hlc_make(1772463600500, 0), .body = STR("another")},
      {.node = 7, .seq = 101, .hlc = hlc_make(1772463600001, 0), .body = STR("")}};
  Head heads[] = {{.node = 7, .seq = 101}, {.node = 9, .seq = 1}};
  ScopeRow rows[] = {{.table = 3, .left = true}, {.table = 4, .v = STR("twelve bytes"), .edit = STR("\x03\x05\x06")}};
  ScopeSeen seen[] = {{7, 4, hlc_make(1772463600000, 3)}};
  ScopePart part = {.flags = SCOPE_BEGINS | SCOPE_AMID,
                    .of = {.from = "2026-03-01", .to = "2026-03-04"},
                    .rows = rows,
                    .count = COUNT_OF(rows),
                    .seen = seen,
                    .seen_count = 1,
                    .own_seq = 9,
                    .own_hlc = hlc_make(1772463600000, 1)};
  Message list[] = {
      {.kind = MESSAGE_PUSH, .flags = MESSAGE_RECOVER},
      {.kind = MESSAGE_PUSH, .epoch = STR("cafe"), .batch = {entries, 3, heads, 2, 0}},
      {.kind = MESSAGE_PUSH_ANSWER,
       .err = ERR_GAP,
       .detail = STR("missing"),
       .known = known,
       .known_count = 2,
       .has_known = true,
       .refused = 12},
      {.kind = MESSAGE_PULL,
       .cursor = 77,
       .wait_ms = 50000,
       .max_bytes = 4096,
       .scope = SCOPE_LOBBY,
       .place = STR("p"),
       .frame_max = 9000},
      {.kind = MESSAGE_PULL_ANSWER, .time = 1772463600123, .cursor = 9, .batch = {entries, 3, heads, 2, 0}},
      {.kind = MESSAGE_PULL_ANSWER, .parcel_size = 900000, .time = 1},
      {.kind = MESSAGE_PULL_ANSWER, .flags = MESSAGE_MORE, .place = STR("where"), .part = &part},
  };
  for (size_t i = 0; i < COUNT_OF(list); i++) seed(&arena, &list[i]);
}

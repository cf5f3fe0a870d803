/* Bodies of transactions: every reader of them agrees on what is one, and what was read can be written again. */
#include "common/store/journal_codec.h"
#include "tests/fuzz/fuzz.h"

static void write_values(Buf *out, const BodyChange *change)
{
  for (unsigned column = 1; column <= BODY_COLUMN_MAX; column++) {
    if (!(change->columns >> (column - 1) & 1)) continue;
    if (change->kind != CHANGE_INSERT) body_value(out, &change->old[column]);
    if (change->kind == CHANGE_DELETE) continue;
    if (change->changed >> (column - 1) & 1)
      body_value(out, &change->new_value[column]);
    else
      body_same(out);
  }
}

/* write_again: false when it does not read to its end. */
static bool write_again(Str body, Buf *out, size_t *count)
{
  BodyHead head;
  BodyReader reader;
  BodyChange change;
  Uuid previous = {{0}};
  *count = 0;
  if (body_open(body, &head, &reader) != ERR_OK) return false;
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Seen *seen = ARENA_ARRAY(&arena, Seen, head.seen_count + 1);
  for (size_t i = 0; i < head.seen_count; i++) seen[i] = body_seen(&head, i);
  REQUIRE(head.action.len > 0 && head.action.len <= TX_ACTION_MAX && head.reason.len <= TX_REASON_MAX);
  body_begin(out, head.flags, head.actor, head.action, head.reason, seen, head.seen_count);
  for (; body_next(&reader, &change); ++*count) {
    body_change(out, change.kind, change.table, change.id, &previous, change.columns);
    write_values(out, &change);
  }
  return reader.err == ERR_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  AUTO(Buf, once, buf_fini) = buf_make(2 * size + 4096);
  AUTO(Buf, twice, buf_fini) = buf_make(2 * size + 4096);
  AUTO(json_t *, json, json_release) = NULL;
  JournalEntry entry = {.node = 7, .seq = 3, .hlc = hlc_make(1772463600000, 3), .body = {(const char *)data, size}};
  JournalTx tx;
  size_t count, again;
  Err err = body_check(entry.body);
  REQUIRE(err == ERR_OK || err == ERR_CORRUPT);
  REQUIRE(write_again(entry.body, &once, &count) == (err == ERR_OK));
  REQUIRE((journal_decode(&arena, &entry, &tx) == ERR_OK) == (err == ERR_OK));
  REQUIRE((journal_json(&entry, &json) == ERR_OK) == (err == ERR_OK));
  if (err != ERR_OK) return 0;
  REQUIRE(tx.change_count == count && once.err == ERR_OK);
  REQUIRE(write_again(buf_view(&once), &twice, &again) && again == count);
  REQUIRE(str_eq(buf_view(&once), buf_view(&twice)));
  return 0;
}

static void seed(const char *action, const Seen *seen, size_t seen_count)
{
  AUTO(Buf, body, buf_fini) = buf_make(4096);
  Uuid previous = {{0}}, id = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};
  body_begin(&body, 0, actor_system(), str_c(action), STR("because"), seen, seen_count);
  body_change(&body, CHANGE_INSERT, 3, id, &previous, 0x7);
  body_text(&body, "Ana", 3);
  body_int(&body, -70000);
  body_null(&body);
  id.bytes[15]++;
  body_change(&body, CHANGE_UPDATE, 3, id, &previous, 0x3);
  body_text(&body, "Ruiz", 4);
  body_same(&body);
  body_blob(&body, "\0\1", 2);
  body_int(&body, 99);
  body_change(&body, CHANGE_DELETE, 3, id, &previous, 0x1);
  body_text(&body, "a text that is longer than sixty-three bytes, so that its length takes more than one", 84);
  fuzz_seed(buf_view(&body));
}

void fuzz_seeds(void)
{
  Seen seen[] = {{3, hlc_make(1772463600000, 3)}, {9, hlc_make(1772463600001, 0)}};
  seed("client.edit", NULL, 0);
  seed("checkin.finish", seen, COUNT_OF(seen));
}

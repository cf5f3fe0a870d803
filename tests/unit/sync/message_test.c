#include "sync/protocol/batch.h"
#include "sync/protocol/message.h"
#include "sync/protocol/part.h"
#include "tests/support/store_fixture.h"
#include "tests/support/unit.h"

static JournalBatch sample(Arena *arena)
{
  static const char *const BODIES[] = {"one body", "another body, which is longer", "", "four"};
  JournalBatch batch = {.entries = ARENA_ARRAY(arena, JournalEntry, 4), .count = 4};
  NodeId nodes[] = {7, 9, 7, 7};
  uint64_t seqs[] = {100, 1, 101, 102};
  for (int i = 0; i < 4; i++)
    batch.entries[i] = (JournalEntry){.node = nodes[i],
                                      .seq = seqs[i],
                                      .hlc = hlc_make(1772463600000 + (i % 2 ? -5000 : 7 * i), (uint16_t)(i * 300)),
                                      .body = str_c(BODIES[i])};
  batch.heads = ARENA_ARRAY(arena, Head, 2);
  batch.head_count = 2;
  batch.heads[0] = (Head){.node = 7, .seq = 102, .signed_seq = 102, .hlc = batch.entries[3].hlc};
  batch.heads[1] = (Head){.node = 9, .seq = 1, .signed_seq = 1, .hlc = batch.entries[1].hlc};
  memset(batch.heads[0].hash.bytes, 0x11, HASH_SIZE);
  memset(batch.heads[0].signature, 0x22, SIGNATURE_SIZE);
  memset(batch.heads[1].hash.bytes, 0x33, HASH_SIZE);
  return batch;
}

static Message full(Arena *arena)
{
  static Known known[] = {{5, 1}, {6, UINT64_C(1) << 40}};
  return (Message){.kind = MESSAGE_PULL_ANSWER,
                   .flags = MESSAGE_MORE,
                   .epoch = STR("cafe"),
                   .time = 1772463600123,
                   .cursor = 77,
                   .wait_ms = 50000,
                   .max_bytes = 4096,
                   .scope = SCOPE_LOBBY,
                   .err = ERR_GAP,
                   .detail = STR("entry 5 is missing"),
                   .known = known,
                   .known_count = 2,
                   .has_known = true,
                   .batch = sample(arena)};
}

static void assert_same(const Message *a, const Message *b)
{
  assert_int_equal(a->kind, b->kind);
  assert_int_equal(a->flags, b->flags);
  assert_true(str_eq(a->epoch, b->epoch) && str_eq(a->detail, b->detail));
  assert_true(a->time == b->time && a->cursor == b->cursor && a->wait_ms == b->wait_ms && a->max_bytes == b->max_bytes);
  assert_true(a->scope == b->scope && a->err == b->err && a->has_known == b->has_known);
  assert_int_equal(a->known_count, b->known_count);
  for (size_t i = 0; i < a->known_count; i++)
    assert_true(a->known[i].node == b->known[i].node && a->known[i].seq == b->known[i].seq);
  assert_int_equal(a->batch.count, b->batch.count);
  for (size_t i = 0; i < a->batch.count; i++) {
    const JournalEntry *x = &a->batch.entries[i], *y = &b->batch.entries[i];
    assert_true(x->node == y->node && x->seq == y->seq && x->hlc == y->hlc && str_eq(x->body, y->body));
  }
  assert_int_equal(a->batch.head_count, b->batch.head_count);
  for (size_t i = 0; i < a->batch.head_count; i++)
    assert_memory_equal(&a->batch.heads[i], &b->batch.heads[i], sizeof(Head));
}

TEST(what_is_encoded_is_decoded)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Message message = full(&arena), back;
  Str wire;
  assert_ok(message_encode(&arena, &message, &wire));
  assert_ok(message_decode(&arena, wire, &back));
  assert_same(&message, &back);
  Message empty = {.kind = MESSAGE_PUSH};
  assert_ok(message_encode(&arena, &empty, &wire));
  assert_int_equal(wire.len, 5);
  assert_ok(message_decode(&arena, wire, &back));
  assert_same(&empty, &back);
}

TEST(a_quiet_cycle_is_small)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Message pull = {.kind = MESSAGE_PULL,
                  .epoch = STR("0123456789abcdef0123456789abcdef"),
                  .cursor = 1000000,
                  .wait_ms = 50000};
  Str wire;
  assert_ok(message_encode(&arena, &pull, &wire));
  assert_true(wire.len < 64);
}

TEST(fields_of_newer_programs_are_skipped)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  AUTO(Buf, fields, buf_fini) = buf_make(4096);
  frame_field(&fields, 1000, STR("something new"));
  frame_field_int(&fields, 4, 12);
  frame_field(&fields, 63, STR(""));
  Str wire;
  Message back;
  assert_ok(frame_seal(&arena, MESSAGE_PULL, buf_view(&fields), &wire));
  assert_ok(message_decode(&arena, wire, &back));
  assert_int_equal(back.cursor, 12);
}

TEST(no_bytes_do_harm)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Message message = full(&arena);
  Str plain, packed;
  assert_ok(message_encode(&arena, &message, &plain));
  message.batch.entries[0].body = str_c(arena_printf(&arena, "%0600d", 0)); /* compressed */
  assert_ok(message_encode(&arena, &message, &packed));
  assert_true(packed.ptr[4] == 1);
  EnvFake env;
  env_fake_init(&env, 0, 5);
  Str from[] = {plain, packed};
  for (int round = 0; round < 40000; round++) {
    AUTO(Arena, scratch, arena_fini) = arena_make(0);
    Str seed = from[round & 1];
    char *bytes = arena_alloc(&scratch, seed.len + 1);
    memcpy(bytes, seed.ptr, seed.len);
    uint32_t random[4];
    env_random(&env.env, random, sizeof random);
    size_t len = random[3] % 4 ? seed.len : random[3] / 4 % seed.len;
    for (int i = 0; i < (int)(random[3] % 3) + 1; i++) bytes[random[i] % seed.len] ^= (char)(random[i] >> 24);
    Message back;
    Err err = message_decode(&scratch, (Str){bytes, len}, &back);
    assert_true(err == ERR_OK || err == ERR_CORRUPT || err == ERR_UNSUPPORTED || err == ERR_TOO_LARGE);
    if (err != ERR_OK) continue;
    for (size_t i = 0; i < back.batch.count; i++)
      (void)hash_bytes(back.batch.entries[i].body.ptr, back.batch.entries[i].body.len);
  }
}

TEST(a_field_twice_or_a_batch_that_claims_too_much_is_malformed)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  AUTO(Buf, fields, buf_fini) = buf_make(4096);
  Str wire;
  Message back;
  frame_field_int(&fields, 4, 12);
  frame_field_int(&fields, 4, 13);
  assert_ok(frame_seal(&arena, MESSAGE_PULL, buf_view(&fields), &wire));
  assert_err(message_decode(&arena, wire, &back), ERR_CORRUPT);
  buf_clear(&fields);
  frame_field(&fields, 11, STR("\x00\xff\xff\xff\x7f")); /* no heads, 268 million entries */
  assert_ok(frame_seal(&arena, MESSAGE_PUSH, buf_view(&fields), &wire));
  assert_err(message_decode(&arena, wire, &back), ERR_CORRUPT);
}

TEST(an_author_twice_or_without_entries_is_malformed)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  JournalBatch good = sample(&arena), back;
  AUTO(Buf, out, buf_fini) = buf_make(4096);
  batch_encode(&out, &good);
  assert_ok(batch_decode(&arena, buf_view(&out), &back));
  NodeId nodes[] = {7, 11}; /* the same again; one that wrote nothing here */
  for (size_t i = 0; i < COUNT_OF(nodes); i++) {
    Head heads[] = {good.heads[0], good.heads[1], good.heads[1]};
    heads[2].node = nodes[i];
    JournalBatch bad = good;
    bad.heads = heads;
    bad.head_count = 3;
    buf_clear(&out);
    batch_encode(&out, &bad);
    assert_err(batch_decode(&arena, buf_view(&out), &back), ERR_CORRUPT);
  }
}

TEST(a_part_that_claims_more_authors_than_there_are_is_malformed)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  AUTO(Buf, out, buf_fini) = buf_make(4 << 20);
  ScopePart part = {.seen = ARENA_ARRAY(&arena, ScopeSeen, SCOPE_SEEN_MAX + 1), .seen_count = SCOPE_SEEN_MAX}, back;
  part_encode(&out, &part);
  assert_ok(part_decode(&arena, buf_view(&out), &back));
  part.seen_count++;
  buf_clear(&out);
  part_encode(&out, &part);
  assert_err(part_decode(&arena, buf_view(&out), &back), ERR_CORRUPT);
}

TEST(errors_keep_their_meaning_on_the_wire)
{
  assert_int_equal(wire_error(ERR_OK), 0);
  assert_int_equal(wire_error_back(wire_error(ERR_FORK)), ERR_FORK);
  assert_int_equal(wire_error_back(wire_error(ERR_CANCELLED)), ERR_IO);
  assert_int_equal(wire_error_back(99), ERR_PEER);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_encoded_is_decoded),
      cmocka_unit_test(a_quiet_cycle_is_small),
      cmocka_unit_test(fields_of_newer_programs_are_skipped),
      cmocka_unit_test(no_bytes_do_harm),
      cmocka_unit_test(a_field_twice_or_a_batch_that_claims_too_much_is_malformed),
      cmocka_unit_test(an_author_twice_or_without_entries_is_malformed),
      cmocka_unit_test(a_part_that_claims_more_authors_than_there_are_is_malformed),
      cmocka_unit_test(errors_keep_their_meaning_on_the_wire),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}

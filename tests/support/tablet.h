/* An office with a practice and a lobby tablet of its site, which exchange as sync does, without a network. */
#pragma once

#include "common/practice/scope.h"
#include "tests/support/practice_fixture.h"

typedef struct TestTablet {
  TestPractice p; /* the office */
  TestStore t;    /* the tablet, on the same clock */
  int64_t pushed; /* of the tablet's journal */
  size_t max_bytes;
  size_t rows; /* told in the last pull */
} TestTablet;

/* test_tablet_make: enrolled; nothing was told yet. */
TestTablet test_tablet_make(void);
void test_tablet_fini(TestTablet *tt);
/* tablet_pull: until there is no more. tablet_pull_part: one part. */
void tablet_pull(TestTablet *tt);
void tablet_pull_part(TestTablet *tt, bool *more);
/* tablet_push: everything that was not sent. *refused as push answers it. */
Err tablet_push(TestTablet *tt, uint64_t *refused);
/* tablet_sync: push, pull. */
void tablet_sync(TestTablet *tt);
/* tablet_days: time passes on both. */
void tablet_days(TestTablet *tt, int days);
/* tablet_reads: do these bytes stand anywhere in the files of the tablet's folder? */
bool tablet_reads(TestTablet *tt, const char *text);
bool tablet_reads_bytes(TestTablet *tt, Str bytes);
bool tablet_has(TestTablet *tt, const char *table, Uuid id);

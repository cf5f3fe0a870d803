/* A replica that every input finds as it was made: AUTO is of no use here, it lives as long as the program. */
#pragma once

#include "common/base/crypto.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/store_fixture.h"

typedef struct FuzzStore {
  EnvFake fake; /* first: the store's Env */
  TestFolder folder;
  const char *pristine, *work; /* folders of the replica as it was made, and of the one that is open */
  Store *store;
  Hash digest; /* of its tables, as they were made */
  int64_t head;
} FuzzStore;

/* fuzz_store_open: of a replica that is there; it must be closed. */
void fuzz_store_open(FuzzStore *s, const char *path, Instant now);
/* fuzz_store_again: as it was made. */
void fuzz_store_again(FuzzStore *s);
/* fuzz_store_same: has nothing changed? */
bool fuzz_store_same(FuzzStore *s);

/* A snapshot that a peer made up: the input is SQL that is run over a good one, or after a zero byte changes to its bytes (u24 where, u8
 * what). Installing takes it or leaves it: a node that refused it is as before, one that took it has a sound journal. */
#include <stdio.h>

#include "common/store/raw.h"
#include "common/store/verify.h"
#include "tests/fuzz/fuzz_store.h"
#include "tests/support/replicas.h"

enum { SNAPSHOT_MAX = 8 << 20, STEPS_MAX = 20000 };

static FuzzStore fresh;
static const char *path;
static uint8_t good[SNAPSHOT_MAX];
static size_t good_size;

static void write_snapshot(const uint8_t *patches, size_t count)
{
  static uint8_t bytes[SNAPSHOT_MAX];
  memcpy(bytes, good, good_size);
  for (size_t i = 0; i < count; i++, patches += 4)
    bytes[((size_t)patches[0] << 16 | (size_t)patches[1] << 8 | patches[2]) % good_size] = patches[3];
  FILE *file = fopen(path, "wb");
  REQUIRE(file && fwrite(bytes, 1, good_size, file) == good_size && fclose(file) == 0);
}

static void make(void)
{
  Replicas r = replicas_make(2);
  TestStore empty = test_store_seeded(400);
  int64_t head;
  Instant now = r.node[0].fake->now;
  test_client(r.node[0].store, 1, "Ana", "Ruiz");
  test_client(r.node[1].store, 2, "Ben", "Okafor");
  replicas_settle(&r);
  const char *made = test_folder_path(&r.node[0].folder, "snapshot");
  REQUIRE(snapshot_make(r.node[0].store, made, &head) == ERR_OK);
  FILE *file = fopen(made, "rb");
  REQUIRE(file);
  good_size = fread(good, 1, sizeof good, file);
  fclose(file);
  Str key = {(const char *)store_key(r.node[0].store)->public_key, SIGN_PUBLIC_SIZE};
  REQUIRE(local_set(empty.store, "root.key", key) == ERR_OK);
  store_close(empty.store);
  empty.store = NULL;
  fuzz_store_open(&fresh, empty.path, now);
  path = test_folder_path(&fresh.folder, "snapshot.db");
  test_store_fini(&empty);
  replicas_fini(&r);
  write_snapshot(good, 0);
  REQUIRE(snapshot_install(fresh.store, path) == ERR_OK);
  fuzz_store_again(&fresh);
}

static int no_attaching(void *context, int code, const char *a, const char *b, const char *c, const char *d)
{
  (void)context, (void)a, (void)b, (void)c, (void)d;
  return code == SQLITE_ATTACH || code == SQLITE_DETACH ? SQLITE_DENY : SQLITE_OK;
}

static int too_long(void *context)
{
  (void)context;
  return 1;
}

static void run_sql(const char *sql)
{
  AUTO(Raw, raw, raw_fini) = {0};
  REQUIRE(raw_open(&raw, path, &fresh.fake.env, SQLITE_OPEN_READWRITE) == ERR_OK);
  sqlite3_set_authorizer(raw.db, no_attaching, NULL);
  sqlite3_progress_handler(raw.db, STEPS_MAX, too_long, NULL);
  sqlite3_limit(raw.db, SQLITE_LIMIT_LENGTH, 1 << 20);
  sqlite3_db_config(raw.db, SQLITE_DBCONFIG_WRITABLE_SCHEMA, 1, NULL);
  (void)sqlite3_exec(raw.db, sql, NULL, NULL, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (!fresh.store) make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  bool patch = size > 0 && data[0] == 0;
  write_snapshot(data + 1, patch ? (size - 1) / 4 : 0);
  if (!patch) run_sql(arena_cstr(&arena, (Str){(const char *)data, size}));
  Err err = snapshot_install(fresh.store, path);
  if (err != ERR_OK) {
    REQUIRE(fuzz_store_same(&fresh));
    return 0;
  }
  VerifyReport report;
  err = verify_store(fresh.store, &report);
  REQUIRE(err == ERR_OK || err == ERR_CORRUPT); /* rows that are not what the journal says are found, not fatal */
  fuzz_store_again(&fresh);
  return 0;
}

void fuzz_seeds(void)
{
  static const char *const LIST[] = {
      "",
      "UPDATE client SET family = 'x'",
      "UPDATE journal SET body = x'00' WHERE pos = 2",
      "DELETE FROM journal WHERE pos = 1; UPDATE replica SET head = 99",
      "DROP TABLE client; CREATE TABLE client (id BLOB PRIMARY KEY)",
      "DROP TABLE client; CREATE VIEW client AS SELECT randomblob(9) AS id",
      "DROP TABLE client; CREATE VIEW client AS SELECT 1; UPDATE sqlite_schema SET type = 'VIEW' WHERE type = 'view'",
      "CREATE TRIGGER t AFTER INSERT ON client BEGIN DELETE FROM journal; END",
      "PRAGMA user_version = 99",
      "PRAGMA user_version = 1; DELETE FROM author_key",
      "UPDATE author SET seq = 9, hash = zeroblob(32); DELETE FROM signature",
      "UPDATE sqlite_schema SET sql = replace(sql, 'TEXT', 'ANY') WHERE name = 'client'",
      "ALTER TABLE client ADD COLUMN more TEXT GENERATED ALWAYS AS (hex(given)) VIRTUAL",
      "UPDATE journal SET hlc = -1; UPDATE seen SET hlc = 0; UPDATE shadow SET state = x'ff'",
      "INSERT INTO journal SELECT pos + 100, node, seq + 1, hlc, via, hash, body FROM journal"};
  for (size_t i = 0; i < COUNT_OF(LIST); i++) fuzz_seed(str_c(LIST[i]));
  fuzz_seed((Str){"\0\0\0\x60\xff\0\1\2\3", 9});
}

/* What a Tx costs over plain SQLite: 20,000 rows of 12 columns (274 bytes of text, UUIDv7 keys) inserted, then two columns of
 * each updated, both sides with the same settings and in the same run. Prints medians as ratios. A third side is plain SQLite
 * that also keeps a blob of the journal's size with every transaction: what a journal in the file costs at the very least.
 *
 * usage: store_bench [FOLDER [RUNS [ROWS]]]    FOLDER (/tmp) decides which disk is measured; a folder is made in it and
 *                                              removed. ROWS: only so many a transaction
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "common/store/internal.h"
#include "tests/support/folder.h"

enum { ROWS = 20000, COLUMNS = 12, RUNS_MAX = 25 };

#define COLUMNS_SQL                          \
  "  given TEXT NOT NULL,        -- 1: a\n"  \
  "  family TEXT NOT NULL,       -- 2: b\n"  \
  "  birth_date TEXT NOT NULL,   -- 3: c\n"  \
  "  phone TEXT NOT NULL,        -- 4: d\n"  \
  "  email TEXT NOT NULL,        -- 5: e\n"  \
  "  line1 TEXT NOT NULL,        -- 6: f\n"  \
  "  city TEXT NOT NULL,         -- 7: g\n"  \
  "  state TEXT NOT NULL,        -- 8: h\n"  \
  "  postal_code TEXT NOT NULL,  -- 9: i\n"  \
  "  status TEXT NOT NULL,       -- 10: j\n" \
  "  plan TEXT NOT NULL,         -- 11: k\n" \
  "  note TEXT NOT NULL,         -- 12: l\n"

static const char PLAIN_SQL[] =
    "CREATE TABLE bench (id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),\n" COLUMNS_SQL
    "  extra TEXT) STRICT, WITHOUT ROWID"; /* `extra`, NULL, stands where v is */
static const char OURS_SQL[] = "-- table 1 bench: a client\n"
                               "CREATE TABLE bench (\n"
                               "  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),\n" COLUMNS_SQL
                               "  v BLOB NOT NULL DEFAULT (foyer_stamp())\n"
                               ") STRICT, WITHOUT ROWID;\n"
                               "-- table 2 node: stands in\n"
                               "CREATE TABLE node (\n"
                               "  id BLOB NOT NULL PRIMARY KEY,\n"
                               "  revoked_at INTEGER, -- 1: x\n"
                               "  v BLOB NOT NULL DEFAULT (foyer_stamp())\n"
                               ") STRICT, WITHOUT ROWID;\n";

/* As the table `client` has them. */
static const char INDEX_SQL[] = "CREATE INDEX bench_name ON bench (family, given);"
                                "CREATE INDEX bench_birth ON bench (birth_date)";

typedef struct Setup {
  int per_tx; /* rows a transaction */
  const char *synchronous;
  bool indexed;
} Setup;

typedef struct Data {
  Uuid id;
  char text[COLUMNS][256];
  char new_phone[24], new_status[24];
} Data;

/* Wall: what a person waits for. Processor: what does not depend on who else uses the machine. */
typedef struct Moment {
  double wall_s, cpu_s;
} Moment;

static double clock_s(clockid_t clock)
{
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static Moment since(Moment start)
{
  return (Moment){clock_s(CLOCK_MONOTONIC) - start.wall_s, clock_s(CLOCK_PROCESS_CPUTIME_ID) - start.cpu_s};
}

typedef struct Result {
  Moment insert, update;
  double file_bytes, file_after_insert, journal_bytes; /* the file without the journal */
  size_t insert_body, update_body;                     /* bytes of a transaction's journal entry */
  double packed_insert, packed_update;                 /* bytes a row, zlib level 1 over batches of 64 kB */
} Result;

static void must(int ok, const char *what)
{
  if (ok) return;
  fprintf(stderr, "store_bench: %s: %s\n", what, err_detail());
  exit(1);
}

static unsigned pick(unsigned *seed, unsigned n)
{
  *seed = *seed * 1664525u + 1013904223u;
  return (*seed >> 8) % n;
}

/* About 274 bytes a row, of the kind that an office types. */
static void fill(Data *d, unsigned *seed, EnvFake *env)
{
  static const char *const given[] = {"Maria",  "John",   "Aisha", "Wei",  "Olga",
                                      "Pierre", "Fatima", "Juan",  "Emma", "Noah"};
  static const char *const family[] = {"Sanchez", "Miller", "Nguyen", "Okafor", "Petrova", "Dupont", "Haddad", "Lee"};
  static const char *const street[] = {"Main Street", "Oak Avenue", "Chestnut Hill Road", "3rd Street",
                                       "Lakeview Drive"};
  static const char *const city[] = {"Springfield", "Riverton", "Lake Charles", "Port Angeles", "Santa Rosa"};
  static const char *const words[] = {"prefers",     "morning",    "visits", "allergic", "to",
                                      "latex",       "calls",      "before", "arrival",  "needs",
                                      "interpreter", "wheelchair", "access", "referred", "by"};
  const char *g = given[pick(seed, 10)], *f = family[pick(seed, 8)];
  env_fake_advance(env, pick(seed, 3));
  d->id = uuid_v7(&env->env);
  snprintf(d->text[0], 64, "%s", g);
  snprintf(d->text[1], 64, "%s", f);
  snprintf(d->text[2], 64, "%04u-%02u-%02u", 1930 + pick(seed, 90), 1 + pick(seed, 12), 1 + pick(seed, 28));
  snprintf(d->text[3], 64, "+1 555 %03u %04u", pick(seed, 1000), pick(seed, 10000));
  snprintf(d->text[4], 64, "%s.%s%u@example.com", g, f, pick(seed, 1000));
  snprintf(d->text[5], 64, "%u %s", 1 + pick(seed, 9000), street[pick(seed, 5)]);
  snprintf(d->text[6], 64, "%s", city[pick(seed, 5)]);
  snprintf(d->text[7], 64, "CA");
  snprintf(d->text[8], 64, "%05u", pick(seed, 100000));
  snprintf(d->text[9], 64, "active");
  snprintf(d->text[10], 64, "Blue Shield PPO %u", pick(seed, 40));
  size_t used = 0;
  for (int c = 0; c < COLUMNS - 1; c++) used += strlen(d->text[c]);
  for (size_t n = 0; used + n < 274;)
    n += (size_t)snprintf(d->text[11] + n, sizeof d->text[11] - n, "%s ", words[pick(seed, 15)]);
  d->text[11][274 - used] = 0;
  snprintf(d->new_phone, sizeof d->new_phone, "+1 555 %03u %04u", pick(seed, 1000), pick(seed, 10000));
  snprintf(d->new_status, sizeof d->new_status, "%s", pick(seed, 2) ? "inactive" : "moved");
}

/* --------------------------------------------------------------------------------------------------------------- plain */

static void plain_exec(sqlite3 *db, const char *sql)
{
  if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK) return;
  fprintf(stderr, "store_bench: %s: %s\n", sql, sqlite3_errmsg(db));
  exit(1);
}

static double file_size(const char *path)
{
  struct stat info;
  return stat(path, &info) == 0 ? (double)info.st_size : 0;
}

typedef struct Plain {
  sqlite3 *db;
  sqlite3_stmt *begin, *commit, *insert, *update, *keep;
  size_t blob; /* bytes to keep with every transaction; 0: none */
} Plain;

static void plain_step(sqlite3_stmt *stmt)
{
  if (sqlite3_step(stmt) != SQLITE_DONE) exit(1);
  sqlite3_reset(stmt);
}

static void plain_insert(const Plain *p, const Data *d)
{
  sqlite3_bind_blob(p->insert, 1, d->id.bytes, 16, SQLITE_STATIC);
  for (int c = 0; c < COLUMNS; c++) sqlite3_bind_text(p->insert, 2 + c, d->text[c], -1, SQLITE_STATIC);
  plain_step(p->insert);
}

static void plain_update(const Plain *p, const Data *d)
{
  sqlite3_bind_text(p->update, 1, d->new_phone, -1, SQLITE_STATIC);
  sqlite3_bind_text(p->update, 2, d->new_status, -1, SQLITE_STATIC);
  sqlite3_bind_blob(p->update, 3, d->id.bytes, 16, SQLITE_STATIC);
  plain_step(p->update);
}

static Moment plain_all(const Plain *p, const Data *data, int per_tx, void (*one)(const Plain *, const Data *))
{
  Moment start = since((Moment){0});
  for (int i = 0; i < ROWS; i += per_tx) {
    plain_step(p->begin);
    for (int j = i; j < i + per_tx && j < ROWS; j++) one(p, &data[j]);
    if (p->blob) {
      sqlite3_bind_blob64(p->keep, 1, data, p->blob, SQLITE_STATIC); /* any bytes will do */
      plain_step(p->keep);
    }
    plain_step(p->commit);
  }
  return since(start);
}

static void plain_open(Plain *p, const char *path, const Setup *setup)
{
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  must(sqlite3_open_v2(path, &p->db, flags, NULL) == SQLITE_OK, "open");
  plain_exec(p->db, "PRAGMA journal_mode = WAL; PRAGMA cache_size = -16000; PRAGMA temp_store = MEMORY");
  plain_exec(p->db, setup->synchronous);
  plain_exec(p->db, PLAIN_SQL);
  plain_exec(p->db, "CREATE TABLE journal (pos INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT");
  if (setup->indexed) plain_exec(p->db, INDEX_SQL);
  sqlite3_prepare_v2(p->db, "BEGIN IMMEDIATE", -1, &p->begin, NULL);
  sqlite3_prepare_v2(p->db, "COMMIT", -1, &p->commit, NULL);
  sqlite3_prepare_v2(p->db, "INSERT INTO bench VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,NULL)", -1, &p->insert, NULL);
  sqlite3_prepare_v2(p->db, "UPDATE bench SET phone = ?, status = ? WHERE id = ?", -1, &p->update, NULL);
  sqlite3_prepare_v2(p->db, "INSERT INTO journal (body) VALUES (?)", -1, &p->keep, NULL);
}

/* run_plain: bodies (NULL: none) says how large a blob is kept with every transaction. */
static Result run_plain(const char *path, const Data *data, const Setup *setup, const Result *bodies)
{
  Plain p = {0};
  Result result = {0};
  plain_open(&p, path, setup);
  p.blob = bodies ? bodies->insert_body : 0;
  result.insert = plain_all(&p, data, setup->per_tx, plain_insert);
  plain_exec(p.db, "PRAGMA wal_checkpoint(TRUNCATE)");
  result.file_after_insert = file_size(path);
  p.blob = bodies ? bodies->update_body : 0;
  result.update = plain_all(&p, data, setup->per_tx, plain_update);
  plain_exec(p.db, "PRAGMA wal_checkpoint(TRUNCATE)");
  result.file_bytes = file_size(path);
  for (sqlite3_stmt *stmt; (stmt = sqlite3_next_stmt(p.db, NULL));) sqlite3_finalize(stmt);
  sqlite3_close(p.db);
  unlink(path);
  return result;
}

/* ---------------------------------------------------------------------------------------------------------------- ours */

static void our_insert(Tx *tx, const Data *d)
{
  const char(*t)[256] = d->text;
  const Col *cols =
      COLS(col_text("given", str_c(t[0])), col_text("family", str_c(t[1])), col_text("birth_date", str_c(t[2])),
           col_text("phone", str_c(t[3])), col_text("email", str_c(t[4])), col_text("line1", str_c(t[5])),
           col_text("city", str_c(t[6])), col_text("state", str_c(t[7])), col_text("postal_code", str_c(t[8])),
           col_text("status", str_c(t[9])), col_text("plan", str_c(t[10])), col_text("note", str_c(t[11])));
  must(tx_insert(tx, "bench", d->id, cols) == ERR_OK, "insert");
}

static void our_update(Tx *tx, const Data *d)
{
  const Col *cols = COLS(col_text("phone", str_c(d->new_phone)), col_text("status", str_c(d->new_status)));
  must(tx_update(tx, "bench", d->id, cols) == ERR_OK, "update");
}

static Moment our_all(Store *store, EnvFake *env, const Data *data, int per_tx, void (*one)(Tx *, const Data *))
{
  Moment start = since((Moment){0});
  for (int i = 0; i < ROWS; i += per_tx) {
    Tx tx;
    env->now += 3;
    must(tx_begin(store, actor_system(), "bench.write", "", &tx) == ERR_OK, "begin");
    for (int j = i; j < i + per_tx && j < ROWS; j++) one(&tx, &data[j]);
    must(tx_commit(&tx) == ERR_OK, "commit");
  }
  return since(start);
}

/* packed: the bodies after `pos` with their heads, in batches, by zlib; bytes a row. *body: the mean of a body. */
static double packed(Store *store, int64_t after, size_t *body)
{
  double total = 0;
  size_t bodies = 0, bytes = 0;
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  for (;;) {
    JournalEntry *entries;
    size_t count;
    arena_reset(&arena);
    must(journal_read(store, &arena, after, 100000, 1 << 16, &entries, &count) == ERR_OK, "read");
    if (count == 0) break;
    AUTO(Buf, batch, buf_fini) = buf_make(1 << 24);
    for (size_t i = 0; i < count; i++, bodies++) {
      buf_u32(&batch, entries[i].node);
      buf_varint(&batch, entries[i].seq);
      buf_varint(&batch, entries[i].hlc);
      buf_chunk(&batch, entries[i].body.ptr, entries[i].body.len);
      bytes += entries[i].body.len;
    }
    after = entries[count - 1].pos;
    uLong size = compressBound(batch.len);
    Bytef *out = malloc(size);
    must(out && compress2(out, &size, batch.data, batch.len, 1) == Z_OK, "compress");
    free(out);
    total += (double)size;
  }
  *body = bytes / bodies;
  return total / ROWS;
}

static double table_bytes(Store *store, const char *name)
{
  double bytes = 0;
  sqlite3_stmt *stmt;
  sqlite3_set_authorizer(store->db, NULL, NULL);
  must(sqlite3_prepare_v2(store->db, "SELECT sum(pgsize) FROM dbstat WHERE name LIKE ?", -1, &stmt, NULL) == SQLITE_OK,
       "dbstat");
  sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
  if (sqlite3_step(stmt) == SQLITE_ROW) bytes = sqlite3_column_double(stmt, 0);
  sqlite3_finalize(stmt);
  return bytes;
}

static Result run_ours(TestFolder *folder, const char *name, const Data *data, const Setup *setup)
{
  Result result = {0};
  EnvFake env;
  env_fake_init(&env, 1772463600000, 7);
  const Migration migrations[] = {{"bench", OURS_SQL}, MIGRATIONS[1], {"indexes", INDEX_SQL}};
  Store *store;
  size_t count = setup->indexed ? 3 : 2;
  must(store_open_with(test_folder_path(folder, name), &env.env, migrations, count, true, &store) == ERR_OK, "create");
  must(store_exec(store, setup->synchronous) == ERR_OK, "settings");
  result.insert = our_all(store, &env, data, setup->per_tx, our_insert);
  result.packed_insert = packed(store, 0, &result.insert_body);
  int64_t inserted = store_head(store);
  result.file_after_insert = table_bytes(store, "bench%");
  must(store_exec(store, "PRAGMA wal_checkpoint(TRUNCATE)") == ERR_OK, "checkpoint");
  result.update = our_all(store, &env, data, setup->per_tx, our_update);
  result.packed_update = packed(store, inserted, &result.update_body);
  result.file_bytes = table_bytes(store, "bench%");
  result.journal_bytes = table_bytes(store, "journal");
  store_close(store);
  unlink(test_folder_path(folder, arena_printf(&folder->arena, "%s/foyer.db", name)));
  return result;
}

/* ------------------------------------------------------------------------------------------------------------- report */

static int ascending(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *values, int count)
{
  qsort(values, (size_t)count, sizeof *values, ascending);
  return values[count / 2];
}

typedef struct Series { /* of one phase, over the runs */
  double plain_s[RUNS_MAX], ours_s[RUNS_MAX], wall[RUNS_MAX], cpu[RUNS_MAX], least_wall[RUNS_MAX], least_cpu[RUNS_MAX];
} Series;

static void add(Series *series, int run, Moment plain, Moment least, Moment ours)
{
  series->plain_s[run] = plain.wall_s;
  series->ours_s[run] = ours.wall_s;
  series->wall[run] = ours.wall_s / plain.wall_s;
  series->cpu[run] = ours.cpu_s / plain.cpu_s;
  series->least_wall[run] = least.wall_s / plain.wall_s;
  series->least_cpu[run] = least.cpu_s / plain.cpu_s;
}

static void print(const char *phase, Series *series, int runs)
{
  printf("  %s  %.3f s / %.3f s = %.2f, processor %.2f (plain with blobs %.2f, processor %.2f)\n", phase,
         median(series->ours_s, runs), median(series->plain_s, runs), median(series->wall, runs),
         median(series->cpu, runs), median(series->least_wall, runs), median(series->least_cpu, runs));
}

static void compare(TestFolder *folder, const Data *data, Setup setup, int runs)
{
  Series insert, update;
  Result plain = {0}, ours = {0};
  const char *file = test_folder_path(folder, "plain.db");
  for (int i = 0; i < runs; i++) {
    static int number;
    plain = run_plain(file, data, &setup, NULL);
    ours = run_ours(folder, arena_printf(&folder->arena, "%d", number++), data, &setup);
    Result least = run_plain(file, data, &setup, &ours);
    add(&insert, i, plain.insert, least.insert, ours.insert);
    add(&update, i, plain.update, least.update, ours.update);
  }
  printf("%s, %d rows a transaction, %s\n", setup.synchronous, setup.per_tx,
         setup.indexed ? "two indexes" : "no index");
  print("insert", &insert, runs);
  print("update", &update, runs);
  printf("  table %.2fx after insert, %.2fx after update; journal %.0f bytes a change; packed %.0f / %.0f bytes\n",
         ours.file_after_insert / plain.file_after_insert, ours.file_bytes / plain.file_bytes,
         ours.journal_bytes / (2 * ROWS), ours.packed_insert, ours.packed_update);
  fflush(stdout);
}

int main(int argc, char **argv)
{
  if (argc > 1) setenv("TMPDIR", argv[1], 1);
  int runs = argc > 2 ? atoi(argv[2]) : 5;
  int only = argc > 3 ? atoi(argv[3]) : 0;
  if (runs < 1 || runs > RUNS_MAX) return 2;
  AUTO(TestFolder, folder, test_folder_fini) = test_folder_make();
  Data *data = calloc(ROWS, sizeof *data);
  if (!data) return 1;
  unsigned seed = 1;
  EnvFake env;
  env_fake_init(&env, 1772463600000, 1);
  for (int i = 0; i < ROWS; i++) fill(&data[i], &seed, &env);
  static const Setup setups[] = {
      {100, "PRAGMA synchronous=NORMAL", false}, {1, "PRAGMA synchronous=NORMAL", false},
      {100, "PRAGMA synchronous=NORMAL", true},  {1, "PRAGMA synchronous=NORMAL", true},
      {100, "PRAGMA synchronous=FULL", true},    {1, "PRAGMA synchronous=FULL", true},
  };
  for (size_t i = 0; i < COUNT_OF(setups); i++) {
    if (only == 0 || only == setups[i].per_tx) compare(&folder, data, setups[i], runs);
  }
  free(data);
  return 0;
}

/* First sync of a new node, beside the least that it could take: a compressed copy of the upstream's SQLite file in pieces over the
 * same kind of TLS connection, synced to the disk. Both ends run in this process.
 *
 * usage: sync_first_bench [ROWS ...]    200,000 unless given
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "common/base/file.h"
#include "common/base/log.h"
#include "sync/http/client.h"
#include "sync/hub/range.h"
#include "sync/tls/tls.h"
#include "tests/support/bench_rows.h"
#include "tests/support/nodes.h"

enum { PIECE = 1 << 20, CHUNK = 256 << 10 };

/* ------------------------------------------------------------------------------------------------------ copy of a file */

typedef struct Packed {
  uint8_t *bytes;
  size_t size;
} Packed;

static void give(HttpRequest *request, HttpResponse *response, void *context)
{
  const Packed *packed = context;
  ByteRange range;
  must(range_of(request, (int64_t)packed->size, PIECE, &range), "range");
  range_answer(request, response, range, (int64_t)packed->size,
               (Str){(const char *)packed->bytes + range.start, (size_t)range.length});
}

static Packed pack(const char *path)
{
  FILE *in = fopen(path, "rbe");
  struct stat info;
  if (!in || fstat(fileno(in), &info) != 0) abort();
  uLong room = compressBound((uLong)info.st_size);
  Packed out = {malloc(room), 0};
  uint8_t *from = malloc(CHUNK);
  z_stream z = {0};
  if (!out.bytes || !from || deflateInit(&z, 1) != Z_OK) abort();
  z.next_out = out.bytes;
  z.avail_out = (uInt)room;
  int flush = Z_NO_FLUSH;
  while (flush != Z_FINISH) {
    z.avail_in = (uInt)fread(from, 1, CHUNK, in);
    z.next_in = from;
    flush = feof(in) ? Z_FINISH : Z_NO_FLUSH;
    (void)deflate(&z, flush);
  }
  out.size = z.total_out;
  deflateEnd(&z);
  free(from);
  fclose(in);
  return out;
}

static void unpack(Packed packed, const char *path)
{
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  uint8_t *to = malloc(CHUNK);
  z_stream z = {.next_in = packed.bytes, .avail_in = (uInt)packed.size};
  if (fd < 0 || !to || inflateInit(&z) != Z_OK) abort();
  int code = Z_OK;
  while (code == Z_OK) {
    z.next_out = to;
    z.avail_out = CHUNK;
    code = inflate(&z, Z_NO_FLUSH);
    size_t ready = CHUNK - z.avail_out;
    if (write(fd, to, ready) != (ssize_t)ready) abort();
  }
  if (code != Z_STREAM_END || fsync(fd) != 0) abort();
  inflateEnd(&z);
  free(to);
  close(fd);
}

static Packed fetch(const char *url, size_t size)
{
  HttpClientOptions options = {.url = url}; /* nobody is checked, as no name is known; the handshake is the same */
  AUTO(HttpClient *, client, http_client_freep) = NULL;
  must(http_client_new(&options, &client), "client");
  Packed out = {malloc(size), 0};
  if (!out.bytes) abort();
  while (out.size < size) {
    AUTO(Arena, arena, arena_fini) = arena_make(64 << 20);
    HttpCall call = {
        .method = "GET", .path = "/file", .range_start = (int64_t)out.size, .range_length = PIECE, .silence_ms = 60000};
    HttpAnswer answer = http_client_call(client, &arena, &call);
    must(answer.err, "fetch");
    memcpy(out.bytes + out.size, answer.body.ptr, answer.body.len);
    out.size += answer.body.len;
  }
  return out;
}

/* copy_file: seconds from the file to its copy. */
static double copy_file(TestNode *root, int64_t *size)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  TlsIdentity identity;
  must(tls_load(root->store, &arena, &identity), "certificate");
  const char *file = arena_printf(&arena, "%s/foyer.db", root->path);
  const char *copy = arena_printf(&arena, "%s/copy.db", root->path);
  Packed packed = {0};
  HttpOptions options = {.listen = "127.0.0.1:0",
                         .store_folder = root->path,
                         .env = &root->env,
                         .certificate_pem = identity.node_pem,
                         .key_pem = identity.node_key_pem,
                         .workers = 1};
  HttpServer *server;
  must(http_server_new(&options, &server), "server");
  http_route(server, "GET", "/file", 0, give, &packed);
  must(http_server_start(server), "server");
  double start = wall_s();
  packed = pack(file);
  *size = (int64_t)packed.size;
  Packed got = fetch(arena_printf(&arena, "https://127.0.0.1:%d", http_server_port(server)), packed.size);
  unpack(got, copy);
  double took = wall_s() - start;
  http_server_free(server);
  free(packed.bytes);
  free(got.bytes);
  unlink(copy);
  return took;
}

/* -------------------------------------------------------------------------------------------------------------- report */

static void measure(size_t rows)
{
  AUTO(TestNode *, root, test_node_freep) = test_root();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Uuid *ids = rows_ids(rows);
  rows_insert(root->store, ids, rows, 100);
  free(ids);
  struct stat info;
  if (stat(arena_printf(&arena, "%s/foyer.db", root->path), &info) != 0) abort();
  int64_t packed;
  double copy_s = copy_file(root, &packed);
  TestNode *node;
  must(test_enrol(root, "office", 0, test_code(root, "office"), &node), "enrol");
  AUTO(TestNode *, office, test_node_freep) = node;
  double start = wall_s();
  must(agent_catch_up(office->store, 3600000), "first sync");
  double took = wall_s() - start;
  printf("%zu rows: first sync %.2f s; copy of the file (%.0f MB, %.0f packed) %.2f s; ratio %.2f; the same: %s\n",
         rows, took, (double)info.st_size / 1e6, (double)packed / 1e6, copy_s, took / copy_s,
         test_equal(root, office) ? "yes" : "NO");
  fflush(stdout);
}

int main(int argc, char **argv)
{
  log_open("bench", LOG_ERROR, stderr, env_system());
  for (int i = 1; i < argc; i++) measure((size_t)atoll(argv[i]));
  if (argc == 1) measure(200000);
  return 0;
}

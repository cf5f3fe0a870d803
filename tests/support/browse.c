#include "tests/support/browse.h"

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "tests/support/unit.h"

enum { ANSWER_MAX = 8 << 20 };
extern char **environ;

static Str read_all(Arena *arena, int fd)
{
  AUTO(Buf, all, buf_fini) = buf_make(ANSWER_MAX);
  for (;;) {
    uint8_t *at = buf_reserve(&all, 65536);
    assert_non_null(at);
    ssize_t n = read(fd, at, 65536);
    if (n <= 0) break;
    all.len += (size_t)n;
  }
  return arena_strdup(arena, buf_view(&all));
}

static Str run(Arena *arena, char *const args[])
{
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  posix_spawn_file_actions_addclose(&actions, ends[1]);
  pid_t child;
  int failed = posix_spawnp(&child, "curl", &actions, NULL, args, environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  if (failed) fail_msg("curl: %s", strerror(failed));
  Str out = read_all(arena, ends[0]);
  close(ends[0]);
  int status;
  waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) fail_msg("curl ended with %d", WEXITSTATUS(status));
  return out;
}

typedef struct Args {
  const char **items;
  size_t count, capacity;
} Args;

static void add(Arena *arena, Args *args, const char *text)
{
  args->items = arena_grow_array(arena, args->items, args->count, &args->capacity, sizeof *args->items);
  args->items[args->count++] = text;
}

static void add_request(Arena *arena, Args *args, const Browse *request)
{
  static const char *const always[] = {"-s", "-k", "--max-time", "60", "-X"};
  for (size_t i = 0; i < COUNT_OF(always); i++) add(arena, args, always[i]);
  add(arena, args, request->method);
  for (size_t i = 0; i < COUNT_OF(request->headers) && request->headers[i]; i++) {
    add(arena, args, "-H");
    add(arena, args, request->headers[i]);
  }
  if (request->cookie) {
    add(arena, args, "-b");
    add(arena, args, request->cookie);
  }
  if (request->body) {
    add(arena, args, "--data-binary");
    add(arena, args, request->body);
  }
  add(arena, args, arena_printf(arena, "https://127.0.0.1:%d%s", request->port, request->path));
}

static Str run_args(Arena *arena, const Args *args)
{
  char **copy = ARENA_ARRAY(arena, char *, args->count + 1); /* posix_spawn wants them writable */
  for (size_t i = 0; i < args->count; i++) copy[i] = arena_printf(arena, "%s", args->items[i]);
  return run(arena, copy);
}

Browsed browse(Arena *arena, const Browse *request)
{
  Args args = {0};
  add(arena, &args, "curl");
  add(arena, &args, "-i");
  add_request(arena, &args, request);
  Str out = run_args(arena, &args);
  Browsed answer = {0};
  const char *end = memmem(out.ptr, out.len, "\r\n\r\n", 4);
  if (!end) fail_msg("%s %s: no answer", request->method, request->path);
  answer.head = (Str){out.ptr, (size_t)(end - out.ptr) + 2};
  answer.body = (Str){end + 4, out.len - answer.head.len - 2};
  if (sscanf(answer.head.ptr, "HTTP/%*s %d", &answer.status) != 1) fail_msg("not a status line");
  return answer;
}

void browse_statuses(Arena *arena, const Browse requests[], size_t count, int statuses[])
{
  Args args = {0};
  add(arena, &args, "curl");
  for (size_t i = 0; i < count; i++) {
    if (i) add(arena, &args, "--next");
    static const char *const quiet[] = {"-o", "/dev/null", "-w", "%{http_code}\n"};
    for (size_t j = 0; j < COUNT_OF(quiet); j++) add(arena, &args, quiet[j]);
    add_request(arena, &args, &requests[i]);
  }
  Str out = run_args(arena, &args);
  for (size_t i = 0; i < count; i++) {
    int64_t status = 0;
    if (!str_to_int64(str_cut(&out, '\n'), &status) || status == 0)
      fail_msg("%s %s: no answer", requests[i].method, requests[i].path);
    statuses[i] = (int)status;
  }
}

Str browse_header(Arena *arena, const Browsed *answer, const char *name)
{
  Str rest = answer->head;
  while (rest.len) {
    Str line = str_trim(str_cut(&rest, '\n'));
    Str key = str_cut(&line, ':');
    if (str_eq_ascii_nocase(key, str_c(name))) return arena_strdup(arena, str_trim(line));
  }
  return STR("");
}

json_t *browse_json(const Browsed *answer)
{
  json_t *value = NULL;
  if (json_parse(answer->body, &value) != ERR_OK)
    fail_msg("not JSON (%d): " STR_FMT, answer->status, STR_ARG(answer->body));
  return value;
}

/* What the handlers of sync/web share: read once at web_open, and the board's cache. Not for others. */
#pragma once

#include <pthread.h>

#include "common/base/arena.h"
#include "common/base/crypto.h"
#include "common/base/date.h"
#include "common/base/json.h"
#include "sync/web/request.h"

typedef struct WebFile {
  const char *path; /* below web/: "desk/app.js" */
  const char *media_type;
  Str bytes;
} WebFile;

typedef struct WebLanguage {
  const char *tag;
  Str json; /* sentences of all files */
} WebLanguage;

enum { WEB_BOARDS_MAX = 16, WEB_BOARD_HASH_LEN = 16, WEB_BUILD_LEN = 16 };

/* One day of one site as it was at a position of the journal, ready to be sent to everyone who may see it. */
typedef struct WebBoard {
  Uuid site;
  Date day;
  int64_t head; /* -1: empty */
  uint64_t used;
  char hash[WEB_BOARD_HASH_LEN + 1];
  char *body; /* malloc */
  size_t len;
} WebBoard;

struct Web {
  Arena arena; /* files, sentences, theme */
  const char *enrol_url;
  int64_t idle_ms;
  WebFile *files;
  size_t file_count;
  char build[WEB_BUILD_LEN +
             1]; /* hash of all files: part of their addresses, so that a page never mixes two versions */
  WebLanguage *languages;
  size_t language_count;
  json_t *theme;
  WebBinding *bindings;
  pthread_mutex_t lock; /* of what follows */
  WebBoard boards[WEB_BOARDS_MAX];
  uint64_t board_clock;
};

/* web_boards_forget: something that boards show has changed without a journal entry. */
void web_boards_forget(Web *web);

/* web_pages_load, web_pages_routes: static files, theme and sentences. web_theme_css: the tokens as custom properties, with the practice's accent
 * ("" for the theme's own). */
MUST_CHECK Err web_pages_load(Web *web, const char *folder);
void web_pages_routes(HttpServer *server, Web *web);
Str web_theme_css(Arena *arena, json_t *theme, Str accent);
